import { describe, expect, test } from 'vitest'

import { bookRows } from '../../lib/domain/pnl/book-rows.ts'
import { dailySums, sumsOf } from '../../lib/domain/pnl/daily-sums.ts'
import { fundRunway } from '../../lib/domain/pnl/fund-runway.ts'
import type { LedgerRow } from '../../lib/domain/pnl/ledger-row.ts'
import { pnlCsv } from '../../lib/tools/pnl-csv.ts'
import { pnlLines } from '../../lib/tools/pnl-lines.ts'
import { aBooking, anEvent, anInclusion, anIntent, aPart, at, them } from '../domain/pnl/samples.ts'

const rows = bookRows(
  aBooking({
    events: [
      anEvent({ reward: 12_500_000n, penalty: 25_000_000n }),
      anEvent({ account: 'dora', liquidator: them, reward: 3_000_000n, penalty: 6_000_000n }),
    ],
    intents: [
      anIntent([aPart(), aPart({ account: 'bert' })], {
        kind: 'settled',
        ...anInclusion({ feePaid: 10n ** 15n }),
      }),
    ],
  }),
)

function booksOf(all: readonly LedgerRow[]) {
  const sums = sumsOf(all)
  const cursor = {
    block: { number: 10, hash: '0x0a' },
    blockAt: at(10_000),
    workBefore: at(10_000),
    fund: 1_000_000_000n,
    fundDays: [],
    decimals: { collateral: 6, fee: 18 },
    version: 1,
  } as const
  const fund = fundRunway(cursor.fund, sums, 1)
  return { engine: 'dex', cursor, days: dailySums(all), sums, fund, rows: all }
}

describe('the table', () => {
  test('has a line for each day with the hit rate, what was earned, paid, and lost to others', () => {
    const lines = pnlLines([booksOf(rows)])
    expect(lines[1]?.split(/\s{2,}/)).toEqual(
      'day won hit reward fees net failed cost missed lost'.split(' '),
    )
    expect(lines[2]?.split(/\s{2,}/)).toEqual(
      '2026-01-01|1|50 %|12.50|2.00|10.50|1|0.00|1|3.00'.split('|'),
    )
    expect(lines.slice(4)).toEqual([
      'missed: 1 idle',
      'insurance fund 1000.00; each day 15.50 in, 0.00 out; it does not shrink',
    ])
  })

  test('of a StarkEx exchange ends with a batch, and says what orders paid and what nobody tells', () => {
    const event = { batch: 4, transaction: '0x4', exchangeFee: 500_000n } as const
    const unknown = { price: undefined, penalty: undefined, reward: undefined }
    const all = bookRows(
      aBooking({
        fee: { token: '', isFree: true, decimals: 18, prices: [] },
        events: [
          anEvent({ ...event, penalty: 13_000_000n, reward: 12_500_000n }),
          anEvent({ ...event, ...unknown, transaction: '0x5' }),
        ],
      }),
    )
    const { cursor, ...books } = booksOf(all)
    const batched = { ...cursor, batch: { id: 4, nextTransaction: 6 }, fund: undefined }
    const lines = pnlLines([{ ...books, cursor: batched, fund: undefined }])
    expect(lines[0]).toBe('dex, booked up to batch 4; in USD')
    expect(lines[2]?.split(/\s{2,}/)).toEqual(
      '2026-01-01|2|100 %|12.50|0.00|12.50|0|0.00|0|0.00'.split('|'),
    )
    expect(lines.slice(4)).toEqual([
      '1 liquidations are of unknown reward: nobody tells the mark of their time',
      'orders paid 1.00 to the exchange, which rewards are without',
      'the exchange tells of no insurance fund',
    ])
    const [head = '', first = '', second = ''] = pnlCsv([
      { ...books, cursor: batched, fund: undefined },
    ]).split('\n')
    const cell = (line: string, name: string) => line.split(',')[head.split(',').indexOf(name)]
    expect(
      ['block', 'batch', 'exchangeFee', 'fundShare', 'reward', 'fee'].map((name) =>
        cell(first, name),
      ),
    ).toEqual(['', '4', '500000', '0', '12500000', '0'])
    expect(['price', 'penalty', 'reward', 'netUsd'].map((name) => cell(second, name))).toEqual([
      '',
      '',
      '',
      '0',
    ])
  })

  test('says where nothing is booked yet', () => {
    const none = { ...booksOf([]), cursor: undefined, fund: undefined }
    expect(pnlLines([none])).toEqual(['dex: nothing is booked yet'])
    expect(pnlLines([])).toEqual(['The network file liquidates on no exchange.'])
  })
})

describe('the CSV', () => {
  test('has every row under the same columns', () => {
    const [head, ...lines] = pnlCsv([booksOf(rows)])
      .split('\r\n')
      .join('\n')
      .split('\n')
    const columns = head?.split(',') ?? []
    const cells = lines.map((line) => line.replaceAll(/"[^"]*"/g, 'quoted').split(','))
    expect(cells.map((one) => one.length)).toEqual(rows.map(() => columns.length))
    const column = (name: string) => cells.map((one) => one[columns.indexOf(name)])
    expect(column('outcome').slice(0, 1)).toEqual(['won'])
    expect(column('fundShare').slice(0, 1)).toEqual(['12500000'])
    expect(column('feeUsd').slice(0, 1)).toEqual(['2'])
    expect(column('netUsd').slice(0, 1)).toEqual(['10.5'])
  })

  test('takes a contract’s words for text, whatever they hold', () => {
    const reason = '=HYPERLINK("x"), \nand more'
    const failed = { kind: 'failed', why: 'refused', reason, hash: undefined } as const
    const books = booksOf(bookRows(aBooking({ intents: [anIntent([aPart()], failed)] })))
    expect(pnlCsv([books])).toContain(`"'=HYPERLINK(""x""), \nand more"`)
  })
})
