import { timestamp, type Timestamp } from '../time.ts'
import { rampPermille, type RampRules, rampSeconds } from './ramp.ts'

/** In which order an exchange comes back after prices, the chain or we ourselves stood still. */
export type RecoveryRules = RampRules & {
  /** Prices of all markets are waited for so long at most, and then funding: neither may keep everybody for ever. */
  readonly mostWaitSeconds: number
}

/** What a job recorded of one of its slots. */
export type SlotRecord = {
  readonly claimedAt: Timestamp
  /** Undefined while somebody is at it, or where it was never finished. */
  readonly outcome:
    | { readonly kind: 'done' | 'refused' | 'failed'; readonly reason: string }
    | undefined
}

/**
 * Where an exchange is on its way back: first prices of all markets, then funding, then a grace in which people may add margin,
 * then liquidations on a ramp. Deleverage comes after all of that. An account with less than nothing left is liquidated in
 * any of them.
 */
export type Recovery =
  | { readonly stage: 'prices' | 'funding' }
  /** Since when the grace runs, and the ramp after it. */
  | { readonly stage: 'grace' | 'ramp'; readonly since: Timestamp }
  | { readonly stage: 'well' }

export type RecoveryLook = {
  readonly now: Timestamp
  /** `allWellSince` of the asking job: undefined where it was never otherwise as far as anybody looks back. */
  readonly wellSince: Timestamp | undefined
  /** Markets without a price that is new enough. */
  readonly unpriced: number
  /** Newest first; undefined where this deployment does not run that job. */
  readonly prices: readonly SlotRecord[] | undefined
  readonly funding: readonly SlotRecord[] | undefined
}

/** The stage that an exchange is in, from what the jobs recorded. */
export function recoveryOf(rules: RecoveryRules, look: RecoveryLook): Recovery {
  const { now, wellSince, unpriced, prices, funding } = look
  if (wellSince === undefined) return { stage: 'well' }
  const waitMs = rules.mostWaitSeconds * 1_000
  const priced = unpriced === 0 ? doneSince(prices, wellSince) : undefined
  const pricedAt = sooner(priced, wellSince + waitMs)
  if (now < pricedAt) return { stage: 'prices' }
  const fundedAt = sooner(doneSince(funding, pricedAt), pricedAt + waitMs)
  if (now < fundedAt) return { stage: 'funding' }
  const seconds = (now - fundedAt) / 1_000
  if (seconds < rules.graceSeconds) return { stage: 'grace', since: fundedAt }
  return seconds < rampSeconds(rules) ? { stage: 'ramp', since: fundedAt } : { stage: 'well' }
}

/** The share of the budgets for accounts with something left that may be used in a stage, in thousandths. */
export function recoveryPermille(
  rules: RecoveryRules,
  recovery: Recovery,
  look: { readonly now: Timestamp; readonly reverted: readonly boolean[] },
): number {
  switch (recovery.stage) {
    case 'prices':
    case 'funding':
      return 0
    case 'grace':
    case 'ramp':
      return rampPermille(rules, { ...look, wellSince: recovery.since })
    case 'well':
      return rampPermille(rules, { ...look, wellSince: undefined })
  }
}

/** After this long a job that found all well all the time is through with every stage. */
export function recoverySeconds(rules: RecoveryRules): number {
  return 2 * rules.mostWaitSeconds + rampSeconds(rules)
}

/** A gap of three slots is a stall, and of half a minute at least: shorter ones happen on a busy machine. */
const leastGapMs = 30_000

/** Said where nobody is left to give way: what is missing is counterparties, and nothing stood still. */
const noStall: ReadonlySet<string> = new Set(['nobody-can-take'])

/**
 * Since when a job has found all well, without a slot that was refused, failed or missing: now, where the newest was. All that
 * `before` has where none was; undefined where that is as much as anybody looks back.
 */
export function allWellSince(
  before: readonly SlotRecord[],
  {
    now,
    everySeconds,
    looksBack,
  }: { readonly now: Timestamp; readonly everySeconds: number; readonly looksBack: number },
): Timestamp | undefined {
  const mostGapMs = Math.max(3 * everySeconds * 1_000, leastGapMs)
  let since = now
  for (const { claimedAt, outcome } of before) {
    const isBad = outcome && outcome.kind !== 'done' && !noStall.has(outcome.reason)
    if (since - claimedAt > mostGapMs || isBad) return since
    since = timestamp(Math.min(since, claimedAt))
  }
  return before.length < looksBack ? since : undefined
}

/** Nobody reads more rows of a job than that, however long the stages are: what is older counts as well. */
const mostSlotsBack = 2_000

/** So many slots of a job are enough to see every stage. */
export function slotsBack(rules: RecoveryRules, everySeconds: number): number {
  return Math.min(mostSlotsBack, Math.ceil(recoverySeconds(rules) / everySeconds) + 3)
}

/** When the first slot since then began that was done; then itself where nobody here does that job. */
function doneSince(
  records: readonly SlotRecord[] | undefined,
  since: Timestamp,
): Timestamp | undefined {
  if (!records) return since
  const done = records.filter(
    ({ claimedAt, outcome }) => outcome?.kind === 'done' && claimedAt >= since,
  )
  return done.at(-1)?.claimedAt
}

function sooner(one: Timestamp | undefined, otherMs: number): Timestamp {
  return timestamp(Math.min(one ?? otherMs, otherMs))
}
