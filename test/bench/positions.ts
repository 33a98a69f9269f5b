import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { z } from 'zod'

import { filesBlobs } from '../../lib/adapters/blobs/files.ts'
import { positionBooks } from '../../lib/adapters/positions/position-books.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Account, Holding } from '../../lib/domain/margin/account.ts'
import { applyBlocks } from '../../lib/domain/positions/apply-blocks.ts'
import { type Book, emptyBook } from '../../lib/domain/positions/book.ts'
import { stepsBetween } from '../../lib/domain/positions/log-record.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { median } from './measure.ts'

export type PositionsResult = {
  readonly accounts: number
  readonly engine: 'starknet-perpetual' | 'evm-engine'
  readonly snapshotMib: number
  /** Accounts that the log changes after the snapshot. */
  readonly changed: number
  /** Medians over fresh processes, from asking for the row to the first account, and then through all of them. */
  readonly restoredMs: number
  readonly readMs: number
}

const check = { next: 0, owed: 0, slot: 1 }

/** What it takes a process that begins to have an exchange's accounts: a snapshot and a log of files, each time in a fresh process. */
export async function benchPositions(
  accounts: number,
  rounds: number,
): Promise<readonly PositionsResult[]> {
  const results: PositionsResult[] = []
  for (const engine of ['starknet-perpetual', 'evm-engine'] as const)
    results.push(await benchEngine(engine, accounts, rounds))
  return results
}

async function benchEngine(
  engine: PositionsResult['engine'],
  accounts: number,
  rounds: number,
): Promise<PositionsResult> {
  const folder = await mkdtemp(join(tmpdir(), 'starkeep-positions-'))
  try {
    const { positions: rows } = memoryStore({ clock: wallClock })
    const blobs = filesBlobs({ folder: join(folder, 'blobs'), clock: wallClock })
    const books = positionBooks({ rows, blobs, clock: wallClock })
    const book = bookOf(engine, accounts)
    await books.write('bench', { version: 1, book, check, records: [] })
    const changed = await writeLog(books, book, Math.ceil(accounts / 250))
    const row = await rows.read('bench')
    const file = join(folder, 'row.json')
    await writeFile(file, JSON.stringify(row))
    const samples = []
    for (let round = 0; round < rounds; round += 1) samples.push(await sample(folder, file))
    if (samples.some((one) => one.accounts !== accounts))
      throw new RangeError(`${accounts} accounts were kept, and others came back`)
    return {
      accounts,
      engine,
      snapshotMib: (row?.snapshotBytes ?? 0) / 2 ** 20,
      changed,
      restoredMs: median(samples.map((one) => one.restoredMs)),
      readMs: median(samples.map((one) => one.readMs)),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A dozen slots, in each of which some accounts were touched. */
async function writeLog(
  books: ReturnType<typeof positionBooks>,
  start: Book,
  each: number,
): Promise<number> {
  const ids = [...start.changed.keys()]
  const slots = 12
  let book = start
  for (let slot = 1; slot <= slots; slot += 1) {
    const events = ids
      .slice(slot * each, (slot + 1) * each)
      .map((account, place) => ({ place, event: { kind: 'cash', account, amount: 5n } as const }))
    const block = { number: 1 + slot, hash: `0x${slot}` } as const
    const next = applyBlocks(book, [{ block, events }], block)
    const records = stepsBetween(book, next)
    await books.write('bench', { version: 1 + slot, book: next, check, records })
    book = next
  }
  return slots * each
}

/** Three holdings on average, of sizes as exchanges have them. Always the same. */
function bookOf(engine: PositionsResult['engine'], accounts: number): Book {
  const next = dice()
  const isEvm = engine === 'evm-engine'
  const assets = Array.from({ length: 76 }, (_, at) =>
    isEvm
      ? `0x${(4_000_000 + at).toString(16).padEnd(64, '0')}`
      : `0x${(4_000_000 + at).toString(16)}${'0'.repeat(24)}`,
  )
  const holding = (asset: string): Holding => {
    const size = BigInt(next(2 ** 31)) - 2n ** 30n
    const index = BigInt(next(2 ** 31)) * 1_000n
    return isEvm
      ? { asset, balance: size * 10n ** 12n, fundingIndex: index * 10n ** 12n, cost: size * 7n }
      : { asset, balance: size, fundingIndex: index }
  }
  const all = Array.from({ length: accounts }, (_, at): Account => {
    const address = Array.from({ length: 5 }, () => (2 ** 31 + next(2 ** 31)).toString(16))
    const first = next(assets.length - 5)
    return {
      id: isEvm ? `0x${address.join('')}` : String(100 + at),
      collateral: BigInt(next(2 ** 31)) * 1_000n,
      holdings: assets.slice(first, first + 1 + next(5)).map(holding),
    }
  })
  const book = emptyBook({ number: 1, hash: '0x1' }, [])
  return { ...book, changed: new Map(all.map((one) => [one.id, one])) }
}

/** Even numbers from 0 up to `below`, the same each time (xorshift). */
function dice() {
  let state = 2_463_534_242
  return (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}

const Sample = z.object({ restoredMs: z.number(), readMs: z.number(), accounts: z.int() })

async function sample(folder: string, row: string): Promise<z.infer<typeof Sample>> {
  const runner = fileURLToPath(new URL('positions-process.ts', import.meta.url))
  const args = [runner, join(folder, 'blobs'), row]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Sample.parse(JSON.parse(stdout))
}
