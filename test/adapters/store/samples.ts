import type { PushPrices } from '../../../lib/domain/action.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import type { Incident } from '../../../lib/domain/incident.ts'
import type { Intent, IntentState } from '../../../lib/domain/intent.ts'
import type { Lane } from '../../../lib/domain/lane.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import type { Batch, ProvingLane } from '../../../lib/domain/proving/batch.ts'
import type { SignedReport } from '../../../lib/domain/report.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import type { SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import type { Clock, SlotRecord } from '../../../lib/ports.ts'

export const start = timestamp(1_764_000_000_000)

export const dayMs = 24 * 60 * 60_000

export function at(ms: number): Timestamp {
  return timestamp(start + ms)
}

/** A clock that stands until it is set forward; sleeping takes no time. */
export type SteppedClock = Clock & { pass(ms: number): void }

export function steppedClock(): SteppedClock {
  let now = start
  return {
    now: () => now,
    sleep: async () => {},
    pass(ms) {
      now = timestamp(now + ms)
    },
  }
}

export function aReport(
  node: string,
  round: number,
  price = '97123.123456789012345678',
): SignedReport {
  return {
    node,
    round,
    feed: parseMarket('BTC-USD'),
    price: new Decimal(price),
    // Each round is seen later than the one before it.
    observedAt: timestamp(start + round * 1_000),
    oldestInputAt: timestamp(start + round * 1_000),
    sources: 7,
    configHash: '0x5f',
    signatures: { 'evm-engine': { signer: '0xabc', signature: ['0x1122'] } },
  }
}

/** Work that tells prices. */
type PricesIntent = Intent & { readonly action: PushPrices }

export function anIntent(id: string, change: Partial<PricesIntent> = {}): PricesIntent {
  return {
    id,
    lane: 'evm/0xkeeper',
    action: {
      kind: 'push-prices',
      engine: 'evm-engine',
      round: 7,
      updates: [
        {
          market: parseMarket('BTC-USD'),
          price: new Decimal('0.000000000000000001'),
          reports: [aReport('alpha', 7)],
        },
      ],
    },
    createdAt: start,
    deadline: at(60_000),
    state: { kind: 'waiting' },
    ...change,
  }
}

export const failed: IntentState = {
  kind: 'failed',
  why: 'expired',
  reason: 'too late',
  hash: undefined,
}

export const settled: IntentState = {
  kind: 'settled',
  nonce: 4,
  hash: '0xfeed',
  sentAt: start,
  block: { number: 12, hash: '0xb10c', time: start },
  seenAt: start,
}

export const claimed: IntentState = { kind: 'claimed', nonce: 4, hash: '0xfeed', sentAt: undefined }

export function aLane(version: number, change: Partial<Lane> = {}): Lane {
  return {
    id: 'evm/0xkeeper',
    nextNonce: 5,
    inFlight: [
      {
        nonce: 4,
        sequence: undefined,
        intents: ['push-prices:evm-engine:round-7'],
        attempts: [
          {
            hash: '0xfeed',
            bytes: '0x02f8b1',
            // Larger than any double holds exactly.
            fee: {
              kind: 'evm',
              gas: 210_000n,
              maxFeePerGas: 123_456_789_012_345_678_901n,
              maxPriorityFeePerGas: 1n,
            },
            signedAt: start,
            sentAt: undefined,
          },
        ],
        state: 'prepared',
        block: undefined,
        outcome: undefined,
        seenAt: undefined,
        lostSince: undefined,
      },
    ],
    version,
    ...change,
  }
}

export function anIncident(subject: string, change: Partial<Incident> = {}): Incident {
  return {
    rule: 'price-late',
    subject,
    key: `price-late:${subject}:${start}`,
    state: 'open',
    severity: 'warning',
    summary: 'the price is late',
    since: start,
    seenAt: start,
    openedAt: start,
    worsenedAt: undefined,
    resolvedAt: undefined,
    goneSince: undefined,
    goneLooks: 0,
    comebacks: 0,
    channels: {},
    earlier: [],
    version: 1,
    ...change,
  }
}

/** A channel that heard it open, and nothing since. */
export const heardOpen = {
  told: 'opened',
  severity: 'warning',
  at: start,
  failures: 0,
  nextTryAt: undefined,
  trying: false,
  perhaps: false,
  refused: undefined,
} as const

const blockOf = (height: number) => ({ number: height, hash: `0x${height.toString(16)}` }) as const

export function aBatch(number: number, change: Partial<Batch> = {}): Batch {
  return {
    lane: 'appchain',
    number,
    content: {
      name: `blocks ${number * 10 + 1}-${number * 10 + 10}`,
      previous: blockOf(number * 10),
      last: blockOf(number * 10 + 10),
      previousRoot: '0xa0',
      newRoot: '0xa1',
      size: 12,
      closedAt: start,
      closedBy: 'count',
    },
    state: { kind: 'planned' },
    stateSince: start,
    deadlineAt: at(60_000),
    nextActionAt: at(number),
    attempts: { submit: 0, looks: 0, settle: 0, trouble: 0, granted: { submit: 0, settle: 0 } },
    history: [{ at: start, to: 'planned' }],
    fence: 1,
    version: 1,
    ...change,
  }
}

export function aProvingLane(change: Partial<ProvingLane> = {}): ProvingLane {
  return { name: 'appchain', newest: 0, settled: 0, finalized: 0, fence: 1, version: 1, ...change }
}

export function aSystemMemory(system: string, lookedAt: Timestamp, steps = 3): SystemMemory {
  const head = { number: 1_962_873, hash: '0x7a1', time: lookedAt }
  return {
    system,
    firstLookAt: start,
    lookedAt,
    cursor: { l1: '100-200' },
    chains: {
      l2: {
        places: { 'node.example': { head }, 'other.example': { head: undefined } },
        newest: head,
        agreed: head,
        paces: [{ at: lookedAt, ms: 2_000 }],
        retreats: [],
      },
    },
    progress: {
      'state-update': {
        since: start,
        steps: Array.from({ length: steps }, (_, index) => ({
          position: index,
          at: at(index * 7_200_000),
          what: `block ${index}`,
        })),
      },
    },
    deadlines: [],
    settings: { implementation: { value: '0xabc', since: start } },
    levels: {},
    changes: {},
    marks: {},
    unseen: {},
    version: 1,
  }
}

/** One slot of five seconds. */
export function aRecord(slot: number, over: Partial<SlotRecord> = {}): SlotRecord {
  return {
    keeper: 'push-prices',
    subject: 'core',
    slot,
    at: at(slot * 5_000),
    parameters: '0x5e7',
    code: '1.2.3',
    view: `{"slot":${slot},"b":1,"a":[1.50,"é"]}`,
    decided: '{"actions":[]}',
    ...over,
  }
}
