import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  type ClosingRules,
  completeBefore,
  firstClosing,
  type WeighedBlock,
} from '../../../lib/adapters/batches/close-batches.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const start = 1_800_000_000_000
const rules: ClosingRules = { maxCount: 3, maxSize: 10, maxAgeMs: 60_000 }

function block(seconds: number, size = 0, kind = '0.14.0'): WeighedBlock {
  return { time: timestamp(start + seconds * 1000), count: 1, size, kind }
}
const at = (seconds: number) => timestamp(start + seconds * 1000)

describe('a batch is closed', () => {
  test('by count, with the block that fills it', () => {
    const blocks = [block(0), block(1), block(2)]
    expect(firstClosing(blocks, rules)).toEqual({ blocks: 3, closedBy: 'count', closedAt: at(2) })
    expect(firstClosing(blocks.slice(0, 2), rules)).toBeUndefined()
  })

  test('by size, with the block that fills it, or before one that would not fit', () => {
    expect(firstClosing([block(0, 4), block(1, 6)], rules)).toMatchObject({
      blocks: 2,
      closedBy: 'size',
    })
    expect(firstClosing([block(0, 4), block(1, 7)], rules)).toMatchObject({
      blocks: 1,
      closedBy: 'size',
      closedAt: at(1),
    })
  })

  test('of one block where that alone is too large', () => {
    expect(firstClosing([block(0, 400)], rules)).toMatchObject({ blocks: 1, closedBy: 'size' })
  })

  test('by age, before the first block that is as old, whenever that is seen', () => {
    const closing = { blocks: 1, closedBy: 'age', closedAt: at(60) }
    expect(firstClosing([block(0), block(60)], rules)).toEqual(closing)
    expect(firstClosing([block(0), block(500)], rules)).toEqual(closing)
    expect(firstClosing([block(0), block(59)], rules)).toBeUndefined()
  })

  test('by age without another block, once none can come any more', () => {
    expect(firstClosing([block(0)], rules, at(59))).toBeUndefined()
    expect(firstClosing([block(0)], rules, at(60))).toMatchObject({ blocks: 1, closedBy: 'age' })
    // A minute after our own clock says so: the chain's may be behind.
    expect(completeBefore({ time: at(0) }, at(119))).toBe(at(59))
    expect(completeBefore({ time: at(70) }, at(60))).toBe(at(70))
  })

  test('before a block of another version, which no run can have beside them', () => {
    expect(firstClosing([block(0), block(1, 0, '0.14.1')], rules)).toEqual({
      blocks: 1,
      closedBy: 'source',
      closedAt: at(1),
    })
  })

  test('by age where the first block of another version comes when it is as old', () => {
    const byAge = { blocks: 1, closedBy: 'age', closedAt: at(60) }
    expect(firstClosing([block(0)], rules, at(60))).toEqual(byAge)
    expect(firstClosing([block(0), block(60, 0, '0.14.1')], rules)).toEqual(byAge)
  })
})

const someRules = fc.record({
  maxCount: fc.integer({ min: 1, max: 6 }),
  maxSize: fc.integer({ min: 1, max: 20 }),
  maxAgeMs: fc.integer({ min: 1, max: 8 }).map((seconds) => seconds * 1000),
})
const someBlocks = fc
  .array(
    fc.record({
      after: fc.integer({ min: 0, max: 4 }),
      count: fc.integer({ min: 1, max: 3 }),
      size: fc.integer({ min: 0, max: 9 }),
      isNewKind: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 0),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    let [seconds, kind] = [0, 0]
    return steps.map(({ after, count, size, isNewKind }): WeighedBlock => {
      seconds += after
      kind += isNewKind ? 1 : 0
      return { time: timestamp(start + seconds * 1000), count, size, kind: String(kind) }
    })
  })

/** Every batch of these blocks, and those that are in none. */
function allOf(blocks: readonly WeighedBlock[], by: ClosingRules) {
  const batches: (readonly WeighedBlock[])[] = []
  let rest = blocks
  for (;;) {
    const closing = firstClosing(rest, by)
    if (!closing) return { batches, rest }
    batches.push(rest.slice(0, closing.blocks))
    rest = rest.slice(closing.blocks)
  }
}

const sum = (blocks: readonly WeighedBlock[], of: 'count' | 'size') =>
  blocks.reduce((total, one) => total + one[of], 0)

/** Whether these blocks may be one batch at all. */
function fits(blocks: readonly WeighedBlock[], by: ClosingRules): boolean {
  const [first] = blocks
  if (!first || blocks.length === 1) return true
  const oldest = Math.max(...blocks.map(({ time }) => time))
  return (
    new Set(blocks.map(({ kind }) => kind)).size === 1 &&
    oldest - first.time < by.maxAgeMs &&
    sum(blocks, 'count') <= by.maxCount &&
    sum(blocks, 'size') <= by.maxSize
  )
}

describe('of any blocks', () => {
  test('each batch fits, is full or could not take the next block, and what is left is neither', () => {
    fc.assert(
      fc.property(someBlocks, someRules, (blocks, by) => {
        const { batches, rest } = allOf(blocks, by)
        expect([...batches.flat(), ...rest]).toEqual(blocks)
        const isFull = (some: readonly WeighedBlock[]) =>
          sum(some, 'count') >= by.maxCount || sum(some, 'size') >= by.maxSize
        let end = 0
        for (const batch of batches) {
          end += batch.length
          const next = blocks[end]
          expect(batch.length).toBeGreaterThan(0)
          expect(fits(batch, by)).toBe(true)
          expect(isFull(batch) || (next !== undefined && !fits([...batch, next], by))).toBe(true)
          // Nor was it over before.
          for (let length = 1; length < batch.length; length += 1)
            expect(isFull(batch.slice(0, length))).toBe(false)
        }
        expect(fits(rest, by) && !(rest.length > 0 && isFull(rest))).toBe(true)
      }),
    )
  })

  test('whoever looks later finds the same batches, and more', () => {
    fc.assert(
      fc.property(someBlocks, someRules, fc.nat(40), (blocks, by, seen) => {
        const early = allOf(blocks.slice(0, seen), by).batches
        const late = allOf(blocks, by).batches
        expect(late.slice(0, early.length)).toEqual(early)
      }),
    )
  })

  test('a batch that is closed for its age alone is the same once the next block is there', () => {
    fc.assert(
      fc.property(someBlocks, someRules, fc.nat(40), (blocks, by, seen) => {
        const next = blocks[seen]
        // Nothing of before its time is to come any more.
        const early = firstClosing(blocks.slice(0, seen), by, next?.time)
        expect(early ?? firstClosing(blocks, by)).toEqual(firstClosing(blocks, by))
      }),
    )
  })
})
