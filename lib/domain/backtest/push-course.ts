import { Decimal } from '../decimal.ts'
import { usdText } from '../fast-round/exact-usd.ts'
import type { FastFeed } from '../fast-round/fast-feed.ts'
import { type PostedPrice, type PushPolicy, pushesDue } from '../push-policy.ts'
import { timestamp, type Timestamp } from '../time.ts'
import type { Push, PushCourse } from './backtest-result.ts'
import type { PushCosts } from './backtest-setup.ts'
import { addOne, listedOf, type ListState, openList } from './lists.ts'
import type { PostedUsd } from './measure.ts'

/** What was told and what is on its way: plain, so that it can be stored. */
export type PushState = {
  /** By market's place. */
  readonly posted: (PostedUsd | undefined)[]
  readonly flying: Flying[]
  /** Something was posted that the exchange has not been looked at with. */
  isNew: boolean
  readonly markets: readonly MarketPushes[]
}

type Flying = { readonly market: number; readonly landsAt: number; readonly price: PostedUsd }

type MarketPushes = {
  pushes: number
  readonly why: Record<string, number>
  readonly perBucket: Float64Array
  /** In 1e-18 USD. */
  cost: bigint
  readonly list: ListState<Push>
}

const mostPushes = 1_000

export function newPushes(markets: number, buckets: number): PushState {
  return {
    posted: Array.from({ length: markets }, () => undefined),
    flying: [],
    isNew: false,
    markets: Array.from({ length: markets }, () => ({
      pushes: 0,
      why: {},
      perBucket: new Float64Array(buckets),
      cost: 0n,
      list: openList<Push>(),
    })),
  }
}

/** Tells the exchange what `pushesDue` says, as push-prices does: by what it was told last, what is on its way included. */
export function openPushes(
  state: PushState,
  of: {
    readonly markets: readonly FastFeed[]
    readonly policy: Readonly<Record<string, PushPolicy>>
    readonly costs: PushCosts
    readonly latencyMs: number
  },
) {
  const { markets, policy, costs, latencyMs } = of
  const policies = markets.map(({ feed }) => {
    const own = policy[feed.feed]
    if (!own) throw new RangeError(`${feed.feed} has no policy`)
    return own
  })

  /** The newest that it was told or is being told. */
  function told(market: number): PostedUsd | undefined {
    let newest = state.posted[market]
    for (const { market: other, price } of state.flying)
      if (other === market && price.publishedAt > (newest?.publishedAt ?? 0)) newest = price
    return newest
  }

  /** In doubles, and only where it is plain: most rounds push nothing. */
  function mayBeDue(market: number, now: number): boolean {
    const feed = markets[market]
    const own = policies[market]
    if (!feed || !own || feed.kind !== 'price') return false
    const before = told(market)
    if (!before) return true
    const { deviationBps, heartbeatSeconds, heartbeatJitterPercent = 0 } = own
    const soonest = heartbeatSeconds * (1_000 - heartbeatJitterPercent * 10)
    const moved = Math.abs(feed.float - before.float) * 10_000
    // Both doubles are within some 2^-52 of their prices: a millionth of the threshold is far more than that.
    const least = before.float * deviationBps
    return (
      now - before.publishedAt >= soonest - 1 || moved >= least - least / 1e6 - before.float / 1e9
    )
  }

  function decide(now: Timestamp, bucket: number): void {
    let isAny = false
    for (let market = 0; market < markets.length; market += 1) isAny ||= mayBeDue(market, now)
    if (!isAny) return
    // Reports are dated in whole seconds.
    const observedAt = timestamp(now - (now % 1_000))
    const priced = markets.flatMap((feed, market) =>
      feed.kind === 'price' ? [{ market, feed, before: told(market) }] : [],
    )
    const verdicts = pushesDue({
      candidates: priced.map(({ feed }) => ({
        market: feed.feed.feed,
        price: new Decimal(usdText(feed.price)),
        observedAt,
      })),
      posted: Object.fromEntries(
        priced.flatMap(({ feed, before }) =>
          before ? [[feed.feed.feed, postedOf(before)] as const] : [],
        ),
      ),
      policy,
      now,
    })
    const due = priced.flatMap((one, at) => {
      const verdict = verdicts[at]
      return verdict?.kind === 'due' ? [{ ...one, why: verdict.why }] : []
    })
    if (due.length === 0) return
    const gas = costs.gasPerTransaction + costs.gasPerPrice * BigInt(due.length)
    // Every price of a transaction bears the same part of it, rounded down (push-costs.ts).
    const cost = (gas * costs.usdPerGas) / BigInt(due.length)
    for (const { market, feed, before, why } of due) {
      const price = { price: feed.price, float: feed.float, publishedAt: observedAt }
      state.flying.push({ market, landsAt: now + latencyMs, price })
      count({ market, why, bucket, cost })
      const moveBps = before ? ((feed.float - before.float) / before.float) * 10_000 : undefined
      const own = state.markets[market]
      if (!own) continue
      addOne(own.list, mostPushes, Math.abs(moveBps ?? Infinity), {
        decidedAt: now,
        at: now + latencyMs,
        price: usdText(feed.price),
        why,
        moveBps: moveBps === undefined ? null : Number(moveBps.toPrecision(6)),
        costUsd: usdText(cost),
      })
    }
  }

  function count(push: {
    readonly market: number
    readonly why: string
    readonly bucket: number
    readonly cost: bigint
  }): void {
    const own = state.markets[push.market]
    if (!own) return
    own.pushes += 1
    own.why[push.why] = (own.why[push.why] ?? 0) + 1
    own.perBucket[push.bucket] = (own.perBucket[push.bucket] ?? 0) + 1
    own.cost += push.cost
  }

  return {
    decide,
    /** What lands next, by `until`; undefined where nothing does. */
    landing(until: number): number | undefined {
      const [first] = state.flying
      return first && first.landsAt <= until ? first.landsAt : undefined
    },
    /** Posts what has landed by then. All take the same time: they land in the order in which they were sent. */
    land(until: number): void {
      while ((state.flying[0]?.landsAt ?? Infinity) <= until) {
        const landed = state.flying.shift()
        if (landed) state.posted[landed.market] = landed.price
        state.isNew = true
      }
    },
    /** The exchange has been told nothing: another recording begins. */
    forget(): void {
      state.flying.length = 0
      state.posted.fill(undefined)
    },
    policies,
    result(market: number, seen: Uint8Array): PushCourse {
      const own = state.markets[market]
      if (!own) throw new RangeError('every market has its pushes')
      return {
        pushes: own.pushes,
        why: own.why,
        perBucket: [...own.perBucket].filter((_, bucket) => seen[bucket] === 1),
        costUsd: usdText(own.cost),
        costPerPushUsd: usdText(own.pushes === 0 ? 0n : own.cost / BigInt(own.pushes)),
        list: listedOf(own.list, mostPushes, 'largest'),
      }
    },
  }
}

function postedOf({ price, publishedAt }: PostedUsd): PostedPrice {
  return { price: new Decimal(usdText(price)), publishedAt: timestamp(publishedAt) }
}
