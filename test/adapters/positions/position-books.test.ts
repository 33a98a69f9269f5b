import { beforeEach, describe, expect, test } from 'vitest'

import { positionBooks } from '../../../lib/adapters/positions/position-books.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import type { BlockEvents } from '../../../lib/domain/positions/account-event.ts'
import { applyBlocks } from '../../../lib/domain/positions/apply-blocks.ts'
import { accountIn, accountsOf, type Book } from '../../../lib/domain/positions/book.ts'
import { type LogRecord, stepsBetween } from '../../../lib/domain/positions/log-record.ts'
import { compare } from '../../../lib/domain/positions/reading.ts'
import { rollBack, settled } from '../../../lib/domain/positions/roll-back.ts'
import type { PositionBooks } from '../../../lib/ports.ts'
import { aBlock, aBook, contentsOf } from '../../domain/positions/some-blocks.ts'
import { type SteppedClock, steppedClock } from '../store/samples.ts'
import { memoryFiles } from './files.ts'

let clock: SteppedClock
let files: ReturnType<typeof memoryFiles>
let rows: ReturnType<typeof memoryStore>['positions']
beforeEach(() => {
  clock = steppedClock()
  files = memoryFiles()
  rows = memoryStore({ clock }).positions
})

/** Another process: it remembers nothing. */
function anew(): PositionBooks {
  return positionBooks({ rows, blobs: files, clock })
}

const check = { next: 3, owed: 7, slot: 29 }

function paid(number: number, branch = 'a', amount = 1n): BlockEvents {
  const event = { kind: 'cash', account: '0', amount } as const
  return { block: aBlock(number, branch), events: [{ place: 0, event }] }
}

function after(book: Book, ...blocks: readonly BlockEvents[]) {
  const next = applyBlocks(book, blocks, blocks.at(-1)?.block ?? book.block)
  return { book: next, records: stepsBetween(book, next) }
}

async function write(
  books: PositionBooks,
  version: number,
  { book, records }: { readonly book: Book; readonly records: readonly LogRecord[] },
) {
  return books.write('core', { version, book, records, check })
}

async function read(books: PositionBooks): Promise<Book> {
  const kept = await books.read('core')
  if (!kept?.book) throw new Error(kept?.trouble ?? 'there is none')
  return kept.book
}

describe('a book that was written', () => {
  test('is read by another process as it was, and goes back as it did', async () => {
    const books = anew()
    expect(await books.read('core')).toBeUndefined()
    const first = after(aBook(), paid(1), paid(2))
    expect(await write(books, 1, first)).toBe('written')
    const second = after(first.book, paid(4))
    expect(await write(books, 2, second)).toBe('written')
    const kept = await anew().read('core')
    expect(kept).toMatchObject({ version: 2, check })
    const book = await read(anew())
    expect(contentsOf(book)).toEqual(contentsOf(second.book))
    const [ours, theirs] = [rollBack(book, 1), rollBack(second.book, 1)]
    expect(ours && contentsOf(ours)).toEqual(theirs && contentsOf(theirs))
  })

  test('is written by one of two who read the same', async () => {
    await write(anew(), 1, after(aBook(), paid(1)))
    const [one, other] = [anew(), anew()]
    const book = await read(one)
    await read(other)
    expect(await write(one, 2, after(book, paid(2)))).toBe('written')
    expect(await write(other, 2, after(book, paid(3)))).toBe('stale')
    expect(await write(other, 7, after(book, paid(3)))).toBe('stale')
    expect((await read(other)).block.number).toBe(2)
    expect((await read(one)).block.number).toBe(2)
  })

  test('is read by who has it from memory, and by who has an older one from what is new alone', async () => {
    const [writer, reader] = [anew(), anew()]
    let now = after(aBook(), paid(1))
    await write(writer, 1, now)
    await read(reader)
    files.asked.length = 0
    await read(reader)
    await read(writer)
    expect(files.asked).toEqual([])
    now = after(now.book, paid(2))
    await write(writer, 2, now)
    expect(contentsOf(await read(reader))).toEqual(contentsOf(now.book))
    expect(files.asked).toHaveLength(1)
    expect(files.asked[0]).toMatch(/^positions\/core\/log-/)
  })

  test('costs no file where nothing happened', async () => {
    const books = anew()
    const first = after(aBook(), paid(1))
    await write(books, 1, first)
    const count = files.kept.size
    await write(books, 2, { book: first.book, records: [] })
    const reader = anew()
    await read(reader)
    let now = first
    for (let number = 5; number < 60; number += 1) {
      const book = applyBlocks(now.book, [], aBlock(number))
      now = { book, records: stepsBetween(now.book, book) }
      await write(books, number - 2, now)
    }
    expect(files.kept.size).toBe(count)
    expect(contentsOf(await read(anew()))).toEqual(contentsOf(now.book))
    expect(contentsOf(await read(reader))).toEqual(contentsOf(now.book))
    // What happens then is told after those blocks.
    const last = after(now.book, paid(70))
    await write(books, 58, last)
    expect(contentsOf(await read(anew()))).toEqual(contentsOf(last.book))
    expect(contentsOf(await read(reader))).toEqual(contentsOf(last.book))
    const back = rollBack(await read(anew()), 65)
    expect(back && accountIn(back, '0')?.collateral).toBe(1n)
  })
})

describe('a log', () => {
  test('tells of blocks that were taken back and of what the contract said', async () => {
    const books = anew()
    const first = after(aBook(), paid(1), paid(2), paid(3))
    await write(books, 1, first)
    const back = rollBack(first.book, 1)
    if (!back) throw new Error('it does not go back')
    const next = after(back, paid(2, 'b', 10n))
    const { book: told } = compare(next.book, {
      block: next.book.block,
      accounts: new Map([
        ['1', { kind: 'account', account: { id: '1', collateral: 9n, holdings: [] } }],
      ]),
      indexes: new Map(),
    })
    const records = [{ kind: 'back', number: 1 } as const, ...stepsBetween(back, told)]
    await write(books, 2, { book: told, records })
    const book = await read(anew())
    expect(contentsOf(book)).toEqual(contentsOf(told))
    expect(accountIn(book, '0')?.collateral).toBe(11n)
    expect(accountIn(book, '1')?.collateral).toBe(9n)
  })

  test('that has grown long gives way to a snapshot of what is final, from which the book still goes back', async () => {
    const books = anew()
    let now = after(aBook(), paid(1))
    await write(books, 1, now)
    const snapshots = new Set<string>()
    for (let number = 2; number <= 120; number += 1) {
      now = after(now.book, paid(number))
      // What is five blocks old is final.
      now = { ...now, book: settled(now.book, number - 5) }
      await write(books, number, now)
      const row = await rows.read('core')
      snapshots.add(row?.snapshot ?? '')
      expect(row?.log.length).toBeLessThanOrEqual(33)
      expect(contentsOf(await read(anew()))).toEqual(contentsOf(now.book))
    }
    expect(snapshots.size).toBeGreaterThan(2)
    const book = await read(anew())
    const back = rollBack(book, 115)
    expect(back && accountIn(back, '0')?.collateral).toBe(115n)
    expect([...accountsOf(await read(books))].length).toBe(2)
    expect((await read(books)).changed.size).toBeLessThanOrEqual(2)
  })

  test('is followed by a snapshot each day, so that no file that counts is old', async () => {
    const books = anew()
    let now = after(aBook(), paid(1))
    await write(books, 1, now)
    const first = (await rows.read('core'))?.snapshot
    clock.pass(24 * 60 * 60_000)
    now = after(now.book, paid(2))
    const book = settled(now.book, 2)
    await write(books, 2, { ...now, book })
    const row = await rows.read('core')
    expect(row?.snapshot).not.toBe(first)
    expect(row?.log).toHaveLength(1)
  })
})

describe('files that are damaged or gone', () => {
  test('are told, and leave the way free for a new book', async () => {
    const first = after(aBook(), paid(1))
    await write(anew(), 1, first)
    const row = await rows.read('core')
    files.kept.delete(row?.snapshot ?? '')
    const kept = await anew().read('core')
    expect(kept).toMatchObject({ version: 1, book: undefined })
    expect(kept?.trouble).toContain(`${row?.snapshot} is not there`)
    const { book, records } = after(aBook(), paid(2, 'b'))
    const next = { version: 2, book, records, check, anew: true } as const
    expect(await anew().write('core', next)).toBe('written')
    expect(contentsOf(await read(anew()))).toEqual(contentsOf(book))
  })
})
