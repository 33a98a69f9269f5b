import { type Batch, batchBetween, type BatchTransaction } from './batches.ts'
import { type CarriedState, nothingCarried } from './carried-state.ts'
import { executedAgain } from './execute.ts'
import type { GatewayConfig } from './gateway-config.ts'
import type { GatewayRequest, GatewayTransaction } from './gateway-transaction.ts'
import { Refusal } from './refusal.ts'

/** What happened to an exchange, in order: with what it began with, all that it is. */
export type Entry =
  | GatewayRequest
  /** Alternatives in the place of one that could not be executed after all. */
  | {
      readonly replaced: { readonly tx_id: number; readonly alt_txs: readonly GatewayTransaction[] }
    }
  /** The open batch is closed, with everything that was there. */
  | { readonly closed: { readonly id: number; readonly timeCreated: number } }
  /** The newest batch is none: its transactions wait for another one. */
  | { readonly aborted: number }

/** What an exchange begins with: how it was before the oldest entry that is still kept. */
export type LedgerStart = {
  readonly state: CarriedState
  /** The next id then. */
  readonly next: number
  /** All that were closed by then, without their transactions. */
  readonly batches: readonly Batch[]
}

export const freshStart: LedgerStart = { state: nothingCarried, next: 0, batches: [] }

type Closed = {
  readonly batch: Batch
  readonly after: CarriedState
  readonly first: number
  readonly next: number
}

/** The transactions, what they made, and the batches that were made of them. Told of entries, it never refuses one. */
export type Ledger = {
  take(entry: Entry): void
  next(): number
  /** The first id that is in no batch. */
  openFrom(): number
  state(): CarriedState
  byId(id: number): GatewayTransaction | undefined
  ids(): readonly number[]
  batches(): readonly Batch[]
  newestBatchId(): number
  isAborted(id: number): boolean
  /** What to begin with, and what happened since, with so many batches whole. */
  kept(batches: number): { readonly start: LedgerStart; readonly entries: readonly Entry[] }
}

export function createLedger(config: GatewayConfig, start: LedgerStart): Ledger {
  const transactions = new Map<number, GatewayTransaction>()
  const replaced = new Map<number, readonly GatewayTransaction[]>()
  const aborted = new Set<number>()
  let closed: readonly Closed[] = []
  let { next, state } = start
  let newestId = start.batches.at(-1)?.id ?? 0

  const base = () => {
    const last = closed.at(-1)
    return last ? { state: last.after, next: last.next } : start
  }

  /** As far as there is no gap. What cannot be executed any more is replaced by nothing. */
  function goOn(): void {
    for (let tx = transactions.get(next); tx; tx = transactions.get(next)) {
      for (const one of replaced.get(next) ?? [tx]) {
        try {
          state = executedAgain(config, state, one)
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          replaced.set(next, [])
        }
      }
      next += 1
    }
  }

  function again(): void {
    ;({ state, next } = base())
    goOn()
  }

  function close(id: number, timeCreated: number): void {
    const { state: before, next: first } = base()
    const made = { id, timeCreated, transactions: transactionsFrom(first) }
    const last = closed.at(-1)?.batch ?? start.batches.at(-1)
    const batch = batchBetween(last, { before, after: state }, made)
    closed = [...closed, { batch, after: state, first, next }]
    newestId = Math.max(newestId, id)
  }

  function transactionsFrom(first: number): readonly BatchTransaction[] {
    return Array.from({ length: next - first }, (_, at) => first + at).flatMap((id) => {
      const tx = transactions.get(id)
      const replacedBy = replaced.get(id)
      return tx ? [{ tx_id: id, tx, ...(replacedBy && { replacedBy }) }] : []
    })
  }

  return {
    take(entry) {
      if ('tx_id' in entry) {
        transactions.set(entry.tx_id, entry.tx)
        goOn()
      } else if ('replaced' in entry) {
        replaced.set(entry.replaced.tx_id, entry.replaced.alt_txs)
        again()
      } else if ('closed' in entry) {
        close(entry.closed.id, entry.closed.timeCreated)
      } else {
        aborted.add(entry.aborted)
        closed = closed.filter(({ batch }) => batch.id !== entry.aborted)
        again()
      }
    },
    next: () => next,
    openFrom: () => base().next,
    state: () => state,
    byId: (id) => transactions.get(id),
    ids: () => [...transactions.keys()].toSorted((one, other) => one - other),
    batches: () => [...start.batches, ...closed.map(({ batch }) => batch)],
    newestBatchId: () => newestId,
    isAborted: (id) => aborted.has(id),

    kept(batches) {
      const old = closed.slice(0, Math.max(0, closed.length - batches))
      const last = old.at(-1)
      const from = last?.next ?? start.next
      const whole = closed.slice(old.length)
      const entries = whole.flatMap(({ batch, first, next: end }): readonly Entry[] => [
        ...requestsIn(transactions, first, end),
        ...replacedIn(replaced, first, end),
        { closed: { id: batch.id, timeCreated: batch.timeCreated } },
      ])
      const open = whole.at(-1)?.next ?? from
      return {
        start: {
          state: last?.after ?? start.state,
          next: from,
          batches: [
            ...start.batches,
            ...old.map(({ batch }) => ({ ...batch, transactions: undefined })),
          ],
        },
        entries: [
          ...entries,
          ...requestsIn(transactions, open, Infinity),
          ...replacedIn(replaced, open, Infinity),
        ],
      }
    },
  }
}

function requestsIn(
  transactions: ReadonlyMap<number, GatewayTransaction>,
  first: number,
  end: number,
): readonly GatewayRequest[] {
  return [...transactions]
    .filter(([id]) => id >= first && id < end)
    .map(([id, tx]) => ({ tx_id: id, tx }))
}

function replacedIn(
  replaced: ReadonlyMap<number, readonly GatewayTransaction[]>,
  first: number,
  end: number,
): readonly Entry[] {
  return [...replaced]
    .filter(([id]) => id >= first && id < end)
    .map(([id, alternatives]) => ({ replaced: { tx_id: id, alt_txs: alternatives } }))
}
