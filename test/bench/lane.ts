import { performance } from 'node:perf_hooks'

import { evmChain } from '../../lib/adapters/chains/evm.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
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

export type LaneResult = {
  /** Transactions in blocks that are not final yet, with the one that is sent. */
  readonly inFlight: number
  readonly intentsPerSecond: number
  /** Of the lane's row and of the intents', from decided to settled. */
  readonly writesPerIntent: number
  /** From the moment that the slot begins until the node is given the bytes. */
  readonly slotToBroadcastMs: { readonly p50: number; readonly p99: number }
}

/**
 * Sends intents through one lane, one after the other, on a node that makes a block of each. What stays in flight is decided
 * by how many blocks count as final; the lane is filled so far before anything is measured.
 */
export async function benchLane(
  inFlight: readonly number[],
  intents: number,
): Promise<readonly LaneResult[]> {
  const results: LaneResult[] = []
  for (const count of inFlight) {
    const node = await anvil()
    try {
      results.push(await measureLane(node.url, count, intents))
    } finally {
      await node.stop()
    }
  }
  return results
}

async function measureLane(url: string, inFlight: number, intents: number): Promise<LaneResult> {
  const sender = evmKey(anvilSecret)
  const real = evmChain({
    name: 'bench',
    rpcUrls: [url],
    chainId: 31_337,
    blockSeconds: 60,
    finalityBlocks: inFlight,
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
  const world: LaneWorld = {
    id: `bench/${sender.address}`,
    account: sender.address,
    chain,
    engines: { bench: plainEngine },
    store: counted.store,
    clock: wallClock,
    policy: lanePolicyOf(chain),
    slotAt: () => wallClock.now(),
    notify: () => undefined,
  }

  let round = 0
  /** One intent from its slot into a block; gives back how long it took to the node. */
  async function one(): Promise<number> {
    round += 1
    const slot = performance.now()
    const createdAt = wallClock.now()
    await counted.store.intents.add({
      id: `push-prices:bench:round-${round}`,
      lane: world.id,
      action: anAction(round, 'bench'),
      createdAt,
      deadline: timestamp(createdAt + 600_000),
      state: { kind: 'waiting' },
    })
    for (let look = 0; (await outside(world)) > 0 || broadcasts.length < round; look += 1)
      if (look === mostLooks) throw new StuckLaneError(round)
    return (broadcasts[round - 1] ?? Number.NaN) - slot
  }

  for (let filled = 0; filled < inFlight + 5; filled += 1) await one()
  const writesBefore = counted.writes()
  const begun = performance.now()
  const times: number[] = []
  for (let sent = 0; sent < intents; sent += 1) times.push(await one())
  const seconds = (performance.now() - begun) / 1_000
  return {
    inFlight,
    intentsPerSecond: intents / seconds,
    writesPerIntent: (counted.writes() - writesBefore) / intents,
    slotToBroadcastMs: { p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
  }
}

/** A block is there within a few; a lane that needs more is stuck. */
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
  state: async () => {
    throw new TypeError('a lane asks for no state')
  },
  signAll: async (reports) => reports.map(() => undefined),
  verifyAll: async (reports) => reports.map(() => false),
  encode: () => [{ kind: 'evm', to: `0x${'d'.repeat(40)}`, data: `0x${'5a'.repeat(1_024)}` }],
  sequence: async () => undefined,
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

/** The nearest rank. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** The lane did not send, or the node made no block, so there is nothing to measure. */
class StuckLaneError extends Error {
  override readonly name = 'StuckLaneError'

  constructor(round: number) {
    super(`the lane cannot be measured: intent ${round} is in no block`)
  }
}
