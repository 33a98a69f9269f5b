import { memoryBlobs } from '../../lib/adapters/blobs/memory.ts'
import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Alert } from '../../lib/domain/alert.ts'
import { instrumentName } from '../../lib/domain/instrument.ts'
import type { Clock, Engine, QuoteSource } from '../../lib/ports.ts'
import type { World } from '../../lib/runtime/compose.ts'
import { feedsOf } from '../../lib/runtime/world/feeds-of.ts'
import { memoryBooks } from '../adapters/positions/memory-books.ts'
import { usd } from '../domain/quotes.ts'
import { type FakeChain, fakeChain } from '../keepers/fake-chain.ts'
import { fakeEngine } from '../keepers/fake-engine.ts'
import { noSidecars } from '../keepers/prove/no-sidecars.ts'
import { aNetwork } from './a-network.ts'

/** A whole network in memory: every venue says 97000, or 1 of a conversion, and the chain is a fake one. */
export function aWorld({
  clock,
  nodes = ['oracle-1'],
}: {
  readonly clock: Clock
  readonly nodes?: readonly string[]
}): {
  readonly world: World
  readonly chain: FakeChain
  readonly engine: Engine
  readonly heard: readonly Alert[]
} {
  const network = aNetwork({ oracles: nodes })
  const chain = fakeChain({ clock, name: 'l1' })
  const watched = fakeChain({ clock, name: 'watched' })
  const engine = fakeEngine({ chain, name: 'evm', quorum: { 'BTC-USD': 1, 'ETH-USD': 1 } })
  const heard: Alert[] = []
  const store = memoryStore({ clock })
  const world: World = {
    network,
    feeds: feedsOf(network),
    ports: {
      clock,
      orderBooks: { read: async () => Promise.resolve({ books: {}, failures: [] }) },
      quotes: calmVenues(clock),
      chains: { l1: chain, watched },
      engines: { evm: engine },
      oracles: nodes.map((node) => ({ node, stark: undefined, evm: undefined })),
      peers: [],
      alerts: {
        log: {
          name: 'log',
          async deliver(alert) {
            heard.push(alert)
          },
          digest: async () => Promise.resolve(),
        },
      },
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
  return { world, chain, engine, heard }
}

function calmVenues(clock: Clock): QuoteSource {
  return {
    latest: async (wanted) => ({
      failures: [],
      quotes: wanted.map(({ venue, instrument }) => {
        const price = usd(instrument.base === 'USDT' ? 1 : 97_000)
        return {
          venue,
          instrument: instrumentName(instrument),
          bid: price,
          ask: price,
          last: price,
          timeKind: 'quote',
          venueTime: clock.now(),
          receivedAt: clock.now(),
          answeredAt: undefined,
          suspended: false,
        }
      }),
    }),
  }
}
