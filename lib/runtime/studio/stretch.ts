import { Decimal } from '../../domain/decimal.ts'
import { parseMarket } from '../../domain/market.ts'
import { type CandidateSight, whyAgainst } from '../../domain/parameters/against.ts'
import { compareMarkets } from '../../domain/parameters/compare-markets.ts'
import type { GuardRules } from '../../domain/parameters/guards.ts'
import type { Compared, ShadowMarket } from '../../domain/parameters/shadow-report.ts'
import { wouldHaveTold } from '../../domain/parameters/would-have-told.ts'
import type { PushPolicy } from '../../domain/push-policy.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Noted, NotedOffer, NotedRound } from './noted-slots.ts'

/** The newest slots in a row that the same two sets decided beside each other. */
export type Stretch = Noted & {
  readonly kind: 'candidate' | 'previous'
  /** The hashes of the active set and of the other one. */
  readonly sets: Compared<string>
  readonly from: Timestamp
  readonly to: Timestamp
}

/** What the two came to, in numbers; JSON as it is. bps are floats, for reading alone. */
export type StretchNumbers = {
  readonly kind: 'candidate' | 'previous'
  readonly from: number
  readonly to: number
  readonly slots: number
  readonly differ: number
  /** Slots that the other set could not decide. */
  readonly failed: number
  /** Slots whose decision was not performed, since the two are too far apart; and why, of the newest. */
  readonly withheld: { readonly slots: number; readonly why: string | undefined }
  readonly activeMs: number
  readonly candidateMs: number
  readonly markets: readonly Omit<ShadowMarket, 'course'>[]
}

/** One market over the stretch, for a chart. */
export type StretchCourse = Pick<ShadowMarket, 'market' | 'course'> & {
  readonly kind: 'candidate' | 'previous'
  /** When prices were decided and not told. */
  readonly withheld: readonly number[]
}

export type Policies = Compared<Readonly<Record<string, PushPolicy>>>

/** Undefined where no second set decided anything lately. */
export function newestStretch({ rounds, offers }: Noted): Stretch | undefined {
  const newest = [rounds, ...Object.values(offers)]
    .flatMap((all) => all.at(-1) ?? [])
    .toSorted((one, other) => other.at - one.at)[0]
  if (!newest) return undefined
  const isOfIt = ({ note, parameters }: NotedRound | NotedOffer): boolean =>
    note.kind === newest.note.kind &&
    note.parameters === newest.note.parameters &&
    parameters === newest.parameters
  const own = rounds.filter(isOfIt)
  const told = Object.fromEntries(
    Object.entries(offers).map(([engine, all]) => [engine, all.filter(isOfIt)]),
  )
  const times = [...own, ...Object.values(told).flat()].map(({ at }) => at)
  return {
    kind: newest.note.kind,
    sets: { active: newest.parameters, candidate: newest.note.parameters },
    rounds: own,
    offers: told,
    from: timestamp(times.reduce<number>((one, other) => Math.min(one, other), newest.at)),
    to: newest.at,
  }
}

export function stretchNumbers(stretch: Stretch, policies: Policies): StretchNumbers {
  const { kind, from, to, rounds } = stretch
  const notes = rounds.map(({ note }) => note)
  const all = allSlots(stretch)
  const withheld = all.filter(({ note }) => note.withheld !== undefined)
  return {
    kind,
    from,
    to,
    slots: rounds.length,
    differ: notes.filter(({ prices }) => prices && prices.apart.length > 0).length,
    failed: notes.filter(({ failed }) => failed !== undefined).length,
    withheld: {
      slots: withheld.length,
      why: withheld.toSorted((one, other) => other.at - one.at)[0]?.note.withheld,
    },
    activeMs: notes.reduce((sum, { ownMs }) => sum + ownMs, 0),
    candidateMs: notes.reduce((sum, { shadowMs }) => sum + shadowMs, 0),
    markets: marketsOf(stretch, policies).map(withoutCourse),
  }
}

function withoutCourse({
  market,
  compared,
  differ,
  medianBps,
  worst,
  pushes,
  refusals,
}: ShadowMarket): StretchNumbers['markets'][number] {
  return { market, compared, differ, medianBps, worst, pushes, refusals }
}

/** Undefined where the stretch has nothing of that market. */
export function stretchCourse(
  stretch: Stretch,
  policies: Policies,
  name: string,
): StretchCourse | undefined {
  const found = marketsOf(stretch, policies).find(({ market }) => market === name)
  if (!found) return undefined
  const withheld = allSlots(stretch).filter(({ note }) => note.withheld !== undefined)
  return {
    kind: stretch.kind,
    market: found.market,
    course: found.course,
    withheld: [...new Set(withheld.map(({ at }) => at))].toSorted((one, other) => one - other),
  }
}

/** What speaks against the candidate by what is remembered of its run; undefined where nothing does. */
export function stretchAgainst(
  { rounds, offers }: Stretch,
  policies: Policies,
  { guards, makesPrices }: { readonly guards: GuardRules; readonly makesPrices: boolean },
): string | undefined {
  const sight: CandidateSight = {
    ...(!makesPrices && { makesNoPrices: true }),
    rounds: rounds.map(({ feeds, note: { failed, prices } }) => {
      const markets = feeds.filter(isMarket).length
      const apart = prices?.apart ?? []
      return {
        ...(failed !== undefined && { failed }),
        ...(prices && {
          prices: { same: markets - apart.length, apart, without: { own: 0, shadow: 0 } },
        }),
      }
    }),
    offers: Object.fromEntries(
      Object.entries(offers).map(([engine, all]) => [
        engine,
        all.map(({ at, offered = [] }) => ({
          at,
          prices: offered.map(([market, price, observedAt]) => ({
            market: parseMarket(market),
            price: new Decimal(price),
            observedAt: timestamp(observedAt),
          })),
        })),
      ]),
    ),
  }
  return whyAgainst(sight, guards, policies)
}

function allSlots({ rounds, offers }: Stretch): readonly (NotedRound | NotedOffer)[] {
  return [...rounds, ...Object.values(offers).flat()]
}

function marketsOf(stretch: Stretch, policies: Policies): readonly ShadowMarket[] {
  const { rounds, from, to } = stretch
  const slots = rounds.flatMap((round) => {
    const { at, note } = round
    // What one of the two could not decide is no comparison.
    if (!note.prices) return []
    const others = new Map(note.prices.apart.map(({ feed, shadow }) => [feed, shadow]))
    const own = round.feeds.filter(isMarket).map(feedResult)
    const candidate = own.map((one) => {
      const other = others.get(one.feed)
      if (!other) return one
      const outcome =
        other.kind === 'price'
          ? { kind: 'price', price: new Decimal(other.price) }
          : { kind: kindOf(other.reason), reason: other.reason }
      return { ...one, outcome }
    })
    return [
      { at, active: { recorded: { feeds: own } }, candidate: { recorded: { feeds: candidate } } },
    ]
  })
  const told = (policy: Readonly<Record<string, PushPolicy>>) =>
    Object.values(stretch.offers).flatMap((all) =>
      wouldHaveTold(
        all.map(({ at, offered = [] }) => ({ at, active: { recorded: { offered } } })),
        policy,
      ),
    )
  return compareMarkets(slots, {
    span: { from, to },
    told: { active: told(policies.active), candidate: told(policies.candidate) },
    costOf: () => null,
  })
}

type Feed = NotedRound['feeds'][number]

function isMarket({ role }: Feed): boolean {
  return role === 'market'
}

function feedResult({ feed, role, outcome: { kind, price, reason } }: Feed) {
  return {
    feed,
    role,
    outcome:
      kind === 'price' && price !== undefined
        ? { kind, price: new Decimal(price) }
        : { kind, reason: reason ?? '' },
  }
}

/** A note says why there is no price, and not whether it is held; these two reasons are those of a held one. */
function kindOf(reason: string): 'hold' | 'refused' {
  return reason === 'dispersion' || reason === 'jump' ? 'hold' : 'refused'
}
