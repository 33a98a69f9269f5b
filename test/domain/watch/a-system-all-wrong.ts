import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import type { ChainMemory, SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import type { SystemRules } from '../../../lib/domain/watch/system-rules.ts'
import type { ChangeSight } from '../../../lib/domain/watch/system-sight.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export const rulesOfAllWrong: SystemRules = {
  ownChains: {},
  mostMs: { 'state-update': 8 * hour },
  floors: { 'insurance-fund': 1_000 },
  ceilings: {},
  expect: { programHash: '0xa' },
  lookMs: 30_000,
  numbers: watchNumbers,
}

/** A watched system in which every rule finds something. */
export function aSystemAllWrong(now: Timestamp): SystemMemory {
  const at = (beforeMs: number) => timestamp(now - beforeMs)
  return {
    system: 'starknet',
    lookedAt: now,
    firstLookAt: at(40 * day),
    cursor: {},
    chains: chainsOf(at),
    progress: {
      // Every hour for a month, every two hours for the last day, and none since ten hours ago.
      'state-update': {
        since: at(40 * day),
        steps: [...hourly(at, 25 * day, 35 * hour, 1), ...hourly(at, 34 * hour, 10 * hour, 2)],
      },
    },
    deadlines: [
      {
        name: 'forced-request:withdrawal:7',
        from: at(6 * day),
        until: at(-day),
        text: 'the withdrawal of 7 must be served, or anybody may freeze the exchange',
      },
    ],
    settings: {
      programHash: { value: '0xb', since: at(hour), before: '0xa' },
      configHash: { value: '0xd', since: at(30 * day) },
    },
    levels: {
      'insurance-fund': {
        last: { name: 'insurance-fund', value: 900, unit: 'USD' },
        at: now,
        outSince: at(hour),
        buckets: [],
      },
      'funding-index:BTC-USD': {
        last: { name: 'funding-index:BTC-USD', value: 0, unit: 'USD', mostPerHour: 10 },
        at: now,
        jumped: { at: at(minute), from: 1_204, to: 0 },
        buckets: [],
      },
      'insurance-fund:BTC-USD': {
        last: { name: 'insurance-fund:BTC-USD', value: 40_000, unit: 'USD', pays: true },
        at: now,
        buckets: [
          { at: at(50 * minute), low: 100_000, high: 100_000 },
          { at: at(minute), low: 40_000, high: 60_000 },
        ],
      },
      liquidations: {
        last: { name: 'liquidations', value: 900, unit: 'in an hour', bursts: true },
        at: now,
        // Three in every hour of two days, until now.
        buckets: Array.from({ length: 576 }, (_, index) => {
          const value = index < 570 ? 3 : 900
          return { at: at((575 - index) * 5 * minute), low: value, high: value }
        }),
      },
      'l1-lag': {
        last: { name: 'l1-lag', value: 4_000, unit: 'blocks', drains: true },
        at: now,
        // Over windows of two usual intervals of two hours.
        buckets: Array.from({ length: 240 }, (_, index) => {
          const value = Math.round(500 * 1.012 ** index)
          return { at: at((239 - index) * 5 * minute), low: value, high: value }
        }),
      },
    },
    changes: Object.fromEntries(
      [
        change('upgrade:0x1', { effectiveAt: at(-3 * day) }),
        change('upgrade:0x2', { effectiveAt: at(-5 * hour), state: 'decided' }),
        change('upgrade:0x3', { effectiveAt: at(-30 * minute) }),
        {
          ...change('upgrade:0x4', { effectiveAt: at(hour), state: 'done' }),
          doneAt: at(hour),
          differs: 'programHash is 0xb, announced was 0xc',
        },
      ].map((one) => [one.id, { ...one, seenAt: at(9 * day) }]),
    ),
    marks: {
      'BTC-USD': {
        last: { market: 'BTC-USD', mark: '102000', fundingPerHour: '0.00001', ours: '100000' },
        at: now,
        bps: 200,
        apartSince: at(5 * minute),
        buckets: [],
      },
    },
    finality: {
      by: 'validity proof',
      finalMs: 5 * hour,
      withdrawalMs: 6 * hour,
      basis: 'updates every hour, proofs of four hours',
    },
    unseen: { 'level:settled-age': { since: at(hour), reason: 'no node has the block' } },
    version: 7,
  }
}

function chainsOf(at: (beforeMs: number) => Timestamp): SystemMemory['chains'] {
  const head = (number: number, beforeMs: number) => ({
    number,
    hash: `0x${number.toString(16)}`,
    time: at(beforeMs),
  })
  const chain = (more: Partial<ChainMemory>): ChainMemory => ({
    places: { 'one.example': { head: head(100, 2_000) } },
    newest: head(100, 2_000),
    agreed: undefined,
    paces: paced(at, 2_000),
    retreats: [],
    ...more,
  })
  const trouble = { since: at(10 * minute), reason: 'one.example did not answer' }
  return {
    // A stalled chain whose two nodes do not agree on where.
    l2: chain({
      places: {
        'one.example': { head: head(1_962_873, 20 * minute) },
        'two.example': { head: head(1_962_800, 23 * minute) },
      },
      newest: head(1_962_873, 20 * minute),
      apartSince: at(20 * minute),
      retreats: [
        {
          at: at(5 * minute),
          place: 'one.example',
          from: { number: 1_962_990, hash: '0xa' },
          to: { number: 1_962_873, hash: '0xb' },
        },
      ],
    }),
    l1: chain({ places: { 'three.example': { head: undefined, trouble } } }),
    chain: chain({ paces: [...paced(at, 2_000), ...paced(at, 30_000, 0, 5)] }),
    indexer: chain({ newest: head(100, -minute) }),
  }
}

/** So many looks at new blocks, a quarter of a minute apart. */
function paced(
  at: (beforeMs: number) => Timestamp,
  ms: number,
  lastBeforeMs = 10 * minute,
  looks = 20,
) {
  return Array.from({ length: looks }, (_, index) => ({
    at: at(lastBeforeMs + (looks - 1 - index) * 15_000),
    ms,
  }))
}

function hourly(at: (ms: number) => Timestamp, from: number, to: number, hours: number) {
  const count = Math.floor((from - to) / (hours * hour)) + 1
  return Array.from({ length: count }, (_, index) => {
    const beforeMs = from - index * hours * hour
    return { position: at(beforeMs), at: at(beforeMs), what: `block ${at(beforeMs) % 1_000_000}` }
  })
}

function change(id: string, more: Partial<ChangeSight>): ChangeSight {
  return {
    id,
    kind: 'upgrade',
    title: `upgrade to ${id}`,
    announcedAt: timestamp(1),
    state: 'announced',
    touches: ['upgrade'],
    announces: {},
    ...more,
  }
}
