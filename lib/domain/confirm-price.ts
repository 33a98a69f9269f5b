import { isBeyondBps, percentOf } from './bps.ts'
import { Decimal } from './decimal.ts'
import type { Feed } from './feed.ts'
import { ascending } from './median.ts'
import type { AcceptedPrice, FeedOutcome, HeldPrice } from './price-round.ts'
import type { Timestamp } from './time.ts'

type Hold = Extract<FeedOutcome, { kind: 'hold' }>

type Proposal = {
  readonly feed: Feed
  /** Of all fresh sources. */
  readonly median: Decimal
  readonly fresh: number
  readonly kept: readonly Decimal[]
  readonly accepted: AcceptedPrice | undefined
  readonly held: HeldPrice | undefined
  readonly round: number
  readonly now: Timestamp
}

/**
 * Whether a median counts at once, or must be seen twice: where it jumped from the last accepted price, or where the
 * agreeing sources are so far apart that they may be two camps.
 *
 * It is confirmed by the round before having had nearly the same median, by two thirds of all configured sources
 * agreeing, and where they are apart by a majority that is not: more than half of the fresh sources close together. Any
 * such majority has the median inside it, so a crash in which venues trail each other is confirmed, while two camps of
 * equal size, whose median is a price that nobody trades at, are held for as long as they last. Time alone confirms nothing.
 */
export function confirmPrice(proposal: Proposal): {
  readonly hold: Hold | undefined
  /** What the next round must know. */
  readonly held: HeldPrice | undefined
} {
  const { median, round, now } = proposal
  const doubt = doubtOf(proposal)
  if (!doubt) return { hold: undefined, held: undefined }
  const before = roundBefore(proposal)
  const rounds = (before?.rounds ?? 0) + 1
  // Also kept once confirmed: venues that stay apart are then confirmed round by round, not every other one.
  const held = { price: median.toFixed(), rounds, since: before?.since ?? now, round, at: now }
  const open = openQuestion(proposal, doubt.reason, before)
  if (open === undefined) return { hold: undefined, held }
  const detail = `${doubt.detail}; ${open}`
  return { hold: { kind: 'hold', reason: doubt.reason, detail, median, rounds }, held }
}

function doubtOf({
  feed,
  median,
  kept,
  accepted,
}: Proposal): Pick<Hold, 'reason' | 'detail'> | undefined {
  const { maxDispersionBps, maxJumpBps } = feed.rules
  const apart = widthOf(kept)
  if (isBeyondBps(apart, median, maxDispersionBps))
    return {
      reason: 'dispersion',
      detail: `the sources that agree are ${percentOf(apart, median)} apart`,
    }
  if (!accepted) return undefined
  const last = new Decimal(accepted.price)
  const jump = median.sub(last).abs()
  if (!isBeyondBps(jump, last, maxJumpBps)) return undefined
  return {
    reason: 'jump',
    detail: `${median.toFixed()} is ${percentOf(jump, last)} from the last accepted ${accepted.price}`,
  }
}

/** Rounds may be missed in between, but not for longer than this. */
const confirmsForMs = 5 * 60_000

/**
 * What was held in the round before, which is the next one's however long rounds are. The same round once more, such as a
 * repeated tick, confirms nothing.
 */
function roundBefore({ held, round, now }: Proposal): HeldPrice | undefined {
  if (!held || held.round >= round) return undefined
  return held.round === round - 1 || now - held.at <= confirmsForMs ? held : undefined
}

/** What keeps it from being confirmed, in words; undefined where nothing does. */
function openQuestion(
  { feed, median, fresh, kept }: Proposal,
  reason: Hold['reason'],
  before: HeldPrice | undefined,
): string | undefined {
  if (!before) return 'it waits for the next round'
  const last = new Decimal(before.price)
  // The hard band, not the floor: a market that just jumped still moves more between two rounds than it strays in a calm one.
  if (isBeyondBps(median.sub(last).abs(), last, feed.rules.hardBandBps))
    return `the round before had ${before.price}, which does not confirm ${median.toFixed()}`
  const needed = Math.ceil((feed.sources.length * 2) / 3)
  if (kept.length < needed)
    return `${kept.length} of ${feed.sources.length} sources agree, ${needed} must`
  if (reason === 'dispersion' && !hasMajorityTogether({ feed, median, fresh, kept }))
    return 'no majority of them is together'
  return undefined
}

/** More than half of the fresh sources lie no further apart than agreeing sources may. */
function hasMajorityTogether({
  feed,
  median,
  fresh,
  kept,
}: Pick<Proposal, 'feed' | 'median' | 'fresh' | 'kept'>): boolean {
  const sorted = ascending(kept)
  const majority = Math.floor(fresh / 2) + 1
  return sorted.some((_, first) => {
    const group = sorted.slice(first, first + majority)
    return (
      group.length === majority && !isBeyondBps(widthOf(group), median, feed.rules.maxDispersionBps)
    )
  })
}

function widthOf(prices: readonly Decimal[]): Decimal {
  return Decimal.max(...prices).sub(Decimal.min(...prices))
}
