import { type Conversion, conversionOf, type Conversions } from '../conversion.ts'
import { Decimal } from '../decimal.ts'
import type { Feed, Feeds } from '../feed.ts'
import { pointPrice } from '../point-price.ts'
import { priceFeed } from '../price-feed.ts'
import type { FeedOutcome, FeedResult, SourceResult } from '../price-round.ts'
import { leastSources } from '../quorum.ts'
import { maxAheadMs } from '../quote-age.ts'
import { acceptedCountsForMs, maxFactor } from '../read-source.ts'
import { asText, floatAt } from '../recorded/price-column.ts'
import { timestamp, type Timestamp } from '../time.ts'
import { divHalfEven, exactUsd, isFlat, oneUsd, parseUsd, usdFloat, usdText } from './exact-usd.ts'
import {
  type FastSource,
  type LegRate,
  quoteOf,
  timeAt,
  unconvertible,
  usd,
} from './fast-source.ts'
import {
  clearMoment,
  type FeedPast,
  memoryOf,
  type Moment,
  momentAt,
  newMoment,
  takeDecided,
} from './feed-past.ts'
import {
  absoluteBound,
  boundOf,
  isPlainlyBeyond,
  isPlainlyMore,
  type Plainly,
  relativeBound,
} from './plain.ts'

/** In the order of their numbers in `verdicts`. */
export const verdictNames: readonly SourceResult['verdict'][] = [
  'agrees',
  'disagrees',
  'missing',
  'invalid',
  'suspended',
  'stale',
  'frozen',
  'future',
  'no-conversion',
  'insane',
]

const [agrees, disagrees, missing, invalid, , stale, frozen, future, noConversion, insane] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
] as const

/** Until it is compared with the others. */
const fresh = agrees

/** One feed's last round. The same object each time: take out of it what is to be kept. */
export type FastFeed = {
  readonly feed: Feed
  readonly sources: readonly FastSource[]
  kind: 'price' | 'hold' | 'refused'
  /** Empty for a price. */
  reason: string
  /** The exact rule's words for what is no price: of this round, or of the first that was refused like it. */
  words: Exclude<FeedOutcome, { readonly kind: 'price' }> | undefined
  /** In 1e-18 USD; of a `price` only. */
  price: bigint
  float: number
  oldestInputAt: number
  /** How many agree. */
  agreeing: number
  /** By source: its number in {@link verdictNames}, and its price in USD as a double (NaN where there is none). */
  readonly verdicts: Uint8Array
  readonly floats: Float64Array
  /** Rounds that the exact rule decided, of all. */
  exactRounds: number
  rounds: number
}

export type FastFeedLook = {
  readonly round: number
  readonly now: Timestamp
  /** By leg; undefined while it has no price. */
  readonly rates: readonly (LegRate | undefined)[]
  /** The same as the exact rule reads it; made only where it is asked. */
  readonly conversions: () => Conversions
  /** By source: the state that is known now; -1 where there is none. */
  readonly rows: Int32Array
}

/**
 * Decides a feed's rounds as `priceFeed` does, to the last digit and word of memory, many times as fast: in doubles wherever
 * every verdict and every gate is plainly on one side of its threshold (plain.ts), with the price itself in whole numbers. Any
 * round that is not plain, and each hold and each new refusal, is the exact rule's.
 */
export function openFastFeed(
  of: {
    readonly feed: Feed
    readonly haltBelow: Decimal | undefined
    readonly families: Feeds['families']
    readonly sources: readonly FastSource[]
  },
  past: FeedPast,
): { readonly last: FastFeed; readonly decide: (look: FastFeedLook) => void } {
  const { feed, sources } = of
  const { rules } = feed
  const count = sources.length
  const haltBelow = of.haltBelow?.toNumber()
  const last: FastFeed = {
    feed,
    sources,
    kind: 'refused',
    reason: '',
    words: undefined,
    price: 0n,
    float: Number.NaN,
    oldestInputAt: 0,
    agreeing: 0,
    verdicts: new Uint8Array(count),
    floats: new Float64Array(count).fill(Number.NaN),
    exactRounds: 0,
    rounds: 0,
  }
  const { verdicts, floats } = last
  // Of the round that is being decided.
  const times = new Float64Array(count)
  const shows = new Uint8Array(count)
  const since = new Float64Array(count)
  const rates: (LegRate | undefined)[] = Array.from({ length: count }, () => undefined)
  const order = new Int32Array(count)
  const deviations = new Float64Array(count)
  const familySeen = new Int32Array(count)
  const spare: Moment[] = []
  let stamp = 0
  /** Doubles could not tell in some comparison: the exact rule decides the round instead. */
  let isUnsure = false

  function isSaid(answer: Plainly): boolean {
    if (answer === 'unsure') isUnsure = true
    return answer === 'yes'
  }

  /** Valid, young enough, in USD, and of a sane scale, in this order: each source for itself. */
  function read(look: FastFeedLook): boolean {
    let isPlain = true
    for (let at = 0; at < count; at += 1) {
      floats[at] = Number.NaN
      shows[at] = 0
      const row = look.rows[at] ?? -1
      verdicts[at] = row < 0 ? missing : readOne(at, row, look.now)
      if (verdicts[at] === doubtful) isPlain = false
    }
    return isPlain
  }

  function readOne(at: number, row: number, now: number): number {
    const own = sources[at]
    const series = own?.series
    if (!own || !series) return missing
    const { bid, ask, last: traded } = series
    const close = floatAt(traded, row)
    let point = close
    let isDoubtful = false
    if (!isFlat(series, row)) {
      const [low, high] = [floatAt(bid, row), floatAt(ask, row)]
      if (Number.isNaN(low) || Number.isNaN(high)) {
        if (Number.isNaN(close)) return invalid
      } else {
        if (high < low) return invalid
        const middle = (low + high) / 2
        const spread = high - low
        const width = { base: middle, bps: rules.maxSpreadBps, bound: boundOf(high) }
        // Two that round to the same double may be crossed.
        const tooWide = spread === 0 ? 'unsure' : isPlainlyBeyond(spread, width)
        if (tooWide === 'yes') return invalid
        isDoubtful = tooWide === 'unsure' && !hasSameSides(at, row)
        point = Number.isNaN(close) ? middle : Math.min(Math.max(close, low), high)
      }
    }
    if (!(point < mostPlain)) isDoubtful = true
    shows[at] = 1
    const aged = ageOf(at, row, now)
    if (isDoubtful) return doubtful
    if (aged !== fresh) return aged
    if (own.leg === unconvertible) return noConversion
    const rate = rates[at]
    if (own.leg !== usd && !rate) return noConversion
    const price = rate ? point * rate.float : point
    // So small that 18 decimals may be none of it.
    if (price < leastPlain) return doubtful
    floats[at] = price
    times[at] = Math.min(times[at] ?? now, now, rate?.at ?? now)
    return sanity(price, now)
  }

  /** Bid and ask have the same digits: their spread is nothing, which is more than no bound. */
  function hasSameSides(at: number, row: number): boolean {
    const series = sources[at]?.series
    if (!series) return false
    const { bid, ask } = series
    return (
      (bid.decimals[row] ?? asText) < asText &&
      bid.decimals[row] === ask.decimals[row] &&
      bid.mantissas[row] === ask.mantissas[row]
    )
  }

  function ageOf(at: number, row: number, now: number): number {
    const series = sources[at]?.series
    if (!series) return missing
    const time = series.timeKind === 'none' ? now : timeAt(series, row)
    times[at] = time
    if (time > now + maxAheadMs) return future
    const most = series.timeKind === 'trade' ? rules.maxTradeAgeMs : rules.maxQuoteAgeMs
    return now - time > most ? stale : fresh
  }

  function sanity(price: number, now: number): number {
    const { accepted } = past
    if (!accepted || now - accepted.at >= acceptedCountsForMs) return fresh
    const bound = maxFactor * boundOf(Math.max(price, accepted.float))
    const tooLow = isPlainlyMore(accepted.float, price * maxFactor, bound)
    const tooHigh = isPlainlyMore(price, accepted.float * maxFactor, bound)
    if (tooLow === 'unsure' || tooHigh === 'unsure') return doubtful
    return tooLow === 'yes' || tooHigh === 'yes' ? insane : fresh
  }

  /** Since when each source shows what it shows now. A silent one keeps its time. */
  function date(look: FastFeedLook): void {
    for (let at = 0; at < count; at += 1) {
      const before = past.since[at] ?? Number.NaN
      const tuple = sources[at]?.series?.tuple[look.rows[at] ?? 0]
      const isNew = Number.isNaN(before) || past.tuples[at] !== tuple
      since[at] = shows[at] === 1 && isNew ? look.now : before
    }
  }

  /** The last to stop comes first: it must not vouch for those that stopped before it. */
  function freeze(now: number): void {
    let suspects = 0
    for (let at = 0; at < count; at += 1) {
      if (shows[at] === 0 || !(now - (since[at] ?? now) > rules.frozenAfterMs)) continue
      // Without a price of its own nothing can be said of it.
      if (Number.isNaN(floats[at])) continue
      let place = suspects
      while (place > 0 && (since[order[place - 1] ?? 0] ?? 0) < (since[at] ?? 0)) {
        order[place] = order[place - 1] ?? 0
        place -= 1
      }
      order[place] = at
      suspects += 1
    }
    for (let place = 0; place < suspects; place += 1) freezeOne(order[place] ?? 0)
  }

  function freezeOne(at: number): void {
    const stoppedAt = since[at] ?? 0
    const then = momentAt(past.moments, stoppedAt)
    const before = then?.floats[at] ?? Number.NaN
    if (!then || Number.isNaN(before)) return
    let others = 0
    let least = Math.min(before, floats[at] ?? 0)
    for (let other = 0; other < count; other += 1) {
      const was = then.floats[other] ?? Number.NaN
      const is = floats[other] ?? Number.NaN
      // A witness is fresh, not frozen, and has changed since.
      if (verdicts[other] !== fresh || !((since[other] ?? 0) > stoppedAt)) continue
      if (Number.isNaN(was) || Number.isNaN(is)) continue
      deviations[others] = is / was
      others += 1
      least = Math.min(least, was, is)
    }
    if (others === 0) return
    const own = (floats[at] ?? 0) / before
    const usual = medianIn(deviations, others)
    // A quotient of two prices: each off by its bound, relatively.
    const bound = 4 * Math.max(usual, own) * (relativeBound + absoluteBound / least)
    const drift = Math.abs(usual - own)
    const limit = { base: own, bps: rules.frozenMoveBps, bound }
    if (isSaid(isPlainlyBeyond(drift, limit))) verdicts[at] = frozen
  }

  /** Those that may count, ascending; where doubles are too near to tell, by their exact prices. */
  function sort(look: FastFeedLook): number {
    let voting = 0
    for (let at = 0; at < count; at += 1) {
      if (verdicts[at] !== fresh) continue
      let place = voting
      while (place > 0 && isLower(at, order[place - 1] ?? 0, look)) {
        order[place] = order[place - 1] ?? 0
        place -= 1
      }
      order[place] = at
      voting += 1
    }
    return voting
  }

  function isLower(one: number, other: number, look: FastFeedLook): boolean {
    const [mine, theirs] = [floats[one] ?? 0, floats[other] ?? 0]
    const apart = theirs - mine
    const bound = boundOf(mine + theirs)
    if (apart > bound || apart < -bound) return apart > 0
    return exactOf(one, look) < exactOf(other, look)
  }

  function exactOf(at: number, { rows }: FastFeedLook): bigint {
    const series = sources[at]?.series
    if (!series) throw new RangeError('what has no series has no price')
    return exactUsd(series, rows[at] ?? 0, rates[at]?.price ?? oneUsd)
  }

  /** Which of the voting ones agree with their median: they stay `agrees`, the others become `disagrees`. */
  function agree(voting: number, median: number): void {
    const lowest = floats[order[0] ?? 0] ?? 0
    const highest = floats[order[voting - 1] ?? 0] ?? 0
    const bound = 2 * boundOf(highest)
    if (voting === 2) {
      const together = { base: lowest, bps: rules.pairBandBps, bound }
      if (!isSaid(isPlainlyBeyond(highest - lowest, together))) return
      for (let at = 0; at < 2; at += 1) verdicts[order[at] ?? 0] = disagrees
      return
    }
    const bps = voting <= 3 ? rules.hardBandBps : rules.floorBps
    const furthest = Math.max(median - lowest, highest - median)
    if (isPlainlyBeyond(furthest, { base: median, bps, bound }) === 'no') return
    let band = (median * bps) / 10_000
    if (voting > 3) band = Math.max(band, measuredBand(voting, median))
    for (let place = 0; place < voting; place += 1) {
      const at = order[place] ?? 0
      const away = Math.abs((floats[at] ?? 0) - median)
      if (isSaid(isPlainlyMore(away, band, (deviationFactor + 2) * bound))) verdicts[at] = disagrees
    }
  }

  function measuredBand(voting: number, median: number): number {
    for (let place = 0; place < voting; place += 1)
      deviations[place] = Math.abs((floats[order[place] ?? 0] ?? 0) - median)
    return medianIn(deviations, voting) * deviationFactor
  }

  /** Why they are not enough, in the exact rule's order; empty where they are. */
  function refusalOf(voting: number, median: number): string {
    if (voting === 0) return 'no-sources'
    if (voting < Math.max(feed.minSources, leastSources)) return 'too-few-sources'
    const { kept, families, direct, mad } = tally()
    if (voting === 2 && kept === 0) return 'pair-apart'
    if (kept < feed.minSources || kept * 2 <= voting + mad) return 'too-few-agree'
    if (families < rules.minFamilies) return 'too-few-families'
    if (direct < rules.minDirectUsd) return 'too-few-direct'
    if (haltBelow === undefined) return ''
    const isBelow = isSaid(isPlainlyMore(haltBelow, median, 2 * boundOf(median)))
    return isBelow ? 'depegged' : ''
  }

  function tally() {
    let [kept, families, direct, mad] = [0, 0, 0, 0]
    stamp += 1
    for (let at = 0; at < count; at += 1) {
      if (verdicts[at] === insane) mad += 1
      if (verdicts[at] !== agrees) continue
      const own = sources[at]
      kept += 1
      if (own?.isDirect) direct += 1
      if (familySeen[own?.family ?? 0] !== stamp) families += 1
      familySeen[own?.family ?? 0] = stamp
    }
    return { kept, families, direct, mad }
  }

  /** Whether the median must be seen twice, or may have to. */
  function isDoubted(voting: number, median: number): boolean {
    let [lowest, highest] = [Infinity, 0]
    for (let place = 0; place < voting; place += 1) {
      const at = order[place] ?? 0
      if (verdicts[at] !== agrees) continue
      lowest = Math.min(lowest, floats[at] ?? 0)
      highest = Math.max(highest, floats[at] ?? 0)
    }
    const width = { base: median, bps: rules.maxDispersionBps, bound: 2 * boundOf(highest) }
    if (isPlainlyBeyond(highest - lowest, width) !== 'no') return true
    const { accepted } = past
    if (!accepted) return false
    const bound = 2 * boundOf(Math.max(median, accepted.float))
    const jump = { base: accepted.float, bps: rules.maxJumpBps, bound }
    return isPlainlyBeyond(Math.abs(median - accepted.float), jump) !== 'no'
  }

  /** In doubles; false where the exact rule must decide. */
  function decidePlainly(look: FastFeedLook): boolean {
    const isPlain = read(look)
    date(look)
    if (!isPlain) return false
    freeze(look.now)
    if (isUnsure) return false
    const voting = sort(look)
    const [low, high] = [order[(voting - 1) >> 1] ?? 0, order[voting >> 1] ?? 0]
    const median = voting === 0 ? Number.NaN : ((floats[low] ?? 0) + (floats[high] ?? 0)) / 2
    if (voting > 0) agree(voting, median)
    if (isUnsure) return false
    const reason = refusalOf(voting, median)
    if (isUnsure) return false
    if (reason !== '') {
      // The first of its kind is put into words.
      if (last.kind !== 'refused' || last.reason !== reason) return false
      past.held = undefined
      return true
    }
    if (isDoubted(voting, median)) return false
    const one = exactOf(low, look)
    const price = low === high ? one : divHalfEven(one + exactOf(high, look), 2n)
    last.kind = 'price'
    last.reason = ''
    last.words = undefined
    settle(price)
    past.accepted = { price, float: last.float, at: look.now }
    past.held = undefined
    return true
  }

  function settle(price: bigint): void {
    last.price = price
    last.float = usdFloat(price)
    last.oldestInputAt = Infinity
    last.agreeing = 0
    for (let at = 0; at < count; at += 1) {
      if (verdicts[at] !== agrees) continue
      last.oldestInputAt = Math.min(last.oldestInputAt, times[at] ?? 0)
      last.agreeing += 1
    }
  }

  function decideExactly(look: FastFeedLook): void {
    const { round, now, rows } = look
    const quotes = new Map(
      sources.flatMap(({ key, series }, at) => {
        const row = rows[at] ?? -1
        return series && row >= 0 ? [[key, quoteOf(series, row, now)] as const] : []
      }),
    )
    const memory = memoryOf(past, sources)
    const { families } = of
    const conversions = of.haltBelow ? {} : look.conversions()
    const own = { feed, haltBelow: of.haltBelow, families, quotes, conversions, memory, round, now }
    const { result, memory: next } = priceFeed(own)
    takeResult(result)
    takeDecided(past, next)
    for (let at = 0; at < count; at += 1) {
      const quote = quotes.get(sources[at]?.key ?? '')
      shows[at] = quote && pointPrice(quote, rules.maxSpreadBps).kind === 'price' ? 1 : 0
    }
    // Which of them show anything is known for sure only now.
    date(look)
    last.exactRounds += 1
  }

  function takeResult({ outcome, sources: results }: FeedResult): void {
    for (const [at, { verdict, price, at: time }] of results.entries()) {
      verdicts[at] = verdictNames.indexOf(verdict)
      floats[at] = price?.toNumber() ?? Number.NaN
      times[at] = time ?? 0
    }
    last.kind = outcome.kind
    last.reason = outcome.kind === 'price' ? '' : outcome.reason
    last.words = outcome.kind === 'price' ? undefined : outcome
    if (outcome.kind === 'price') settle(parseUsd(outcome.price.toFixed()))
  }

  /** Notes what is said now beside each `since` that somebody has, as the exact rule does. */
  function remember(look: FastFeedLook): void {
    let isNow = false
    for (const moment of past.moments) moment.noted = -1 - moment.noted
    for (let at = 0; at < count; at += 1) {
      const time = since[at] ?? Number.NaN
      past.since[at] = time
      if (shows[at] === 1) past.tuples[at] = sources[at]?.series?.tuple[look.rows[at] ?? 0] ?? 0
      if (Number.isNaN(time)) continue
      const moment = momentAt(past.moments, time)
      if (moment && moment.noted < 0) moment.noted = -1 - moment.noted
      if (!moment && time === look.now) isNow = true
    }
    let kept = 0
    for (const moment of past.moments) {
      if (moment.noted < 0) spare.push(moment)
      else {
        past.moments[kept] = moment
        kept += 1
      }
    }
    past.moments.length = kept
    if (isNow) {
      const moment = spare.pop() ?? newMoment(count)
      clearMoment(moment, look.now)
      past.moments.push(moment)
    }
    for (const moment of past.moments) if (moment.noted < count) note(moment, look)
    past.isBegun = true
  }

  function note(moment: Moment, { rows }: FastFeedLook): void {
    for (let at = 0; at < count; at += 1) {
      const verdict = verdicts[at]
      if (verdict !== agrees && verdict !== disagrees) continue
      if (!Number.isNaN(moment.floats[at])) continue
      moment.floats[at] = floats[at] ?? Number.NaN
      moment.rows[at] = rows[at] ?? 0
      moment.rates[at] = rates[at]
      moment.noted += 1
    }
  }

  return {
    last,
    decide(look) {
      last.rounds += 1
      for (let at = 0; at < count; at += 1) {
        const leg = sources[at]?.leg ?? usd
        rates[at] = leg < 0 ? undefined : look.rates[leg]
      }
      isUnsure = false
      if (!decidePlainly(look)) decideExactly(look)
      remember(look)
    },
  }
}

/** A reading that doubles cannot judge: of no verdict's number. */
const doubtful = 255

/** Above it, or below, a price may be none by the exact rule, which draws the line at 10^18 and at 18 decimals. */
const mostPlain = 9e17
const leastPlain = 1e-12

/** 1.4826 × 5, as agreement.ts has it. */
const deviationFactor = 7.413

/** The middle of the first so many, or of the two middles: sorts them where they stand. */
function medianIn(values: Float64Array, count: number): number {
  for (let at = 1; at < count; at += 1) {
    const value = values[at] ?? 0
    let place = at
    while (place > 0 && (values[place - 1] ?? 0) > value) {
      values[place] = values[place - 1] ?? 0
      place -= 1
    }
    values[place] = value
  }
  return ((values[(count - 1) >> 1] ?? 0) + (values[count >> 1] ?? 0)) / 2
}

/** What a leg's last round converts by. */
export function rateOf({ kind, price, float, oldestInputAt }: FastFeed): LegRate | undefined {
  return kind === 'price' ? { price, float, at: oldestInputAt } : undefined
}

/** The same, as the exact rule reads it. */
export function conversionBy({ feed, words, price, oldestInputAt }: FastFeed): Conversion {
  if (words) return conversionOf({ feed: feed.feed, role: 'leg', outcome: words, sources: [] })
  const usdPrice = new Decimal(usdText(price))
  return { kind: 'rate', price: usdPrice, oldestInputAt: timestamp(oldestInputAt) }
}
