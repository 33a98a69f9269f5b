import { performance } from 'node:perf_hooks'

import { evmChain } from '../../lib/adapters/chains/evm.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import { lanePolicyOf } from '../../lib/domain/lane-policy.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import type { Chain, Engine, Store } from '../../lib/ports.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { anvil } from '../adapters/chains/anvil.ts'
import { anvilSecret, evmKey } from '../adapters/chains/keys.ts'
import { anAction } from '../keepers/lane/lane-in-memory.ts'
import { quantile } from './measure.ts'

export type LaneResult = {
  /** How many intents are open at the same time. */
  readonly inFlight: number
  /**
   * `following`: in blocks that are not final yet, while one more is sent. `at-once`: of as many exchanges, all decided in
   * one slot, so that the last waits until the lane has sent all others.
   */
  readonly load: LaneLoad
  readonly intentsPerSecond: number
  /** Of the lane's row and of the intents', from decided to settled. */
  readonly writesPerIntent: number
  /** From the moment that the slot begins until the node is given the bytes. */
  readonly slotToBroadcastMs: { readonly p50: number; readonly p99: number }
}

type LaneLoad = 'following' | 'at-once'

/**
 * Sends at least `intents` through one lane on a node that makes a block of each transaction, for each number in flight and
 * each load. How many blocks count as final decides how many are followed; the lane is filled so far before anything is
 * measured.
 */
export async function benchLane(
  inFlight: readonly number[],
  intents: number,
): Promise<readonly LaneResult[]> {
  const results: LaneResult[] = []
  for (const load of ['following', 'at-once'] as const)
    for (const count of inFlight) {
      const node = await anvil()
      try {
        results.push(await measureLane(node.url, { inFlight: count, load, intents }))
      } finally {
        await node.stop()
      }
    }
  return results
}

async function measureLane(
  url: string,
  wanted: {
    readonly inFlight: number
    readonly load: LaneLoad
    readonly intents: number
  },
): Promise<LaneResult> {
  const { inFlight, load, intents } = wanted
  const sender = evmKey(anvilSecret)
  const real = evmChain({
    name: 'bench',
    rpcUrls: [url],
    chainId: 31_337,
    blockSeconds: 60,
    finalityBlocks: load === 'following' ? inFlight : 1,
    keys: [sender],
    clock: wallClock,
  })
  const counted = countWrites(memoryStore({ clock: wallClock }))
  const broadcasts: number[] = []
  const chain: Chain = {
    ...real,
    async broadcast(bytes) {
      broadcasts.push(performance.now())
      return real.broadcast(bytes)
    },
  }
  const together = load === 'following' ? 1 : inFlight
  const exchanges = Array.from({ length: together }, (_, index) => `bench-${index}`)
  const world: LaneWorld = {
    id: `bench/${sender.address}`,
    account: sender.address,
    chain,
    engines: Object.fromEntries(exchanges.map((name) => [name, { ...plainEngine, name }])),
    store: counted.store,
    clock: wallClock,
    policy: lanePolicyOf(chain),
    slotAt: () => wallClock.now(),
    notify: () => undefined,
  }

  let round = 0
  /** One intent for each exchange from their slot into a block; gives back how long each took to the node. */
  async function send(): Promise<readonly number[]> {
    round += 1
    const before = broadcasts.length
    const slot = performance.now()
    for (const exchange of exchanges)
      await counted.store.intents.add(anIntent(world, exchange, round))
    for (
      let look = 0;
      (await outside(world)) > 0 || broadcasts.length < before + together;
      look += 1
    )
      if (look === mostLooks * together) throw new StuckLaneError(round)
    return broadcasts.slice(before).map((at) => at - slot)
  }

  const filling = load === 'following' ? inFlight + 5 : 2
  for (let filled = 0; filled < filling; filled += 1) await send()
  const writesBefore = counted.writes()
  const begun = performance.now()
  const times: number[] = []
  while (times.length < intents) times.push(...(await send()))
  const seconds = (performance.now() - begun) / 1_000
  return {
    inFlight,
    load,
    intentsPerSecond: times.length / seconds,
    writesPerIntent: (counted.writes() - writesBefore) / times.length,
    slotToBroadcastMs: { p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
  }
}

function anIntent(world: LaneWorld, exchange: string, round: number): Intent {
  const createdAt = wallClock.now()
  return {
    id: `push-prices:${exchange}:round-${round}`,
    lane: world.id,
    action: anAction(round, exchange),
    createdAt,
    deadline: timestamp(createdAt + 600_000),
    state: { kind: 'waiting' },
  }
}

/** Of each intent: a block is there within a few; a lane that needs more is stuck. */
const mostLooks = 200

async function outside(world: LaneWorld): Promise<number> {
  return (await advanceLane(world)).outside
}

/** As many bytes as a push of a few prices has, to an address without code: what is measured is the lane. */
const plainEngine: Engine = {
  name: 'bench',
  chain: 'bench',
  account: '',
  markets: [parseMarket('BTC-USD')],
  check: async () => [],
  state: async () => ({
    block: { number: 0, hash: '0x00', time: timestamp(0) },
    paused: false,
    sequence: undefined,
    quorum: {},
    prices: {},
  }),
  signAll: async (reports) => reports.map(() => undefined),
  verifyAll: async (reports) => reports.map(() => false),
  encode: () => [{ kind: 'evm', to: `0x${'d'.repeat(40)}`, data: `0x${'5a'.repeat(1_024)}` }],
}

function countWrites(store: Store): { readonly store: Store; writes(): number } {
  let writes = 0
  const { intents, lanes } = store
  return {
    writes: () => writes,
    store: {
      ...store,
      intents: {
        ...intents,
        async add(intent) {
          writes += 1
          return intents.add(intent)
        },
        async move(id, state) {
          writes += 1
          return intents.move(id, state)
        },
      },
      lanes: {
        ...lanes,
        async write(lane) {
          writes += 1
          return lanes.write(lane)
        },
      },
    },
  }
}

/** The lane did not send, or the node made no block, so there is nothing to measure. */
class StuckLaneError extends Error {
  override readonly name = 'StuckLaneError'

  constructor(round: number) {
    super(`the lane cannot be measured: what was decided in slot ${round} is in no block`)
  }
}
