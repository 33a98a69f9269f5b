import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'

import { table } from '../../lib/tools/pnl-lines.ts'
import { dice } from './many-accounts.ts'

/** Of one size, in a process of its own. Times are of all its threads’ processors unless a field says otherwise. */
export type BacktestMeasured = {
  readonly series: number
  readonly minutes: number
  readonly rows: number
  /** Reading and unpacking the files, until every row stands in its columns. */
  readonly readMs: number
  /** Every round of all series priced, and nothing else: of one thread. */
  readonly aggregateMs: number
  readonly quotes: number
  /** Of rounds of markets and legs: how many the exact rule decided. */
  readonly exactRounds: number
  readonly rounds: number
  /** The exact rule alone on some of the same rounds, and how many quotes those have. */
  readonly exactMs: number
  readonly exactQuotes: number
  /** The whole run: prices, consensus, pushes, funding, accounts, and its result as JSON. */
  readonly playMs: number
  readonly liquidations: number
  readonly pushes: number
  /** From the first byte read until the result is there, on the wall; and of all processors. */
  readonly wholeWallMs: number
  readonly wholeMs: number
  readonly peakMib: number
}

/** Fourteen venues of one market, eight of them quoted in USDT, whose price six venues tell. */
export const venues = [
  'coinbase',
  'kraken',
  'bitstamp',
  'bitfinex',
  'gemini',
  'crypto-com',
  'binance',
  'okx',
  'bybit',
  'kucoin',
  'gate',
  'bitget',
  'htx',
  'mexc',
] as const
export const directVenues = 6
export const firstMinute = Date.UTC(2025, 0, 1)

/** How long a backtest of so many minutes takes from files to its result; the files are made for it, and are gone afterwards. */
export async function benchBacktest(minutes: number): Promise<BacktestMeasured> {
  const folder = await mkdtemp(join(tmpdir(), 'starkeep-bench-'))
  try {
    const files = await writeRecordings(folder, minutes)
    const runner = fileURLToPath(new URL('backtest-process.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [runner, ...files])
    return JSON.parse(stdout) as BacktestMeasured
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** One file for each series, as recorders make them: bars of a minute, gzipped. */
export async function writeRecordings(folder: string, minutes: number): Promise<readonly string[]> {
  const walk = walkOf(minutes)
  const series = [
    ...venues.map((venue, at) => ({ venue, symbol: at < directVenues ? 'BTC-USD' : 'BTC-USDT' })),
    ...venues.slice(0, directVenues).map((venue) => ({ venue, symbol: 'USDT-USD' })),
  ]
  const files: string[] = []
  for (const [number, { venue, symbol }] of series.entries()) {
    const file = join(folder, `${venue}-${symbol}.csv.gz`)
    const next = dice(11, number)
    const isPeg = symbol === 'USDT-USD'
    await writeLines(file, minutes, (at) => {
      const price = isPeg
        ? (1 + (next() - 0.5) * 4e-4).toFixed(5)
        : ((walk[at] ?? 1) * (1 + (next() - 0.5) * 6e-4)).toFixed(2)
      // One bar in two hundred has no trade, and one in five hundred is missing.
      const volume = next() < 0.005 ? '0' : (next() * 9).toFixed(4)
      return next() < 0.002
        ? ''
        : `${firstMinute + at * 60_000},${venue},${symbol},${price},,,${volume}\n`
    })
    files.push(file)
  }
  return files
}

async function writeLines(
  file: string,
  minutes: number,
  lineAt: (minute: number) => string,
): Promise<void> {
  const gzip = createGzip({ level: 1 })
  const output = gzip.pipe(createWriteStream(file))
  let text = 'ts_ms,venue,symbol,price,bid,ask,volume\n'
  for (let at = 0; at < minutes; at += 1) {
    text += lineAt(at)
    if (text.length < 1 << 20) continue
    if (!gzip.write(text)) await new Promise((resolve) => gzip.once('drain', resolve))
    text = ''
  }
  gzip.end(text)
  await finished(output)
}

/** Some ten basis points a minute, and once in three days a jump of up to ten per cent. */
function walkOf(minutes: number): Float64Array {
  const next = dice(7, 0)
  const walk = new Float64Array(minutes)
  let price = 60_000
  for (let at = 0; at < minutes; at += 1) {
    const jump = next() < 1 / 4_320 ? (next() - 0.5) / 5 : 0
    // Back towards where it began, so that a year does not end at nothing.
    price *= 1 + (next() - 0.5) * 2e-3 + jump + (60_000 / price - 1) * 1e-5
    walk[at] = price
  }
  return walk
}

/** For people. */
export function backtestTable(one: BacktestMeasured): string {
  const share = ((100 * one.exactRounds) / one.rounds).toFixed(2)
  return [
    `${one.series} series of ${one.minutes} minutes, ${one.rows} rows`,
    ...table([
      ['what', 'cpu', 'rate'],
      [
        'read from gzip into columns',
        seconds(one.readMs),
        rate(one.rows, one.readMs).replace('quotes', 'rows'),
      ],
      [
        `aggregated, ${share} % of rounds by the exact rule`,
        seconds(one.aggregateMs),
        rate(one.quotes, one.aggregateMs),
      ],
      [
        `by the exact rule alone, of ${one.exactQuotes} quotes`,
        seconds(one.exactMs),
        rate(one.exactQuotes, one.exactMs),
      ],
      [
        `played whole: ${one.pushes} pushes, ${one.liquidations} liquidations`,
        seconds(one.playMs),
        rate(one.quotes, one.playMs),
      ],
      [
        `end to end, ${seconds(one.wholeWallMs)} on the wall, ${one.peakMib} MiB`,
        seconds(one.wholeMs),
        rate(one.rows, one.wholeMs).replace('quotes', 'rows'),
      ],
    ]),
  ].join('\n')
}

function rate(quotes: number, ms: number): string {
  return `${Math.round(quotes / (ms / 1_000)).toLocaleString('en-GB')} quotes/s`
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
