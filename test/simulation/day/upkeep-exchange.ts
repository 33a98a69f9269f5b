import type { InterestLook } from '../../../lib/domain/interest/interest-look.ts'
import type { LiquidationEvent } from '../../../lib/domain/liquidation/liquidation-event.ts'
import { timestamp, type Timestamp, unixSeconds } from '../../../lib/domain/time.ts'
import type { Block } from '../../../lib/domain/transaction.ts'
import type { FeedSight } from '../../../lib/domain/watch/uptime-report.ts'
import type { Chain, Engine, LaneTarget, UptimeFeed } from '../../../lib/ports.ts'
import type { FundingWorld } from '../../keepers/funding-world.ts'
import { fakeExchange } from '../../keepers/index-positions/fake-exchange.ts'
import { aLook, begin, btc } from '../../keepers/liquidation-world.ts'

/** What the exchange's and the feed's calls say in blocks, in their order. */
type Told =
  | { readonly kind: 'time'; readonly to: number }
  | {
      readonly kind: 'interest'
      readonly to: number
      readonly accounts: readonly string[]
      /** What they were paid together, in the collateral's smallest units. */
      readonly sum: string
    }
  | { readonly kind: 'uptime'; readonly isDown: boolean; readonly at: number }

const mark = 'told '

/** Accounts up to that one have had interest before; of the others the contract takes none. */
const mostPaid = 15

/**
 * An exchange of which accounts are followed, pay interest and are liquidated by others, and a feed that is told whether it is up:
 * both by the transactions that are in the blocks of one chain.
 */
export function upkeepExchange({ chain }: Pick<FundingWorld, 'chain'>, reach: () => void) {
  const accounts = fakeExchange()
  const happened = new Map<string, readonly LiquidationEvent[]>()
  /** As keepers reach it. */
  const reached: Chain = {
    ...accounts.chain,
    async head() {
      reach()
      return await accounts.chain.head()
    },
  }
  const own = {
    accounts,
    reached,
    isPaused: false,

    /** A block, in which somebody else may liquidate. */
    async mine(paid: Readonly<Record<string, bigint>>, isTold: boolean, isLiquidated: boolean) {
      const { number, hash } = isTold ? accounts.mine(paid) : accounts.mine(paid, [])
      const block = { number, hash, time: (await chain.head()).time }
      if (isLiquidated) happened.set(hash, [aLiquidation(block)])
    },
  }
  accounts.onAsk = () => {
    reach()
  }
  const told = (): readonly Told[] =>
    chain
      .effects()
      .flatMap(({ data }) =>
        data.startsWith(mark) ? [JSON.parse(data.slice(mark.length)) as Told] : [],
      )

  const look = async (): Promise<InterestLook> => {
    reach()
    const { time } = await chain.head()
    const { number, hash } = await accounts.chain.head()
    const made = told()
    const times = made.flatMap((one) => (one.kind === 'uptime' ? [] : [one.to]))
    const divergence = made.reduce(
      (sum, one) => (one.kind === 'interest' ? sum + BigInt(one.sum) : sum),
      0n,
    )
    const exchangeTime = BigInt(Math.max(unixSeconds(begin), ...times))
    const now = BigInt(unixSeconds(time))
    return {
      block: { number, hash, time },
      paused: own.isPaused,
      isOperator: true,
      clock: {
        now,
        exchangeTime,
        lastUpdate: exchangeTime,
        maxRatePerSecond: 1_200n,
        divergence,
      },
      marks: {},
      pricedAt: {},
      lastFundingTick: now,
      maxFundingInterval: 86_400n,
      lastPriceValidation: now,
      maxPriceInterval: 86_400n,
    }
  }

  const engine = {
    ...accounts.engine,
    interest: {
      time: look,
      look,
      async lastApplied(asked: readonly string[]) {
        const paid = told().flatMap((one) => (one.kind === 'interest' ? [one] : []))
        return new Map(
          asked.map((id) => {
            const newest = paid.findLast((one) => one.accounts.includes(id))
            const before = Number(id) <= mostPaid ? unixSeconds(begin) : 0
            return [id, BigInt(newest?.to ?? before)]
          }),
        )
      },
    },
    liquidation: {
      async look() {
        reach()
        return aLook()
      },
      async events(after: Block, to: Block) {
        reach()
        const known = await accounts.chain.block(to.number)
        const first = await accounts.chain.block(after.number)
        if (known?.hash !== to.hash || first?.hash !== after.hash) return { kind: 'gone' }
        const numbers = Array.from({ length: to.number - after.number }, (_, at) => at + 1)
        const blocks = await Promise.all(
          numbers.map(async (one) => accounts.chain.block(after.number + one)),
        )
        const events = blocks.flatMap((block) => happened.get(block?.hash ?? '') ?? [])
        return { kind: 'events', through: to, events, insuranceFund: undefined }
      },
    },
  } as unknown as Engine

  const feed: UptimeFeed = {
    name: 'feed',
    chain: chain.name,
    check: async () => [],
    async look(): Promise<FeedSight> {
      reach()
      const reports = told().flatMap((one) => (one.kind === 'uptime' ? [one] : []))
      const newest = reports.at(-1)
      const other = reports.findLastIndex(({ isDown }) => isDown !== newest?.isDown)
      return {
        block: await chain.head(),
        told: newest && {
          isDown: newest.isDown,
          startedAt: seconds(reports[other + 1]?.at ?? newest.at),
          updatedAt: seconds(newest.at),
        },
        lastReportAt: seconds(newest?.at ?? 0),
      }
    },
    call: ({ isDown, at }) => callOf({ kind: 'uptime', isDown, at: unixSeconds(at) }),
  }

  const nothingTold = { sequence: undefined, prices: {}, fundingIndexes: {} }
  const targets: Readonly<Record<string, LaneTarget>> = {
    core: {
      state: async () => nothingTold,
      encode(action) {
        if (action.kind === 'update-exchange-time')
          return action.updates.map(({ to }) => callOf({ kind: 'time', to: Number(to) }))
        if (action.kind !== 'apply-interests')
          throw new TypeError(`there is no ${action.kind} here`)
        const { updates } = action
        const to = Number(action.exchangeTime ?? unixSeconds(action.at))
        const sum = updates.reduce((all, { amount }) => all + amount, 0n)
        const paid = updates.map(({ account }) => account)
        return [callOf({ kind: 'interest', to, accounts: paid, sum: `${sum}` })]
      },
    },
    feed: {
      state: async () => nothingTold,
      encode(action) {
        if (action.kind !== 'tell-uptime') throw new TypeError(`there is no ${action.kind} here`)
        return action.updates.map(({ call }) => call)
      },
    },
  }
  return Object.assign(own, { engine, feed, targets })
}

export type UpkeepExchange = ReturnType<typeof upkeepExchange>

/** Hex in name only: the chain in memory reads what it says. */
function callOf(told: Told) {
  const data = `${mark}${JSON.stringify(told)}` as `0x${string}`
  return { kind: 'evm', to: '0x01', data } as const
}

function seconds(at: number): Timestamp {
  return timestamp(at * 1_000)
}

function aLiquidation(block: Block): LiquidationEvent {
  return {
    kind: 'liquidated',
    block,
    transaction: block.hash,
    place: 0,
    account: '7',
    asset: '0xb',
    market: btc,
    base: -1_000_000n,
    cash: 1_000_000n,
    liquidator: 'them',
    price: 1_000n,
    penalty: 10_000n,
    reward: 5_000n,
    cover: 0n,
  }
}
