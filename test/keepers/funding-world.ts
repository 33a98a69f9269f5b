import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { SettleFunding } from '../../lib/domain/action.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { EvmFundingMarket } from '../../lib/domain/funding/evm-funding-tick.ts'
import type { FundingLook } from '../../lib/domain/funding/funding-look.ts'
import { evmIndexChange, evmRate } from '../../lib/domain/funding/index-change.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import type { TickEnd } from '../../lib/keepers/run-keeper.ts'
import { fundingIntent, type FundingSettings } from '../../lib/keepers/settle-funding.ts'
import type { Engine, OrderBooks, Store } from '../../lib/ports.ts'
import { account, type FakeChain, fakeChain } from './fake-chain.ts'
import { fundingProcess } from './funding-process.ts'
import { type MovedClock, movedClock } from './lane/lane-in-memory.ts'

export const btc = parseMarket('BTC-USD')
export const eth = parseMarket('ETH-USD')

export const epochSeconds = 600
export const slotSeconds = 60

/** A rate that is the premium itself, for one epoch of ten slots. */
export function someSettings(change: Partial<FundingSettings['policy']> = {}): FundingSettings {
  const rule = {
    rule: {
      kind: 'premium-only',
      damper: new Decimal(0),
      periodCap: new Decimal(1),
      periodSeconds: epochSeconds,
    },
    maxRate: new Decimal('0.05'),
    fullRangeSeconds: undefined,
  } as const
  return {
    policy: {
      epochSeconds,
      slotSeconds,
      samples: { minSamples: 5, minVotes: 1, missing: 'zero', average: 'mean' },
      late: { kind: 'cap', maxSeconds: epochSeconds },
      markets: { [btc]: rule, [eth]: rule },
      ...change,
    },
    impactNotional: { [btc]: new Decimal(1_000), [eth]: new Decimal(1_000) },
  }
}

/** One decision: what the chain's blocks hold of it. */
type Told = Pick<SettleFunding, 'round'> & {
  readonly ticks: readonly { readonly market: string; readonly rate: string }[]
}

/** An exchange that ticks as Funding.sol does (contracts.md §5): each market once per epoch, `floor(rate · price)`. */
function fundedEngine(chain: FakeChain): Engine {
  const price = 100n * 10n ** 18n
  const told = () => chain.effects().flatMap(({ data }) => toldIn(data))
  const marketOf = (market: string): EvmFundingMarket => {
    const ticks = told().flatMap(({ round, ticks: all }) =>
      all.filter((one) => one.market === market).map(({ rate }) => ({ round, rate: BigInt(rate) })),
    )
    return {
      feedId: `0x${market}`,
      isListed: true,
      price,
      publishedAt: timestamp(4_000_000_000_000),
      maxPriceAgeSeconds: 120,
      maxFundingRate: 5n * 10n ** 16n,
      fundingEpoch: ticks.at(-1)?.round ?? 0,
      fundingIndex: ticks.reduce((sum, { rate }) => sum + evmIndexChange(rate, price), 0n),
    }
  }
  chain.revertsLater = (data) =>
    toldIn(data).some(({ round, ticks }) =>
      ticks.some(({ market }) => marketOf(market).fundingEpoch >= round),
    )
      ? 'FundingAlreadyTicked'
      : undefined
  return {
    name: 'dex',
    chain: chain.name,
    account,
    markets: [btc, eth],
    check: async () => [],
    state: async () => ({
      block: await chain.head(),
      paused: false,
      sequence: undefined,
      quorum: {},
      prices: {},
      fundingIndexes: Object.fromEntries(
        [btc, eth].map((market) => [market, marketOf(market).fundingIndex]),
      ),
    }),
    signAll: async () => [],
    verifyAll: async () => [],
    funding: {
      look: async (): Promise<FundingLook> => ({
        kind: 'evm-engine',
        block: await chain.head(),
        feeds: { [btc]: `0x${btc}`, [eth]: `0x${eth}` },
        engine: {
          paused: false,
          isOperator: true,
          epochSeconds,
          markets: [btc, eth].map(marketOf),
        },
      }),
    },
    encode(action) {
      if (action.kind !== 'settle-funding') throw new TypeError(`there is no ${action.kind} here`)
      const ticks = action.updates.map(({ market, rate }) => ({
        market,
        rate: String(evmRate(rate)),
      }))
      // Hex in name only: it is read by people when a test fails.
      const data = JSON.stringify({ round: action.round, ticks }) as `0x${string}`
      return [{ kind: 'evm', to: '0x01', data }]
    },
  }
}

function toldIn(data: string): readonly Told[] {
  return data.startsWith('{') ? [JSON.parse(data) as Told] : []
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export type FundingWorld = {
  readonly clock: MovedClock
  readonly chain: FakeChain
  readonly store: Store
  readonly lane: LaneWorld
  /** How the perpetuals of each node stand above a spot price of 100; a node that is not in it has stopped. */
  premiums: Readonly<Record<string, string>>
  epoch(): number
  readonly engine: Mutable<Engine>
  /** One slot of the keeper by this worker. */
  slot(worker?: string): Promise<TickEnd>
  /** A new round of each node. */
  publish(): Promise<void>
  /** So many slots, a minute each, with the lane driven to the end of its work. */
  pass(slots: number): Promise<readonly TickEnd[]>
  /** To the first slot of the next epoch. */
  toNextEpoch(): Promise<readonly TickEnd[]>
  /** The epochs of which each market was told on the chain, with the rate. */
  told(): readonly string[]
  tryOf(round: number, attempt: number): Promise<Intent | undefined>
  /** Somebody else tells the exchange of an epoch. */
  tellFirst(round: number, rate: string): Promise<void>
}

/** A keeper, its lane, its exchange and chain in memory. */
export function fundingWorld({
  settings = someSettings(),
  nodes = ['oracle-1'],
  roundSeconds,
  orderBooks,
}: {
  readonly settings?: FundingSettings
  readonly nodes?: readonly string[]
  readonly roundSeconds?: number
  readonly orderBooks?: OrderBooks
} = {}): FundingWorld {
  const clock = movedClock()
  const chain = fakeChain({ clock })
  const engine: Mutable<Engine> = fundedEngine(chain)
  const store = memoryStore({ clock })
  const keeping = fundingProcess({
    clock,
    chain,
    engine,
    account,
    store,
    settings,
    nodes,
    ...(roundSeconds !== undefined && { roundSeconds }),
    ...(orderBooks && { orderBooks }),
  })
  const { lane } = keeping

  const world: FundingWorld = {
    clock,
    chain,
    store,
    lane,
    premiums: { 'oracle-1': '0.001' },
    epoch: () => Math.floor(clock.now() / 1000 / epochSeconds),

    engine,

    slot: async (worker = 'one') => await keeping.slot(worker),

    publish: async () => keeping.publish(world.premiums),

    async pass(slots) {
      const ends: TickEnd[] = []
      for (let done = 0; done < slots; done += 1) {
        clock.pass(slotSeconds * 1000)
        clock.pass(-(clock.now() % (slotSeconds * 1000)))
        chain.mine()
        await world.publish()
        await advanceLane(lane)
        ends.push(await world.slot())
      }
      return ends
    },

    async toNextEpoch() {
      const left = epochSeconds - (Math.floor(clock.now() / 1000) % epochSeconds)
      return await world.pass(Math.ceil(left / slotSeconds))
    },

    told: () =>
      chain
        .effects()
        .flatMap(({ data }) => toldIn(data))
        .flatMap(({ round: of, ticks }) =>
          ticks.map(({ market, rate }) => `${of} ${market} ${ratio(rate)}`),
        ),

    tryOf: async (of, attempt) =>
      await store.intents.get(fundingIntent({ engine: 'dex', round: of, attempt })),

    async tellFirst(of, rate) {
      const wire = String(evmRate(new Decimal(rate)))
      const ticks = [btc, eth].map((market) => ({ market, rate: wire }))
      const data = JSON.stringify({ round: of, ticks }) as `0x${string}`
      const { pending } = await chain.nonce(account)
      const call = { kind: 'evm', to: '0x01', data } as const
      const fee = { kind: 'evm', gas: 1n, maxFeePerGas: 200n, maxPriorityFeePerGas: 200n } as const
      const { bytes } = await chain.sign(account, { calls: [call], nonce: pending, fee })
      const guard = chain.onBroadcast
      chain.onBroadcast = () => undefined
      await chain.broadcast(bytes)
      chain.onBroadcast = guard
      chain.mine()
    },
  }
  clock.onSleep = () => chain.mine()
  return world
}

function ratio(rate: string): string {
  return new Decimal(rate).div(new Decimal(10).pow(18)).toFixed()
}
