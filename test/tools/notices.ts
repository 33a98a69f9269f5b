import { Decimal } from '../../lib/domain/decimal.ts'
import type { Incident } from '../../lib/domain/incident.ts'
import type { Intent, IntentState } from '../../lib/domain/intent.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Notice } from '../../lib/keepers/notice.ts'
import type { TickOutcome } from '../../lib/ports.ts'

/** When the runs of these tests begin. */
export const start = 1_800_000_000_000
export const at = (seconds: number) => timestamp(start + Math.round(seconds * 1000))

export function aTick(
  seconds: number,
  outcome: Partial<TickOutcome> = {},
  job: Partial<{ job: string; subject: string; slot: number }> = {},
): Notice & { kind: 'tick' } {
  return {
    kind: 'tick',
    at: at(seconds + 1),
    job: { job: 'push-prices', subject: 'evm', slot: seconds, ...job },
    slotAt: at(seconds),
    outcome: { kind: 'done', reason: 'pushed', detail: '', at: at(seconds + 1), ...outcome },
  }
}

export function anIntent(state: IntentState, id = 'push-prices:evm:1'): Intent {
  const update = { market: parseMarket('BTC-USD'), price: new Decimal(64_000), reports: [] }
  return {
    id,
    lane: 'evm/0x1',
    action: { kind: 'push-prices', engine: 'evm', round: 1, updates: [update] },
    createdAt: at(0),
    deadline: at(30),
    state,
  }
}

/** In a block that was first seen `afterMs` after the slot. */
export function anInclusion({
  hash = '0xaa',
  slot = 0,
  afterMs = 1_000,
  reverted,
  chain = 'evm',
}: {
  readonly hash?: `0x${string}`
  readonly slot?: number
  readonly afterMs?: number
  readonly reverted?: string
  readonly chain?: string
} = {}): Notice & { kind: 'transaction' } {
  const seenAt = timestamp(at(slot) + afterMs)
  const block = { number: 7, hash: '0xb7', time: seenAt } as const
  const rest = { nonce: 1, hash, sentAt: seenAt, block, seenAt }
  return {
    kind: 'transaction',
    at: seenAt,
    chain,
    slotAt: at(slot),
    intent: anIntent({ kind: 'included', reverted, ...rest }, `push-prices:${chain}:${hash}`),
  }
}

export function anIncident(change: Partial<Incident> = {}): Incident {
  return {
    rule: 'venue-down',
    subject: 'kraken',
    key: `venue-down:kraken:${start}`,
    state: 'open',
    severity: 'warning',
    summary: 'kraken does not answer',
    since: at(0),
    seenAt: at(0),
    openedAt: at(0),
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
