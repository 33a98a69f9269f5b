import type { LiquidationPart } from '../action.ts'
import { Decimal } from '../decimal.ts'
import { carried, type Inclusion, type Intent } from '../intent.ts'
import { partName } from '../left-out.ts'
import {
  happenedAt,
  type LiquidationEvent,
  type Liquidated,
} from '../liquidation/liquidation-event.ts'
import type { Timestamp } from '../time.ts'
import { bookedFee, type FeePrice, shared } from './fee-share.ts'
import type { BookedFee, BookedWork, LedgerRow } from './ledger-row.ts'
import { type Slot, whyMissed } from './why-missed.ts'

export type Booking = {
  /** Our account on the exchange. */
  readonly liquidator: string
  readonly events: readonly LiquidationEvent[]
  /** Whether batches of a StarkEx exchange tell them. */
  readonly isBatched?: boolean
  /** Work of ours to liquidate, that is final and in no block after the last one of the events; and all that the events may be of. */
  readonly intents: readonly Intent[]
  /** Slots of our job in that time, newest first. */
  readonly slots: readonly Slot[]
  readonly fee: FeePrice
}

/** What is to be booked of final blocks and final work: the same rows whenever it is asked. */
export function bookRows(booking: Booking): readonly LedgerRow[] {
  const { events, intents, liquidator, slots } = booking
  const ours = events.filter((event): event is Liquidated => isBy(event, liquidator))
  const byTransaction = Map.groupBy(ours, ({ transaction }) => transaction)
  const works = intents.flatMap(workOf)
  const workBy = new Map(
    works.flatMap((work) => namesIn(work.intent).map((name) => [name, work] as const)),
  )
  return [
    ...[...byTransaction].flatMap(([hash, all]) => wonRows(all, workBy.get(hash), booking)),
    ...works.flatMap((work) =>
      noEffectRows(
        work,
        namesIn(work.intent).flatMap((name) => byTransaction.get(name) ?? []),
        booking,
      ),
    ),
    ...events.flatMap((event) => otherRows(event, liquidator, slots)),
  ]
}

/** One row for one event. A transaction of StarkEx has its id also in another batch, where the first one was aborted. */
function eventId({ block, batch, transaction, place }: LiquidationEvent): string {
  const where = batch === undefined ? [block.hash] : []
  return ['event', ...where, transaction, place].join(':')
}

/**
 * What events call the transaction of this work: its hash, or the id that it was handed in with to a StarkEx exchange, which
 * knows no hashes. Nothing where it is not signed, or never took effect.
 */
export function namesIn({ state }: Intent): readonly `0x${string}`[] {
  if (state.kind === 'waiting') return []
  const signed = state.kind === 'failed' ? state.inclusion : state
  return signed ? [signed.hash, `0x${signed.nonce.toString(16)}`] : []
}

function inclusionIn(state: Intent['state']): Inclusion | undefined {
  if (state.kind === 'settled') return state
  return state.kind === 'failed' ? state.inclusion : undefined
}

function isBy(event: LiquidationEvent, liquidator: string): boolean {
  return event.kind === 'liquidated' && event.liquidator === liquidator
}

function otherRows(
  event: LiquidationEvent,
  liquidator: string,
  slots: readonly Slot[],
): readonly LedgerRow[] {
  const at = happenedAt(event)
  if (event.kind === 'deleveraged') return [{ id: eventId(event), at, kind: 'deleveraged', event }]
  // Of our own account others take nothing that we could have had.
  if (event.liquidator === liquidator || event.account === liquidator) return []
  return [{ id: eventId(event), at, kind: 'missed', event, why: whyMissed(event, slots) }]
}

type Work = {
  readonly intent: Intent
  readonly parts: readonly LiquidationPart[]
  readonly inclusion: Inclusion | undefined
}

function workOf(intent: Intent): readonly Work[] {
  const action = carried(intent)
  if (action.kind !== 'liquidate') return []
  return [{ intent, parts: action.updates, inclusion: inclusionIn(intent.state) }]
}

function wonRows(
  events: readonly Liquidated[],
  work: Work | undefined,
  { fee }: Booking,
): readonly LedgerRow[] {
  const fees = shared(work?.inclusion?.feePaid, events.length)
  return events.map((event, at) => {
    const part = work?.parts.find((one) => partKey(one) === partKey(event))
    return {
      id: eventId(event),
      at: happenedAt(event),
      kind: 'won',
      event,
      work: work && { ...booked(work), ...(part && slippage(event, part)) },
      fee: bookedFee(fees[at], happenedAt(event), fee),
    }
  })
}

function partKey({ account, asset }: { readonly account: string; readonly asset: string }): string {
  return `${account} ${asset}`
}

function booked({ intent, inclusion }: Work): BookedWork {
  const { state } = intent
  return {
    intent: intent.id,
    attempts: inclusion?.attempts,
    decidedAt: intent.createdAt,
    signedAt: inclusion?.signedAt,
    sentAt: inclusion?.sentAt ?? (state.kind === 'claimed' ? state.sentAt : undefined),
    includedAt: inclusion?.block.time,
    seenAt: inclusion?.seenAt,
  }
}

/** Against the mark that it was decided by: the same size for other cash. */
function slippage(event: Liquidated, part: LiquidationPart): Pick<BookedWork, 'slippage'> {
  if (event.base !== part.base || part.cash === 0n) return {}
  const cash = event.cash - part.cash
  const bps = new Decimal(cash.toString()).div(magnitude(part.cash).toString()).mul(10_000)
  return { slippage: { cash, bps: bps.toDecimalPlaces(4) } }
}

function noEffectRows(
  work: Work,
  won: readonly Liquidated[],
  { fee, isBatched = false }: Booking,
): readonly LedgerRow[] {
  const { intent, inclusion } = work
  const { state } = intent
  if (intent.action.kind !== 'liquidate') return []
  const had = new Set(won.map(partKey))
  const lost = work.parts.filter((part) => !had.has(partKey(part)))
  // Those that took effect bear what the transaction cost; work that was never signed cost nothing.
  const isFree = won.length > 0 || (state.kind === 'failed' && state.hash === undefined)
  const fees = shared(isFree ? 0n : inclusion?.feePaid, lost.length)
  const at = inclusion?.block.time ?? intent.createdAt
  const row = (
    part: LiquidationPart,
    said: { readonly outcome: NoEffectOutcome; readonly reason: string; readonly fee: BookedFee },
  ): LedgerRow => ({
    id: `work:${intent.id}:${partKey(part)}`,
    at,
    kind: 'no-effect',
    market: part.market,
    account: part.account,
    expected: part.reward,
    work: booked(work),
    ...said,
  })
  const ended: readonly [NoEffectOutcome, string] =
    state.kind === 'failed'
      ? [state.why, state.reason]
      : ['lost', isBatched ? leftOutOfBatch : refusedInBlock]
  return [
    ...lost.map((part, place) =>
      row(part, { outcome: ended[0], reason: ended[1], fee: bookedFee(fees[place], at, fee) }),
    ),
    ...leftRows(intent).map(({ part, reason }) =>
      row(part, { outcome: 'refused', reason, fee: bookedFee(0n, at, fee) }),
    ),
  ]
}

const refusedInBlock = 'the exchange refused it in its block: somebody was first, or prices moved'
const leftOutOfBatch = 'the exchange took it, and its batches have others in its place, or nothing'

type NoEffectOutcome = Extract<LedgerRow, { kind: 'no-effect' }>['outcome']

/** What its transaction went without. */
function leftRows({ action, state }: Intent) {
  if (action.kind !== 'liquidate' || state.kind === 'waiting') return []
  return (state.left ?? []).flatMap((left) => {
    const part = action.updates.find((one) => partName(one) === partName(left))
    return part ? [{ part, reason: left.reason }] : []
  })
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** The time before which all of this work is final and can be booked with the block of its lane; what comes after is looked at again. */
export function workDoneBefore(
  intents: readonly Intent[],
  { block, now }: { readonly block: number; readonly now: Timestamp },
): Timestamp {
  return intents.reduce(
    (until, intent) =>
      isBookable(intent, block) || intent.createdAt > until ? until : intent.createdAt,
    now,
  )
}

/** Final, and in no block of its lane after that one. */
export function isBookable({ state }: Intent, block: number): boolean {
  if (state.kind === 'settled') return state.block.number <= block
  return state.kind === 'failed' && (state.inclusion?.block.number ?? 0) <= block
}
