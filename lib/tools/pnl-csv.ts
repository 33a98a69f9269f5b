import type { LiquidationEvent } from '../domain/liquidation/liquidation-event.ts'
import { fundShare } from '../domain/pnl/daily-sums.ts'
import type { LedgerRow } from '../domain/pnl/ledger-row.ts'
import { rowUsd } from '../domain/pnl/row-usd.ts'
import type { BooksOf } from '../runtime/view/books-view.ts'
import { csvText } from './csv.ts'

const columns = [
  'engine',
  'at',
  'kind',
  'outcome',
  'market',
  'account',
  'block',
  'batch',
  'transaction',
  'intent',
  'base',
  'cash',
  'price',
  'penalty',
  'reward',
  'exchangeFee',
  'fundShare',
  'cover',
  'funding',
  'slippage',
  'slippageBps',
  'feeToken',
  'fee',
  'feeUsd',
  'netUsd',
  'attempts',
  'decidedAt',
  'signedAt',
  'sentAt',
  'includedAt',
  'seenAt',
  'reason',
] as const

type Column = (typeof columns)[number]

/** Every row in whole smallest units, as the exchange has them; times are ISO 8601. */
export function pnlCsv(books: readonly BooksOf[]): string {
  const lines = books.flatMap(({ engine, cursor, rows }) =>
    rows.map((row) => {
      const cells = { engine, ...cellsOf(row, cursor?.decimals.collateral ?? 0) }
      return columns.map((column) => String(cells[column] ?? ''))
    }),
  )
  return csvText([columns, ...lines])
}

function cellsOf(
  row: LedgerRow,
  decimals: number,
): Partial<Record<Column, string | number | bigint | undefined>> {
  const { kind } = row
  const head = { at: time(row.at), kind, netUsd: rowUsd(row, decimals).toFixed() }
  switch (row.kind) {
    case 'won':
      return { ...head, outcome: 'won', ...eventCells(row.event), ...workCells(row) }
    case 'missed':
      return { ...head, outcome: 'missed', ...eventCells(row.event), reason: row.why }
    case 'deleveraged': {
      const { base, cash, loss = 'unknown' } = row.event
      const reason = `loss ${loss}`
      return { ...head, outcome: 'deleveraged', ...placeCells(row.event), base, cash, reason }
    }
    case 'no-effect': {
      const { market, account, outcome, reason } = row
      return { ...head, market, account, outcome, reason, ...workCells(row) }
    }
  }
}

function placeCells({ market, account, block, batch, transaction }: LiquidationEvent) {
  // A batch's id is not the number of the block that it stands for.
  return { market, account, block: batch === undefined ? block.number : '', batch, transaction }
}

function eventCells(event: Extract<LedgerRow, { kind: 'won' }>['event']) {
  const { base, cash, price } = event
  const { penalty, reward, exchangeFee, cover, funding } = event
  return {
    ...placeCells(event),
    base,
    cash,
    price,
    penalty,
    reward,
    exchangeFee,
    fundShare: fundShare(event),
    cover,
    funding,
  }
}

function workCells({ work, fee }: Extract<LedgerRow, { kind: 'won' | 'no-effect' }>) {
  return {
    intent: work?.intent,
    slippage: work?.slippage?.cash,
    slippageBps: work?.slippage?.bps.toFixed(),
    feeToken: fee.token,
    fee: fee.paid,
    feeUsd: fee.usd?.value.toFixed(),
    attempts: work?.attempts,
    decidedAt: time(work?.decidedAt),
    signedAt: time(work?.signedAt),
    sentAt: time(work?.sentAt),
    includedAt: time(work?.includedAt),
    seenAt: time(work?.seenAt),
  }
}

function time(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}
