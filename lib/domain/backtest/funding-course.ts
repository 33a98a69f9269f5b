import { Decimal } from '../decimal.ts'
import { exactUsd, oneUsd, usdText } from '../fast-round/exact-usd.ts'
import { type FastFeed, verdictNames } from '../fast-round/fast-feed.ts'
import type { LegRate } from '../fast-round/fast-source.ts'
import { boundOf } from '../fast-round/plain.ts'
import type { FundingVote } from '../funding/funding-vote.ts'
import { marketPremiums } from '../funding/market-premiums.ts'
import {
  epochAt,
  type FundingPlan,
  planFunding,
  type SettledFunding,
} from '../funding/plan-funding.ts'
import { epochPremium } from '../funding/samples.ts'
import { instrumentName } from '../instrument.ts'
import type { FeedResult, SourceResult } from '../price-round.ts'
import { timestamp } from '../time.ts'
import type { FundingEpoch } from './backtest-result.ts'
import type { FundingSetup } from './backtest-setup.ts'
import { collateralText } from './exchange-course.ts'
import type { PostedUsd } from './measure.ts'
import type { PlayedExchange } from './played-exchange.ts'

/** Votes and rates so far: plain, decimals as text, so that it can be stored. */
export type FundingState = {
  /** The slot that was sampled last. */
  slot: number
  /** The epoch of which there is nothing left to do. */
  doneEpoch: number
  /** When indexes moved last; 0 where they have not yet. */
  tickedAt: number
  /** Of this epoch and the one before it; only in a state that is stored. */
  votes: { readonly slot: number; readonly premiums: Readonly<Record<string, string>> }[]
  /** By market's place, as JSON. */
  readonly last: (string | undefined)[]
  readonly epochs: readonly FundingEpoch[][]
  /** What was paid either way, in smallest units of the collateral. */
  readonly paid: bigint[]
}

export function newFunding(markets: number): FundingState {
  return {
    slot: -1,
    doneEpoch: -1,
    tickedAt: 0,
    votes: [],
    last: Array.from({ length: markets }, () => undefined),
    epochs: Array.from({ length: markets }, () => []),
    paid: Array.from({ length: markets }, () => 0n),
  }
}

/** Where the exchange keeps its indexes, and how much is long of a market. */
type Exchange = {
  readonly fundingEpoch: number[]
  readonly fundingIndex: bigint[]
  readonly longOf: (market: number) => bigint
}

/** Samples premiums and ticks each epoch as settle-funding does: by `planFunding`. */
export function openFunding(
  state: FundingState,
  of: {
    readonly setup: FundingSetup
    readonly played: PlayedExchange
    readonly markets: readonly FastFeed[]
    readonly rows: readonly Int32Array[]
    readonly exchange: Exchange
  },
) {
  const { setup, played, markets, exchange } = of
  const { policy } = setup
  const slots = Math.floor(policy.epochSeconds / policy.slotSeconds)
  // Decimals are made of their texts once, and texts of them only to be stored.
  let votes: FundingVote[] = state.votes.map(({ slot, premiums }) => ({
    slot,
    voter,
    premiums: Object.fromEntries(
      Object.entries(premiums).map(([symbol, text]) => [symbol, new Decimal(text)]),
    ),
  }))
  const symbols = markets.map(({ feed }) => feed.feed)

  function sample(
    posted: readonly (PostedUsd | undefined)[],
    rates: readonly (LegRate | undefined)[],
  ): void {
    const premiums = marketPremiums({
      feeds: markets.map((market, at) => middlesOf(market, of.rows[at], rates)),
      books: {},
      posted: Object.fromEntries(
        symbols.flatMap((symbol, at) => {
          const price = posted[at]?.price
          return price === undefined ? [] : [[symbol, { price: new Decimal(usdText(price)) }]]
        }),
      ),
      impactNotional: setup.impactNotional,
    })
    votes.push({ slot: state.slot, voter, premiums })
  }

  function plan(
    now: number,
    epoch: number,
    posted: readonly (PostedUsd | undefined)[],
  ): FundingPlan {
    const first = (epoch - 1) * slots
    return planFunding({
      policy,
      votes: votes.filter(({ slot }) => slot >= first && slot < first + slots),
      last: state.last.flatMap((text) => (text === undefined ? [] : [settledOf(text)])),
      look: played.fundingLook({
        now,
        posted,
        fundingIndex: exchange.fundingIndex,
        fundingEpoch: exchange.fundingEpoch,
        epochSeconds: policy.epochSeconds,
        // An exchange that never ticked does so for one epoch.
        tickedAt: state.tickedAt === 0 ? (epoch - 1) * policy.epochSeconds * 1_000 : state.tickedAt,
      }),
    })
  }

  function settle(now: number, found: Extract<FundingPlan, { kind: 'due' }>): void {
    state.tickedAt = now
    for (const update of found.updates) {
      const at = symbols.indexOf(update.market)
      exchange.fundingIndex[at] = update.after
      exchange.fundingEpoch[at] = found.epoch
      state.last[at] = JSON.stringify({ ...update, before: '0', after: '0', epoch: found.epoch })
      const paid = ((update.after - update.before) * exchange.longOf(at)) / played.fundingScale
      state.paid[at] = (state.paid[at] ?? 0n) + (paid < 0n ? -paid : paid)
      state.epochs[at]?.push({
        at: now,
        rate: update.rate.toString(),
        ...premiumOf(update.market, found.epoch),
        capped: found.notes.some(
          (note) => note.startsWith(`${update.market}: `) && note.endsWith('cap'),
        ),
        paidUsd: collateralText(paid),
      })
    }
  }

  function premiumOf(symbol: string, epoch: number): { premium: string; samples: number } {
    const seen = votes.flatMap(({ slot, premiums }) => {
      const premium = premiums[symbol]
      return premium ? [{ slot, premium }] : []
    })
    const span = { firstSlot: (epoch - 1) * slots, slots, before: undefined }
    const found = epochPremium(seen, span, policy.samples)
    return found.kind === 'premium'
      ? { premium: found.premium.toSignificantDigits(12).toString(), samples: found.sampled }
      : { premium: '0', samples: found.sampled }
  }

  return {
    /** Once in each slot, after the round and its pushes; answers whether indexes moved. */
    step(
      now: number,
      posted: readonly (PostedUsd | undefined)[],
      rates: readonly (LegRate | undefined)[],
    ): boolean {
      const slot = Math.floor(now / 1_000 / policy.slotSeconds)
      if (slot === state.slot) return false
      state.slot = slot
      const epoch = epochAt(timestamp(now), policy.epochSeconds)
      let hasMoved = false
      if (epoch > state.doneEpoch) {
        const found = plan(now, epoch, posted)
        if (found.kind === 'due') settle(now, found)
        hasMoved = found.kind === 'due'
        // What waits for a newer price is tried again in the next slot; all else will not change.
        const waits =
          found.kind === 'refused' ||
          (found.kind === 'due' && found.updates.length < markets.length)
        if (!waits) state.doneEpoch = epoch
        votes = votes.filter((vote) => vote.slot >= (epoch - 1) * slots)
      }
      sample(posted, rates)
      return hasMoved
    },
    /** Writes to the state what is kept beside it. */
    store(): void {
      state.votes = votes.map(({ slot, premiums }) => ({
        slot,
        premiums: Object.fromEntries(
          Object.entries(premiums).map(([symbol, premium]) => [symbol, premium.toString()]),
        ),
      }))
    },
    forget(): void {
      votes = []
      state.last.fill(undefined)
      state.tickedAt = 0
    },
  }
}

/** There is one. */
const voter = 'backtest'

function settledOf(text: string): SettledFunding {
  const { epochRate, rate, lastSample, ...rest } = JSON.parse(text) as Omit<
    SettledFunding,
    'epochRate' | 'rate' | 'lastSample' | 'before' | 'after'
  > & { readonly epochRate: string; readonly rate: string; readonly lastSample: string }
  const decimals = {
    epochRate: new Decimal(epochRate),
    rate: new Decimal(rate),
    lastSample: new Decimal(lastSample),
  }
  return { ...rest, ...decimals, before: 0n, after: 0n }
}

/**
 * A round's result with no more sources than decide its medians: of the spot and of the perpetual ones that agree the middle
 * one, or the middle two. Their median is that of all, and making decimals of all of them took longer than the round.
 */
function middlesOf(
  market: FastFeed,
  rows: Int32Array | undefined,
  rates: readonly (LegRate | undefined)[],
): FeedResult {
  const sources = (['spot', 'perpetual'] as const).flatMap((kind) => {
    const order = agreeingOf(market, kind)
    const [low, high] = [(order.length - 1) >> 1, order.length >> 1]
    const bound = 2 * boundOf(market.floats[order[high] ?? 0] ?? 0)
    const isNear = (one: number, other: number): boolean => {
      const [mine, theirs] = [market.floats[order[one] ?? 0], market.floats[order[other] ?? 0]]
      return Math.abs((mine ?? Infinity) - (theirs ?? 0)) <= bound
    }
    let [first, last] = [low, high]
    // Where doubles cannot tell which is the middle one, all that may be it are compared.
    while (first > 0 && isNear(first - 1, first)) first -= 1
    while (last < order.length - 1 && isNear(last + 1, last)) last += 1
    const middle = order
      .slice(first, last + 1)
      .flatMap((at) => {
        const source = market.sources[at]
        const rate = rates[source?.leg ?? 0]?.price ?? oneUsd
        return source?.series
          ? [{ source, price: exactUsd(source.series, rows?.[at] ?? 0, rate) }]
          : []
      })
      .toSorted((a, b) => (a.price < b.price ? -1 : 1))
    const found = [middle[low - first], middle[high - first]].flatMap((choice) =>
      choice ? [resultOf(choice.source, choice.price)] : [],
    )
    // One source alone is one source, and not two.
    return order.length === 1 ? found.slice(0, 1) : found
  })
  return {
    feed: market.feed.feed,
    role: 'market',
    outcome: { kind: 'refused', reason: 'no-sources', detail: '' },
    sources,
  }
}

const agreesNumber = verdictNames.indexOf('agrees')

/** The places of those that agree, by their doubles. */
function agreeingOf(
  { sources, verdicts, floats }: FastFeed,
  kind: 'spot' | 'perpetual',
): readonly number[] {
  const order: number[] = []
  for (let at = 0; at < sources.length; at += 1) {
    if (verdicts[at] !== agreesNumber || sources[at]?.source.instrument.kind !== kind) continue
    const float = floats[at] ?? 0
    let place = order.length
    order.push(at)
    while (place > 0 && (floats[order[place - 1] ?? 0] ?? 0) > float) {
      order[place] = order[place - 1] ?? 0
      place -= 1
    }
    order[place] = at
  }
  return order
}

function resultOf(
  { source: { venue, instrument } }: FastFeed['sources'][number],
  price: bigint,
): SourceResult {
  return {
    venue,
    instrument: instrumentName(instrument),
    price: new Decimal(usdText(price)),
    at: undefined,
    verdict: 'agrees',
    detail: '',
  }
}
