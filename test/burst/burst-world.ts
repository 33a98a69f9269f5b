import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import { type Book, emptyBook } from '../../lib/domain/positions/book.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
import { deleverage } from '../../lib/keepers/deleverage.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import { liquidate } from '../../lib/keepers/liquidate.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { runKeeper } from '../../lib/keepers/run-keeper.ts'
import type { Store } from '../../lib/ports.ts'
import { type FakeChain, fakeChain } from '../keepers/fake-chain.ts'
import { type MovedClock, movedClock, policy } from '../keepers/lane/lane-in-memory.ts'
import { type Gate, gated, Killed } from '../keepers/lane/workers.ts'
import { type ExchangeTwin, exchangeTwin, us } from './exchange-twin.ts'

/** All that outlives a worker: the exchange and its chain, the store, and the index of accounts. */
export type BurstWorld = {
  readonly clock: MovedClock
  readonly chain: FakeChain
  readonly twin: ExchangeTwin
  readonly store: Store
  /** Everybody as the index has them, which is as the newest block has them. */
  readonly book: () => Book
  /** A block, and the index after it. */
  readonly mine: () => Promise<void>
}

export async function openWorld(
  accounts: readonly Account[],
  insurance: bigint,
): Promise<BurstWorld> {
  const clock = movedClock()
  const chain = fakeChain({ clock })
  const twin = exchangeTwin(chain, accounts, insurance)
  const table = new Map(accounts.map((one) => [one.id, one]))
  let book: Book = {
    ...emptyBook(await chain.head(), []),
    table: {
      size: table.size,
      get: (id) => table.get(id),
      ids: () => table.keys(),
      all: () => table.values(),
    },
  }
  return {
    clock,
    chain,
    twin,
    store: memoryStore({ clock }),
    book: () => book,
    async mine() {
      chain.mine()
      const touched = [...twin.follow()].map((id) => [id, twin.account(id)] as const)
      const changed = new Map([...book.changed, ...touched])
      const { number, hash } = await chain.head()
      book = { ...book, block: { number, hash }, changed }
    },
  }
}

/** One process with both keepers. What it knows of accounts is its own. */
export type BurstWorker = {
  /** Each keeper's slot, with a block after it: looked at, decided, stored, signed and sent. */
  slot(number: number): Promise<void>
}

export type BurstPolicy = { readonly mostPerSlot: number }

export function openWorker(
  { clock, chain, twin, store: stored, book, mine }: BurstWorld,
  name: string,
  { mostPerSlot }: BurstPolicy,
  gate: Gate = async (_name, act) => act(),
): BurstWorker {
  const engines = { dex: twin.engine }
  const lane: LaneWorld = gated(
    {
      id: `fake/${us}`,
      account: us,
      chain: { ...chain, blockSeconds: 1 },
      engines,
      store: stored,
      clock,
      policy,
      slotAt: () => clock.now(),
      notify,
    },
    gate,
  )
  const store: Store = {
    ...stored,
    ...lane.store,
    ticks: {
      ...stored.ticks,
      finish: async (...given) => gate('ticks.finish', async () => stored.ticks.finish(...given)),
    },
  }
  const books = {
    read: async () => ({ version: 1, book: book(), check: { next: 0, owed: 0, slot: 0 } }),
    write: async () => 'written' as const,
  }
  const recovery = { graceSeconds: 0, stageSeconds: 1, mostWaitSeconds: 1 }
  const freshness = { maxHeadBlocks: 5, maxIndexLagSeconds: 60 }
  const laneOf = () => lane
  const scan = accountScan(openScan)
  const common = { clock, store, books, scan, engines, laneOf, everySeconds: 1, runs: () => false }
  const keepers = [
    liquidate({
      ...common,
      settings: {
        dex: {
          policy: { mostPerSlot, mostNotionalUsd: 10 ** 9, leastRewardUsd: 0 },
          recovery,
          freshness,
        },
      },
      nodes: [],
      feeMarkets: {},
    }),
    deleverage({
      ...common,
      settings: { dex: { rule: 'hyperliquid', mostPerSlot, recovery, freshness } },
    }),
  ] as const
  const perform = performer({
    ports: { clock, store, engines, oracles: [], positions: books },
    laneOf,
    messenger: {
      clock,
      incidents: store.incidents,
      desk: store.desk,
      rules: {},
      channels: {},
      routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
      notify,
    },
    notify,
  })
  const run = { clock, store, worker: name, notify, maxLateMs: 60_000, perform }

  /** A block, and what the lane makes of it. One account has no more than one transaction in a block here. */
  async function follow(): Promise<void> {
    await mine()
    try {
      await advanceLane(lane)
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
  }

  return {
    async slot(slot) {
      const now = clock.now()
      const [first, second] = keepers
      // Sent, and not waited for.
      const tick = { subject: 'dex', slot, slotAt: now, until: timestamp(now + 100) }
      const one = await runKeeper(run, first, tick)
      await follow()
      const other = await runKeeper(run, second, tick)
      await follow()
      for (const end of [one, other])
        if (end.kind === 'failed' && end.reason !== 'Killed')
          throw new BurstError(slot, `${end.reason}: ${end.detail}`)
    },
  }
}

function notify(): void {
  // Nobody listens.
}

/** A keeper's slot failed, although nobody killed it. */
export class BurstError extends Error {
  override readonly name = 'BurstError'

  constructor(slot: number, why: string) {
    super(`slot ${slot} failed: ${why}`)
  }
}
