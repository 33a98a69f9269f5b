import { memoryBlobs } from '../../lib/adapters/blobs/memory.ts'
import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import type { Notice } from '../../lib/keepers/notice.ts'
import type { Clock, QuoteSource, Store } from '../../lib/ports.ts'
import type { World } from '../../lib/runtime/compose.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { governanceDesk, type GovernanceDesk } from '../../lib/runtime/parameters/desk.ts'
import { feedsOf } from '../../lib/runtime/world/feeds-of.ts'
import { type Workers, workersOf } from '../../lib/runtime/world/workers.ts'
import { memoryBooks } from '../adapters/positions/memory-books.ts'
import { type FakeChain, fakeChain } from '../keepers/fake-chain.ts'
import { fakeEngine } from '../keepers/fake-engine.ts'
import { noSidecars } from '../keepers/prove/no-sidecars.ts'
import { type RecordedMarket, recordedNetwork, venueNames } from './recorded-network.ts'
import { recordedVenues } from './recorded-venues.ts'

/** A clock that stands where it was put. */
export type SetClock = Clock & { set(at: number): void }

export function setClock(at: number): SetClock {
  let now = at
  return {
    now: () => timestamp(now),
    async sleep(ms) {
      now += ms
    },
    set(next) {
      now = Math.max(now, next)
    },
  }
}

/** What venues, chain, table and people share, whichever process works. */
export type Place = {
  readonly network: Network
  readonly clock: SetClock
  readonly store: Store
  readonly quotes: QuoteSource
  readonly chain: FakeChain
  readonly desk: GovernanceDesk
  readonly notices: Notice[]
}

export async function aPlace(market: RecordedMarket): Promise<Place> {
  const network = recordedNetwork(market)
  const clock = setClock(market.play.from)
  const store = memoryStore({ clock })
  const chain = fakeChain({ clock, name: 'l1' })
  chain.blockSeconds = 60
  return {
    network,
    clock,
    store,
    chain,
    quotes: await recordedVenues(market.play, clock),
    desk: governanceDesk({ network, known: { venueNames }, clock, store }),
    notices: [],
  }
}

/** One deployment's process, with its own memory of what it has read; `store`: as this process reaches it. */
export function aDeployment(
  { network, clock, quotes, chain, notices, store: shared }: Place,
  worker: string,
  store: Store = shared,
): Workers {
  const engine = fakeEngine({ chain, name: 'evm', quorum: { 'BTC-USD': 1 } })
  const world: World = {
    network,
    feeds: feedsOf(network),
    ports: {
      clock,
      orderBooks: { read: async () => Promise.resolve({ books: {}, failures: [] }) },
      quotes,
      chains: { l1: chain },
      engines: { evm: engine },
      oracles: network.oracles.map(({ name }) => ({
        node: name,
        stark: undefined,
        evm: undefined,
      })),
      peers: [],
      alerts: {},
      store,
      blobs: memoryBlobs({ clock }),
      sidecars: noSidecars,
      proving: {},
      watched: {},
      uptimeFeeds: {},
      positions: memoryBooks(store, clock),
      openScan,
    },
    close: async () => undefined,
  }
  return workersOf(world, { worker, notify: (notice) => notices.push(notice) })
}

const minuteMs = 60_000

/** One minute of two deployments beside each other: each has one node's prices, and they take turns with the rest. */
export async function playMinute(
  { clock, chain }: Place,
  at: number,
  deploymentOf: (job: string, slot: number) => Workers,
): Promise<void> {
  const slot = Math.floor(at / minuteMs)
  const until = (): Timestamp => timestamp(clock.now() + minuteMs)
  const work = async (job: string, subject: string, offsetMs: number): Promise<void> => {
    clock.set(at + offsetMs)
    await deploymentOf(subject === 'network' || subject === 'evm' ? job : subject, slot).work(
      { job, subject, slot },
      until(),
    )
  }
  await work('publish-prices', 'oracle-1', 0)
  await work('publish-prices', 'oracle-2', 0)
  await work('push-prices', 'evm', 10_000)
  chain.mine()
  await work('govern', 'network', 20_000)
  await work('deliver-outbox', 'network', 30_000)
}
