import process from 'node:process'

import { wasmScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { evmMargin } from '../../lib/domain/margin/evm-margin.ts'
import { type CalmBook, openCalmBook } from '../../lib/domain/scan/calm-book.ts'
import { evmScanMarks } from '../../lib/domain/scan/evm-scan-marks.ts'
import { type MarginBook, openBook } from '../../lib/domain/scan/margin-book.ts'
import { plainScan, type RowScan } from '../../lib/domain/scan/row-scan.ts'
import { decimalSurplus } from './decimal-margin.ts'
import { accountAt, bookAt, dice, markets } from './many-accounts.ts'
import { median, quantile } from './measure.ts'
import type { ScanMeasured } from './scan.ts'

// Keeps so many accounts in this fresh process, scans them in every way, and says what that took.

const [accounts = 0, rounds = 0, seed = 0] = process.argv.slice(2).map(Number)
const unit = bookAt([]).unit

/** Prices that move by up to three basis points a tick, each market for itself, and never far. */
const walk = walkOf(3e-4)
/** So many accounts are made, and then put, at a time: making them is nobody's work, and what lives is copied by each collection. */
const chunk = 2_000
/** So many are compared with the exact rule. */
const checked = 10_000
/** Objects of decimal.js are slow enough that some are as good as all. */
const mostDecimals = 20_000
const mostExact = 1_000_000
/** What is shorter than that is done again until it is as long. */
const leastRoundMs = rounds > 1 ? 300 : 0
/** The system counts processor time in steps of some milliseconds. */
const leastForCpuMs = 200

const calm = measureCalm()
process.stdout.write(JSON.stringify({ accounts, ...calm, ...measureFull(), ...measureRules() }))

/** The book that the keepers have: what it takes to build, a tick when all is calm, and one in a crash. */
function measureCalm(): Pick<
  ScanMeasured,
  | 'buildMs'
  | 'mib'
  | 'rowsMib'
  | 'settled'
  | 'calmMs'
  | 'calmLooked'
  | 'calmWallMs'
  | 'crashMs'
  | 'crashed'
> {
  const before = memory()
  let linear = 0
  const wasm = wasmScan()
  const scan: RowScan = {
    ...wasm,
    grow: (bytes) => {
      const buffer = wasm.grow(bytes)
      linear = buffer.byteLength
      return buffer
    },
  }
  const book = openCalmBook(unit, scan)
  const buildMs = fill(book)
  const mib = memory() - before
  let settled = 0
  // Accounts come to their buckets little by little.
  do {
    book.candidates(walk())
    settled += 1
  } while (book.looked() > Math.max(256, accounts / 256) && settled < 2_000)
  const looks: number[] = []
  const walls: number[] = []
  const calmMs = costOf(rounds * 20, () => {
    const marks = walk()
    const begun = performance.now()
    book.candidates(marks)
    walls.push(performance.now() - begun)
    looks.push(book.looked())
  })
  const crash = evmScanMarks(bookAt(markets.map(() => 0.95)))
  const begun = performance.now()
  const crashed = book.candidates(crash).length
  const crashMs = performance.now() - begun
  return {
    buildMs,
    mib,
    rowsMib: linear / 2 ** 20,
    settled,
    calmMs,
    calmLooked: median(looks),
    calmWallMs: { p50: median(walls), p99: quantile(walls, 0.99) },
    crashMs,
    crashed,
  }
}

/** Everybody compared with the marks, by either scan of the same rows. */
function measureFull(): Pick<ScanMeasured, 'wasmMs' | 'plainMs'> {
  const [wasm, plain] = [wasmScan(), plainScan()]
  let now: Pick<RowScan, 'scan'> = wasm
  const book = openBook(unit, { grow: wasm.grow, scan: (...given) => now.scan(...given) })
  fill(book)
  const measured = (one: Pick<RowScan, 'scan'>, times: number): number => {
    now = one
    book.candidates(walk())
    return costOf(times, () => book.candidates(walk()))
  }
  // Two rounds of each, in turn: what is measured first is not what is measured cold.
  const each = [0, 1].map(() => [measured(wasm, rounds), measured(plain, Math.ceil(rounds / 4))])
  checkNobodyMissed(book)
  const least = (at: number): number => Math.min(...each.map((both) => both[at] ?? Infinity))
  return { wasmMs: least(0), plainMs: least(1) }
}

/** The exact rule about everybody, and the same in decimals. */
function measureRules(): Pick<ScanMeasured, 'exactMs' | 'exactOf' | 'decimalMs' | 'decimalOf'> {
  const book = bookAt([])
  const [exactOf, decimalOf] = [Math.min(accounts, mostExact), Math.min(accounts, mostDecimals)]
  const [exact, decimal] = [openCost(), openCost()]
  for (let from = 0; from < exactOf; from += chunk) {
    const some = made(from, exactOf)
    exact.of(() => some.map((account) => evmMargin(account, book)))
    if (from >= decimalOf) continue
    decimal.of(() => some.map((account) => decimalSurplus(account, book)))
  }
  return {
    exactMs: (exact.ms() * accounts) / exactOf,
    exactOf,
    decimalMs: (decimal.ms() * accounts) / decimalOf,
    decimalOf,
  }
}

/** The scan may name too many, never too few: at a crash, of some accounts. */
function checkNobodyMissed(full: MarginBook): void {
  const book = bookAt(markets.map(() => 0.95))
  const named = new Set(full.candidates(evmScanMarks(book)))
  for (const account of made(0, Math.min(accounts, checked), checked)) {
    const margin = evmMargin(account, book)
    if (margin.kind === 'margin' && margin.value < margin.requirement && !named.has(account.id))
      throw new RangeError(`the scan missed ${account.id}`)
  }
}

/** How long the book itself took to take all of them. */
function fill(book: CalmBook | MarginBook): number {
  const cost = openCost()
  for (let from = 0; from < accounts; from += chunk) {
    const some = made(from, accounts)
    cost.of(() => {
      for (const account of some) book.upsert(account)
    })
  }
  return cost.ms()
}

function made(from: number, all: number, most = chunk) {
  const count = Math.min(most, all - from)
  return Array.from({ length: count }, (_, at) => accountAt(from + at, seed))
}

function walkOf(step: number) {
  const next = dice(seed, -2)
  const times = markets.map(() => 1)
  return () => {
    for (const [at, now] of times.entries())
      times[at] = 1 + (now - 1) * 0.98 + (next() * 2 - 1) * step
    return evmScanMarks(bookAt(times))
  }
}

/** What one run takes, of many: each is done so often that the processor's clock can tell. */
function costOf(leastTimes: number, run: () => unknown): number {
  const cost = openCost()
  let times = 0
  while (times < leastTimes || cost.wallMs() < leastRoundMs) {
    cost.of(run)
    times += 1
  }
  return cost.ms() / times
}

/** Adds up what is done: this thread's processor, which neighbours cannot lengthen, or the wall where that is too short for it. */
function openCost() {
  let [wall, cpu] = [0, 0]
  return {
    of(run: () => unknown): void {
      const [begun, then] = [performance.now(), process.threadCpuUsage()]
      run()
      const { user, system } = process.threadCpuUsage(then)
      wall += performance.now() - begun
      cpu += (user + system) / 1_000
    },
    wallMs: () => wall,
    ms: () => (wall < leastForCpuMs ? wall : cpu),
  }
}

/** Of the whole process, after what nobody needs is gone. */
function memory(): number {
  globalThis.gc?.()
  return process.memoryUsage().rss / 2 ** 20
}
