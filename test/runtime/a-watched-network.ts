import { memoryStore, type MemoryStore } from '../../lib/adapters/store/memory.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import type {
  ChainMemory,
  ChangeMemory,
  MarkMemory,
  SystemMemory,
} from '../../lib/domain/watch/system-memory.ts'
import { parseNetwork } from '../../lib/runtime/network-file.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { anIncident } from '../adapters/store/samples.ts'

export const watchedAt = timestamp(1_764_000_000_000)

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const address = '0xc662c410C0ECf747543f5bA90660f6ABeBD9C8c4'

/** Somebody who only watches: a rollup that proves, one that is disputed, a chain of its own, and an exchange's marks. */
export function aWatchedNetwork(): Network {
  return parseNetwork(
    `network: watcher
store: { kind: memory }
chains: {}
engines: {}
markets:
  BTC-USD: { sources: [kraken:BTC-USD, coinbase:BTC-USD, bitstamp:BTC-USD], engines: {} }
  ETH-USD: { sources: [kraken:ETH-USD, coinbase:ETH-USD, bitstamp:ETH-USD], engines: {} }
watched:
  starknet:
    kind: starknet
    rpc: ['https://one.example', 'https://two.example']
    l1Rpc: ['https://three.example']
    core: '${address}'
  base: { kind: op-stack, rpc: ['https://four.example'], l1Rpc: ['https://three.example'], portal: '${address}' }
  dydx: { kind: dydx-v4, nodes: ['https://five.example'], indexer: 'https://six.example', markets: [BTC-USD] }
  paradex: { kind: exchange-marks, exchange: paradex, markets: { BTC-USD: BTC-USD-PERP, ETH-USD: ETH-USD-PERP } }
  untouched: { kind: starknet, rpc: ['https://one.example'], l1Rpc: ['https://three.example'], core: '${address}' }
jobs:
  watch-systems: { everySeconds: 30 }
`,
    'watcher.yml',
    { venueNames: ['kraken', 'coinbase', 'bitstamp'] },
  )
}

/** What is remembered of each of them: of `untouched` nothing. */
export async function aWatchedStore(): Promise<MemoryStore> {
  const store = memoryStore({ clock: { now: () => watchedAt, sleep: async () => undefined } })
  for (const memory of [starknet(), base(), dydx(), paradex()]) await store.systems.write(memory)
  const opened = { state: 'open', openedAt: watchedAt, since: before(3 * hour) } as const
  await store.incidents.write({
    ...anIncident('starknet:state-update', opened),
    rule: 'progress-stalled',
    key: 'progress-stalled:starknet:state-update:1',
    severity: 'critical',
    summary:
      'starknet:state-update: no state-update since block 2014870 at 2025-11-24 07:00:00 UTC, for 9 h',
    symptoms: [
      {
        rule: 'backlog-growing',
        subject: 'starknet:l1-lag',
        severity: 'warning',
        summary: 'starknet:l1-lag does not drain',
        since: before(hour),
      },
    ],
    timeline: [
      { at: before(3 * hour), what: 'first seen: no state-update since block 2014870' },
      { at: before(3 * hour), what: 'it was told' },
      { at: before(hour), what: 'with it backlog-growing of starknet:l1-lag' },
    ],
  })
  await store.incidents.write({
    ...anIncident('dydx:proposal:310', { ...opened, severity: 'info', since: before(2 * day) }),
    rule: 'change-ahead',
    key: 'change-ahead:dydx:proposal:310:1',
    summary: 'dydx:proposal:310: “Raise BTC-USD margins” may take effect in 3 d 4 h',
  })
  return store
}

function before(ms: number): Timestamp {
  return timestamp(watchedAt - ms)
}

function seen(system: string, more: Partial<SystemMemory>): SystemMemory {
  return {
    system,
    lookedAt: before(12 * second),
    firstLookAt: before(40 * day),
    cursor: {},
    chains: {},
    progress: {},
    deadlines: [],
    settings: {},
    levels: {},
    changes: {},
    marks: {},
    unseen: {},
    version: 9,
    ...more,
  }
}

function starknet(): SystemMemory {
  // Every hour, a little more or less; none for nine hours.
  const steps = Array.from({ length: 200 }, (_, index) => ({
    at: before(9 * hour + (199 - index) * hour + ((index * 7) % 11) * minute),
    position: 2_000_000 + index * 75,
    what: `block ${(2_000_000 + index * 75).toLocaleString('en')}`,
  }))
  return seen('starknet', {
    chains: {
      l2: chain({
        everyMs: 2 * second,
        number: 2_015_433,
        ageMs: 2 * second,
        places: { 'one.example': 0, 'two.example': 3 },
      }),
      l1: {
        ...chain({ everyMs: 12 * second, number: 23_868_103, ageMs: 9 * second, places: {} }),
        places: {
          'three.example': {
            head: undefined,
            trouble: { since: before(4 * minute), reason: 'HTTP 429' },
          },
        },
      },
    },
    progress: { 'state-update': { since: before(40 * day), steps } },
    levels: {
      'l1-lag': level('l1-lag', 16_200, 'blocks'),
      'settled-age': level('settled-age', 34_020, 's'),
    },
    changes: changes([
      {
        id: 'upgrade:0x3',
        kind: 'upgrade',
        title: 'implementation becomes 0x3c1f…9a02',
        state: 'announced',
        effectiveAt: timestamp(watchedAt + 8 * day),
        touches: ['implementation'],
        announces: { implementation: '0x3c1f0000000000000000000000000000000000009a02' },
      },
      {
        id: 'upgrade:0x2',
        kind: 'upgrade',
        title: 'program of the OS',
        state: 'done',
        effectiveAt: before(2 * day),
        doneAt: before(2 * day),
        touches: ['programHash'],
        announces: { programHash: '0xc' },
        differs: 'programHash is 0xb, announced was 0xc',
      },
    ]),
    finality: {
      by: 'validity proof',
      finalMs: 5 * hour + 12 * minute,
      withdrawalMs: 5 * hour + 12 * minute,
      basis:
        'half of 60.0 min between updates (median of 199), 266.0 min from a block to the update that holds it (the last one), 16.0 min until L1 is final',
    },
    unseen: { 'level:settled-mismatch': { since: before(40 * minute), reason: 'HTTP 429' } },
  })
}

function base(): SystemMemory {
  return seen('base', {
    chains: {
      l2: chain({
        everyMs: 2 * second,
        number: 38_591_204,
        ageMs: second,
        places: { 'four.example': 0 },
      }),
    },
    progress: {
      output: {
        since: before(40 * day),
        steps: Array.from({ length: 100 }, (_, index) => ({
          at: before(20 * minute + (99 - index) * 30 * minute),
          position: index,
          what: `game ${18_000 + index}`,
        })),
      },
    },
    finality: {
      by: 'fault proof',
      finalMs: 7 * day + 15 * minute,
      withdrawalMs: 7 * day + 3 * hour,
      basis:
        "half of 30.0 min between claims (the middle one of 99); 302400 s of a game's clock and 302400 s of finality delay; 16.0 min until L1 is final",
    },
  })
}

function dydx(): SystemMemory {
  return seen('dydx', {
    chains: {
      chain: chain({
        everyMs: 1_100,
        number: 51_204_881,
        ageMs: second,
        places: { 'five.example': 0 },
      }),
      indexer: chain({
        everyMs: 1_100,
        number: 51_204_880,
        ageMs: 2 * second,
        places: { 'six.example': 0 },
      }),
    },
    deadlines: [
      {
        name: 'funding',
        from: before(40 * minute),
        until: timestamp(watchedAt + 20 * minute),
        text: 'the hour’s funding must be there',
      },
      {
        name: 'prices',
        from: before(9 * minute),
        until: timestamp(watchedAt + minute),
        text: 'a price older than ten minutes stops liquidations',
      },
    ],
    settings: { 'oracle:SOL-USD': { value: '7 venues', since: before(day), before: '6 venues' } },
    levels: {
      'insurance-fund': level('insurance-fund', 18_204_112, 'USDC', { floor: 5_000_000 }),
      'indexer-lag': level('indexer-lag', 1, 's', { ceiling: 30 }),
    },
    changes: changes([
      {
        id: 'proposal:310',
        kind: 'proposal',
        title: 'Raise BTC-USD margins',
        state: 'announced',
        effectiveAt: timestamp(watchedAt + 3 * day + 4 * hour),
        touches: ['margin', 'liquidation', 'market:BTC-USD'],
        announces: { 'tier:0': 'initial margin 40000 ppm, maintenance 60 %' },
      },
      {
        id: 'upgrade:v9',
        kind: 'upgrade',
        title: 'software v9.4',
        state: 'decided',
        effectiveAt: timestamp(watchedAt + 5 * hour + 12 * minute),
        touches: ['software'],
        announces: {},
      },
      {
        id: 'proposal:305',
        kind: 'proposal',
        title: 'Oracle of SOL-USD takes one more venue',
        state: 'done',
        effectiveAt: before(day),
        doneAt: before(day),
        touches: ['oracle', 'market:SOL-USD'],
        announces: { 'oracle:SOL-USD': '7 venues' },
      },
      {
        id: 'proposal:311',
        kind: 'proposal',
        title: 'A market for PAXG-USD',
        state: 'announced',
        touches: ['market:PAXG-USD'],
        announces: {},
      },
    ]),
    finality: {
      by: 'consensus',
      finalMs: 1_100,
      withdrawalMs: 1_100,
      basis: 'a block every 1.1 s; a block that is there is final',
    },
  })
}

function paradex(): SystemMemory {
  const buckets = Array.from({ length: 60 }, (_, index) => ({
    at: before((60 - index) * 10 * minute),
    bps: 4 + (index % 5),
  }))
  return seen('paradex', {
    marks: {
      'BTC-USD': { last: aMark('BTC-USD'), at: watchedAt, bps: 2.4, buckets },
      'ETH-USD': {
        last: aMark('ETH-USD', { mark: '2790.10', ours: '2812.46', fundingPerHour: '-0.00003' }),
        at: watchedAt,
        bps: -79.5,
        apartSince: before(3 * minute),
        buckets,
      },
    },
  })
}

function aMark(market: string, more: Partial<MarkMemory['last']> = {}): MarkMemory['last'] {
  return { market, mark: '97123.4', ours: '97100', fundingPerHour: '0.0000125', ...more }
}

function level(
  name: string,
  value: number,
  unit: string,
  bounds: { readonly floor?: number; readonly ceiling?: number } = {},
) {
  return { last: { name, value, unit, ...bounds }, at: watchedAt, buckets: [] }
}

function changes(all: readonly Omit<ChangeMemory, 'announcedAt' | 'seenAt'>[]) {
  const seenAt = before(9 * day)
  return Object.fromEntries(all.map((one) => [one.id, { ...one, announcedAt: seenAt, seenAt }]))
}

function chain({
  everyMs,
  number,
  ageMs,
  places,
}: {
  readonly everyMs: number
  readonly number: number
  readonly ageMs: number
  /** How many blocks each is behind. */
  readonly places: Readonly<Record<string, number>>
}): ChainMemory {
  const head = (behind: number) => ({
    number: number - behind,
    hash: `0x${(number - behind).toString(16)}`,
    time: before(ageMs + behind * everyMs),
  })
  return {
    places: Object.fromEntries(
      Object.entries(places).map(([place, behind]) => [place, { head: head(behind) }]),
    ),
    newest: head(0),
    agreed: head(0),
    paces: Array.from({ length: 20 }, (_, index) => ({
      at: before((20 - index) * 30 * second),
      ms: everyMs,
    })),
    retreats: [],
  }
}
