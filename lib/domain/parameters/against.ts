import { isBeyondBps, percentOf } from '../bps.ts'
import { Decimal } from '../decimal.ts'
import type { PushPolicy } from '../push-policy.ts'
import type { GuardRules } from './guards.ts'
import { leaning, leanText } from './lean.ts'
import type { NotedPrice, ShadowNote } from './shadow-note.ts'
import { type Offer, postedFurther, pushesOf, slotsText } from './told-by.ts'

/** What a candidate was seen to do in shadow. */
export type CandidateSight = {
  /** No node makes prices here, so that there is no round to be seen. */
  readonly makesNoPrices?: true
  /** Of each slot of publish-prices that both decided, or that the candidate could not. */
  readonly rounds: readonly Pick<ShadowNote, 'failed' | 'prices'>[]
  /** Of each exchange, slot by slot, oldest first: what could have been told. */
  readonly offers: Readonly<Record<string, readonly Offer[]>>
}

/**
 * What speaks against a candidate by its shadow run, in words; undefined where nothing does. A candidate that has prices where the
 * active set has none is told of as well: either is too careful or the other one not careful enough, and people must say which.
 */
export function whyAgainst(
  { makesNoPrices, rounds, offers }: CandidateSight,
  rules: Pick<GuardRules, 'mostBps' | 'leanBps' | 'refusedPercent' | 'costFactor'>,
  policies: Policies,
): string | undefined {
  const found = [
    ...failures(rounds),
    ...distances(rounds, rules),
    ...leans(rounds, rules),
    ...refusals(rounds, rules),
    ...costs(offers, rules, policies),
    ...lags(offers, rules, policies),
  ]
  if (!makesNoPrices && rounds.length === 0) found.push('it was in no round of prices yet')
  return found.length === 0 ? undefined : found.join('; ')
}

type Rounds = CandidateSight['rounds']

type Policies = {
  readonly active: Readonly<Record<string, PushPolicy>>
  readonly candidate: Readonly<Record<string, PushPolicy>>
}

function failures(rounds: Rounds): readonly string[] {
  const failed = rounds.filter((round) => round.failed !== undefined)
  return failed.length === 0
    ? []
    : [`it could not decide ${failed.length} of ${rounds.length} rounds: ${failed[0]?.failed}`]
}

function distances(rounds: Rounds, { mostBps }: Pick<GuardRules, 'mostBps'>): readonly string[] {
  const far = rounds
    .flatMap(({ prices }) => prices?.apart ?? [])
    .flatMap((one) => distanceOf(one) ?? [])
    .filter(({ distance, base }) => isBeyondBps(distance, base, mostBps))
  const worst = far.toSorted((one, other) =>
    other.distance.div(other.base).cmp(one.distance.div(one.base)),
  )[0]
  if (!worst) return []
  const { feed, distance, base } = worst
  return [
    `${far.length} of its prices are more than ${mostBps} bps from the active set’s, ${feed} by ${percentOf(distance, base)} at worst`,
  ]
}

function leans(rounds: Rounds, { leanBps }: Pick<GuardRules, 'leanBps'>): readonly string[] {
  const lean = leaning(
    rounds.flatMap(({ prices }) => (prices ? [prices.apart] : [])),
    { mostBps: leanBps, of: 'shadow' },
  )
  if (!lean) return []
  return [
    `in the middle of ${lean.rounds} rounds its price of ${lean.feed} is ${leanText(lean)} the active set’s, and ${leanBps} bps are allowed`,
  ]
}

function distanceOf({ feed, own, shadow }: NotedPrice) {
  if (own.kind !== 'price' || shadow.kind !== 'price') return undefined
  const base = new Decimal(own.price)
  return { feed, base, distance: new Decimal(shadow.price).sub(base).abs() }
}

function refusals(
  rounds: Rounds,
  { refusedPercent }: Pick<GuardRules, 'refusedPercent'>,
): readonly string[] {
  const noted = rounds.flatMap(({ prices }) => prices ?? [])
  const feeds = noted.reduce((sum, { same, apart }) => sum + same + apart.length, 0)
  const apart = noted.flatMap((one) => one.apart)
  const only = (which: 'own' | 'shadow') =>
    apart.filter(
      (one) =>
        one[which].kind === 'price' && one[which === 'own' ? 'shadow' : 'own'].kind === 'none',
    ).length
  const [lost, gained] = [only('own'), only('shadow')]
  const isMuch = (count: number) => count * 100 > feeds * refusedPercent
  return [
    ...(isMuch(lost - gained)
      ? [`it has no price in ${lost} of ${feeds} cases in which the active set has one`]
      : []),
    ...(isMuch(gained)
      ? [
          `it has a price in ${gained} of ${feeds} cases in which the active set refuses or holds it`,
        ]
      : []),
  ]
}

function costs(
  offers: CandidateSight['offers'],
  { costFactor }: Pick<GuardRules, 'costFactor'>,
  { active, candidate }: Policies,
): readonly string[] {
  return Object.entries(offers).flatMap(([engine, slots]) => {
    const [its, ours] = [pushesOf(slots, candidate), pushesOf(slots, active)]
    // Of one or two pushes no factor says anything.
    if (its <= Math.max(ours, 3) * costFactor) return []
    return [
      `it would have told ${its} prices to ${engine}, and the active set ${ours}: more than ${costFactor} times as many`,
    ]
  })
}

/** Its prices may be the same, and yet not be told when they have moved. */
function lags(
  offers: CandidateSight['offers'],
  { mostBps }: Pick<GuardRules, 'mostBps'>,
  { active, candidate }: Policies,
): readonly string[] {
  return Object.entries(offers).flatMap(([engine, slots]) => {
    const far = postedFurther(slots, { own: candidate, other: active, mostBps })
    if (!far) return []
    return [
      `what ${engine} has of ${far.market} would have been up to ${percentOf(far.distance, far.base)} further from its price, in ${slotsText(far)}, and ${mostBps} bps are allowed`,
    ]
  })
}
