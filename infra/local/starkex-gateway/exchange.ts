import { isDeepStrictEqual } from 'node:util'

import { z } from 'zod'

import { batchData, batchInfo } from './batches.ts'
import type { CarriedState } from './carried-state.ts'
import { executed } from './execute.ts'
import type { GatewayConfig } from './gateway-config.ts'
import { GatewayRequest, type GatewayTransaction } from './gateway-transaction.ts'
import { createLedger, type Entry, type Ledger, type LedgerStart } from './ledger.ts'
import { Refusal, refuseUnless } from './refusal.ts'

/** One exchange behind its gateway: the transactions that it was given, what they made of it, and its batches. */
export type Exchange = {
  /** Takes one, or finds it there already; throws a `Refusal` where it does neither. */
  add(body: string): GatewayRequest
  /** The next id whose predecessors are all there. */
  firstUnused(): number
  /** In order of their ids, without those that wait for one before them. */
  requests(): readonly GatewayRequest[]
  /** The last price of each asset, as it was told, by asset id. */
  prices(): Readonly<Record<string, string>>
  state(): CarriedState
  /** As the feeder and the availability gateway answer; both throw a `Refusal` for a batch that is none. */
  batchInfo(id: number): object
  batchData(id: number): object
  /** Of the newest closed batch; -1 before the first. */
  lastBatchId(): number
  /** Closes the open batch, however young it is. */
  closeBatch(): void
  /** The newest batch is not proven after all: what was in it will be in another one. */
  abortBatch(): void
  /** What its operator gave in the place of a transaction that is in no batch yet, which could not be executed. */
  replace(id: number, alternatives: readonly GatewayTransaction[]): void
  /** Forgets the newest ones, as a service that came up with an older state would. */
  lose(count: number): void
  kept(): ReturnType<Ledger['kept']>
}

export type ExchangeOptions = {
  readonly config: GatewayConfig
  readonly start: LedgerStart
  readonly entries: readonly Entry[]
  readonly nowSeconds: () => number
  readonly record: (entry: Entry) => void
}

/** So many are there whole after a start: nobody sends or asks for what is older again. */
const keptBatches = 50

export function createExchange(options: ExchangeOptions): Exchange {
  const { config, start, nowSeconds, record } = options
  let ledger = replayed(config, start, options.entries)
  let openedAt = nowSeconds()

  function take(entry: Entry): void {
    ledger.take(entry)
    record(entry)
  }

  function close(): void {
    const { gap = 0 } = config.batches ?? {}
    const sequence = ledger.batches().length
    // Any pattern with gaps: ids of the original have them too.
    const id = ledger.newestBatchId() + 1 + (gap === 0 ? 0 : (sequence * 7) % (gap + 1))
    take({ closed: { id, timeCreated: nowSeconds() } })
  }

  function closeDue(): void {
    if (!config.batches) return
    const open = ledger.next() - ledger.openFrom()
    const { transactions, seconds } = config.batches
    const isFull = open >= transactions
    if (open > 0 && (isFull || nowSeconds() - openedAt >= seconds)) close()
  }

  // Whoever begins with positions has them in its first batch.
  if (config.batches && ledger.batches().length === 0 && ledger.state().positions.size > 0) close()

  const inOrder = (): readonly GatewayRequest[] =>
    ledger.ids().flatMap((id) => {
      const tx = ledger.byId(id)
      return tx && id < ledger.next() ? [{ tx_id: id, tx }] : []
    })

  function batchOf(id: number) {
    closeDue()
    const batch = ledger.batches().find((one) => one.id === id)
    if (batch) return batch
    if (ledger.isAborted(id)) throw new Refusal('BATCH_ABORTED', `batch ${id} is none any more`)
    if (id > ledger.newestBatchId())
      throw new Refusal('BATCH_NOT_READY', `batch ${id} is not there yet`)
    throw new Refusal('INVALID_BATCH_ID', `there is no batch ${id}`)
  }

  return {
    firstUnused: () => ledger.next(),
    requests: inOrder,
    state: () => ledger.state(),

    add(body) {
      closeDue()
      const request = read(body)
      const { tx_id: id, tx } = request
      const before = ledger.byId(id)
      if (before) {
        refuseUnless(
          isDeepStrictEqual(before, tx),
          'INVALID_TRANSACTION_ID',
          `transaction ${id} is there already with other content`,
        )
        return request
      }
      const next = ledger.next()
      refuseUnless(
        id === next || (id > next && config.gaps === 'held'),
        'INVALID_TRANSACTION_ID',
        `transaction ${id} is not the next one, ${next}`,
      )
      executed(config, ledger.state(), { tx, now: BigInt(nowSeconds()) })
      if (ledger.openFrom() === next) openedAt = nowSeconds()
      take(request)
      return request
    },

    prices() {
      const told = inOrder().flatMap(({ tx }) =>
        tx.type === 'ORACLE_PRICES_TICK' ? Object.entries(tx.oracle_prices) : [],
      )
      return Object.fromEntries(told.map(([asset, { price }]) => [asset, price]))
    },

    batchInfo(id) {
      const batch = batchOf(id)
      const { transactions } = batch
      if (transactions) return batchInfo({ ...batch, transactions })
      throw new Refusal('INVALID_BATCH_ID', `batch ${id} is too old`)
    },

    batchData: (id) => batchData(batchOf(id)),

    lastBatchId() {
      closeDue()
      return ledger.batches().at(-1)?.id ?? -1
    },

    closeBatch: close,

    abortBatch() {
      const last = ledger.batches().at(-1)
      if (!last?.transactions) throw new Refusal('INVALID_BATCH_ID', 'there is no batch to abort')
      take({ aborted: last.id })
      openedAt = nowSeconds()
    },

    replace(id, alternatives) {
      refuseUnless(
        id >= ledger.openFrom() && id < ledger.next(),
        'INVALID_TRANSACTION_ID',
        `transaction ${id} is in a batch, or not there`,
      )
      take({ replaced: { tx_id: id, alt_txs: alternatives } })
    },

    lose(count) {
      const gone = new Set(ledger.ids().toReversed().slice(0, count))
      const { start: from, entries } = ledger.kept(keptBatches)
      const end = entries.findIndex((entry) => 'tx_id' in entry && gone.has(entry.tx_id))
      const left = end < 0 ? entries : entries.slice(0, end)
      const held = (end < 0 ? [] : entries.slice(end)).filter(
        (entry) => 'tx_id' in entry && !gone.has(entry.tx_id),
      )
      ledger = replayed(config, from, [...left, ...held])
    },

    kept: () => ledger.kept(keptBatches),
  }
}

function replayed(config: GatewayConfig, start: LedgerStart, entries: readonly Entry[]): Ledger {
  const ledger = createLedger(config, start)
  for (const entry of entries) ledger.take(entry)
  return ledger
}

function read(body: string): GatewayRequest {
  try {
    return GatewayRequest.parse(JSON.parse(body))
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal('MALFORMED_REQUEST', 'the body is no JSON')
    if (error instanceof z.ZodError)
      throw new Refusal('SCHEMA_VALIDATION_ERROR', z.prettifyError(error))
    throw error
  }
}
