import type { LiquidationPart } from '../../domain/action.ts'
import { carried, type Intent, leftOf } from '../../domain/intent.ts'
import { partName } from '../../domain/left-out.ts'
import type { BookedWork, LedgerRow } from '../../domain/pnl/ledger-row.ts'
import { dollars } from '../../domain/pnl/row-usd.ts'

/** One account's part of a liquidation: on its way, or as it was booked. Money is in USD as text. */
export type AttemptView = {
  readonly key: string
  readonly at: number
  readonly account: string
  /** As the network file has it, else as the exchange does. */
  readonly market: string
  /**
   * On its way: `waiting`, `signed`, `sent`; `included`: in a block, not booked yet. Booked: `won`, `missed` (somebody else had
   * it), `lost` (refused in its block). Failed: `reverted`, `expired`, `refused`, `superseded`.
   */
  readonly outcome:
    | 'waiting'
    | 'signed'
    | 'sent'
    | 'included'
    | 'won'
    | 'missed'
    | 'lost'
    | 'reverted'
    | 'expired'
    | 'refused'
    | 'superseded'
  readonly why: string
  /** What is or was taken over. */
  readonly notional: string | undefined
  /**
   * Expected while it is on its way; what it brought where it was won; what others had where it was missed. Undefined where
   * nobody tells the mark.
   */
  readonly reward: string | undefined
  /** What the insurance fund paid. */
  readonly cover: string
  readonly stages: Stages
}

/** How long each part of the way took; undefined where it is not known, or not so far. */
export type Stages = {
  /** From decided to signed, from that to sent, and from that to seen in a block. */
  readonly signMs: number | undefined
  readonly sendMs: number | undefined
  readonly blockMs: number | undefined
  readonly allMs: number | undefined
}

/** Newest first: what is on its way or not booked yet, then what is booked. */
export function attemptsView(look: {
  readonly engine: string
  readonly intents: readonly Intent[]
  readonly rows: readonly LedgerRow[]
  readonly decimals: number
  readonly limit: number
}): readonly AttemptView[] {
  const { engine, intents, rows, decimals, limit } = look
  const booked = new Set(rows.flatMap(workKey))
  const open = intents
    .filter(({ action }) => action.engine === engine)
    .flatMap((intent) => partsOf(intent, decimals))
    .filter(({ key }) => !booked.has(key))
  return [...open, ...rows.flatMap((row) => bookedView(row, decimals))]
    .toSorted((one, other) => other.at - one.at)
    .slice(0, limit)
}

/** Of all whose whole way is known, the middle of each stage. */
export function middleStages(attempts: readonly AttemptView[]): Stages & { readonly of: number } {
  const whole = attempts.flatMap(({ stages }) => (stages.allMs === undefined ? [] : [stages]))
  const middle = (of: (stages: Stages) => number | undefined): number | undefined => {
    const known = whole.flatMap((stages) => of(stages) ?? []).toSorted((a, b) => a - b)
    return known[Math.floor((known.length - 1) / 2)]
  }
  return {
    of: whole.length,
    signMs: middle(({ signMs }) => signMs),
    sendMs: middle(({ sendMs }) => sendMs),
    blockMs: middle(({ blockMs }) => blockMs),
    allMs: middle(({ allMs }) => allMs),
  }
}

function workKey(row: LedgerRow): readonly string[] {
  switch (row.kind) {
    case 'won':
      return row.work ? [keyOf(row.work.intent, row.event)] : []
    case 'no-effect':
      return [keyOf(row.work.intent, row)]
    case 'missed':
    case 'deleveraged':
      return []
  }
}

function keyOf(
  intent: string,
  { account, market }: { readonly account: string; readonly market?: string | undefined },
): string {
  return `${intent} ${account} ${market ?? ''}`
}

function partsOf(intent: Intent, decimals: number): readonly AttemptView[] {
  const { id, action, state, createdAt } = intent
  if (action.kind !== 'liquidate') return []
  const carriedAction = carried(intent)
  const taken = carriedAction.kind === 'liquidate' ? carriedAction.updates : []
  const left = leftOf(state)
  const stages = stagesOf(intent)
  const view = (part: LiquidationPart, how: Pick<AttemptView, 'outcome' | 'why' | 'stages'>) => ({
    key: keyOf(id, part),
    at: createdAt,
    account: part.account,
    market: part.market,
    notional: dollars(part.cash, decimals).abs().toFixed(2),
    reward: dollars(part.reward, decimals).toFixed(2),
    cover: dollars(part.cover, decimals).toFixed(2),
    ...how,
  })
  return [
    ...taken.map((part) => view(part, { ...standing(state), stages })),
    ...left.flatMap((one) => {
      const part = action.updates.find((update) => partName(update) === partName(one))
      return part ? [view(part, { outcome: 'refused', why: one.reason, stages: noStages })] : []
    }),
  ]
}

function standing(state: Intent['state']): Pick<AttemptView, 'outcome' | 'why'> {
  switch (state.kind) {
    case 'waiting':
      return { outcome: 'waiting', why: '' }
    case 'claimed':
      return { outcome: state.sentAt === undefined ? 'signed' : 'sent', why: '' }
    case 'included':
      return state.reverted === undefined
        ? { outcome: 'included', why: '' }
        : { outcome: 'reverted', why: state.reverted }
    case 'settled':
      return { outcome: 'included', why: '' }
    case 'failed':
      return { outcome: state.why, why: state.reason }
  }
}

const noStages: Stages = {
  signMs: undefined,
  sendMs: undefined,
  blockMs: undefined,
  allMs: undefined,
}

function stagesOf({ createdAt, state }: Intent): Stages {
  switch (state.kind) {
    case 'waiting':
      return noStages
    case 'claimed':
      return stagesBy({ decidedAt: createdAt, sentAt: state.sentAt })
    case 'included':
    case 'settled':
      return stagesBy({ decidedAt: createdAt, ...state })
    case 'failed':
      return state.inclusion ? stagesBy({ decidedAt: createdAt, ...state.inclusion }) : noStages
  }
}

function stagesBy({
  decidedAt,
  signedAt,
  sentAt,
  seenAt,
}: {
  readonly decidedAt: number
  readonly signedAt?: number | undefined
  readonly sentAt?: number | undefined
  readonly seenAt?: number | undefined
}): Stages {
  return {
    signMs: between(decidedAt, signedAt),
    sendMs: between(signedAt, sentAt),
    blockMs: between(sentAt, seenAt),
    allMs: between(decidedAt, seenAt),
  }
}

function between(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from)
}

function bookedView(row: LedgerRow, decimals: number): readonly AttemptView[] {
  const usd = (amount: bigint): string => dollars(amount, decimals).toFixed(2)
  switch (row.kind) {
    case 'won':
    case 'missed': {
      const { id, at, event } = row
      return [
        {
          key: row.kind === 'won' && row.work ? keyOf(row.work.intent, event) : id,
          at: row.kind === 'won' && row.work ? row.work.decidedAt : at,
          account: event.account,
          market: event.market ?? event.asset,
          outcome: row.kind,
          why: row.kind === 'missed' ? row.why : '',
          notional: dollars(event.cash, decimals).abs().toFixed(2),
          reward: event.reward === undefined ? undefined : usd(event.reward),
          cover: usd(event.cover),
          stages: row.kind === 'won' ? bookedStages(row.work) : noStages,
        },
      ]
    }
    case 'no-effect':
      return [
        {
          key: keyOf(row.work.intent, row),
          at: row.work.decidedAt,
          account: row.account,
          market: row.market,
          outcome: row.outcome,
          why: row.reason,
          notional: undefined,
          reward: usd(row.expected),
          cover: usd(0n),
          stages: bookedStages(row.work),
        },
      ]
    case 'deleveraged':
      return []
  }
}

function bookedStages(work: BookedWork | undefined): Stages {
  return work ? stagesBy(work) : noStages
}
