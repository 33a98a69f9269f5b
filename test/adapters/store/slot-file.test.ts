import { createHash } from 'node:crypto'
import { brotliCompressSync } from 'node:zlib'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  BrokenSlotFileError,
  packSlots,
  unpackSlots,
} from '../../../lib/adapters/store/slot-file.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { encode } from '../../../lib/domain/exact-text.ts'
import { fingerprint } from '../../../lib/domain/fingerprint.ts'
import type { SlotRecord } from '../../../lib/ports.ts'
import { aRecord, at } from './samples.ts'

const name = 'history/push-prices/core/2025-11-24/1764000000000-0000'

const back = (file: Uint8Array): readonly SlotRecord[] => [...unpackSlots(file, name)]

/** Texts of all kinds: exact texts, JSON of others, and what only looks like it. */
const texts = fc.oneof(
  fc.json(),
  fc.anything({ withNullPrototype: false, withBigInt: true }).map((value) => {
    try {
      return encode(value)
    } catch {
      return String(value)
    }
  }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '{}', '[1.50]', '{"a":1,"a":2}', '{"b":1,"1":2}', '\ud800', '[-0]', '[1e21]'),
)

const records = fc.array(
  fc
    .record({ slot: fc.nat(), ms: fc.nat(), view: texts, decided: texts, candidate: texts })
    .chain(({ slot, ms, view, decided, candidate }) =>
      fc.record(
        {
          keeper: fc.constant('push-prices'),
          subject: fc.constant('core'),
          slot: fc.constant(slot),
          at: fc.constant(at(ms)),
          parameters: fc.constantFrom('0x1', '0x2'),
          code: fc.constant('1.0.0'),
          view: fc.constant(view),
          decided: fc.constant(decided),
          shadow: fc.constant({ parameters: '0x3', decided: candidate }),
        },
        {
          requiredKeys: ['keeper', 'subject', 'slot', 'at', 'parameters', 'code', 'decided'],
          noNullPrototype: true,
        },
      ),
    ),
  { maxLength: 12 },
)

/** A slot of a node with three sources; every third is silent, and they come in the order in which they answered. */
function aRound(slot: number): SlotRecord {
  const now = 1_764_000_000_000 + slot * 5_000 + (slot % 7)
  const venues = ['kraken', 'okx', 'gate'].filter((_, index) => (slot + index) % 3 !== 0)
  const quotes = (slot % 2 ? venues : venues.toReversed()).map((venue, index) => ({
    venue,
    instrument: 'BTC-USD',
    bid: new Decimal('50000.1').plus(slot * 3 + index),
    ask: new Decimal('50000.10').plus(slot * 3 + index + 1),
    last: slot % 5 === 0 ? undefined : new Decimal(50_000 + slot),
    receivedAt: now - 10 * index,
  }))
  const prints = quotes.map(({ bid, ask, last }) =>
    fingerprint([bid, ask, last].map((side) => side?.toFixed() ?? '-').join(' ')),
  )
  const snapshot = JSON.stringify({
    at: now,
    prints,
    ages: quotes.map(({ receivedAt }) => now - receivedAt),
  })
  const decided = encode({
    actions: [{ kind: 'publish-reports', snapshot }],
    outcome: `slot ${slot}`,
  })
  return aRecord(slot, { at: at(slot * 5_000), view: encode({ now, quotes }), decided })
}

describe('slots in a file', () => {
  test('come back byte for byte, whatever their texts are', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (all) => {
        expect(back(await packSlots(all))).toStrictEqual(all)
      }),
      { numRuns: 500 },
    )
  })

  test('come back byte for byte where they repeat what they saw: fingerprints, times and ages', async () => {
    const rounds = Array.from({ length: 200 }, (_, slot) => aRound(slot))
    expect(back(await packSlots(rounds))).toStrictEqual(rounds)
  })

  test('take a small part of what they take one by one', async () => {
    const rounds = Array.from({ length: 720 }, (_, slot) => aRound(slot))
    const alone = rounds.map((round) => brotliCompressSync(JSON.stringify(round)).length)
    const together = (await packSlots(rounds)).length
    expect(together * 10).toBeLessThan(alone.reduce((sum, one) => sum + one, 0))
  })

  test('make the same file whoever packs them, and however their properties are ordered', async () => {
    const rounds = Array.from({ length: 20 }, (_, slot) => aRound(slot))
    const otherwise = rounds.map(
      (round) => Object.fromEntries(Object.entries(round).toReversed()) as SlotRecord,
    )
    expect(await packSlots(otherwise)).toEqual(await packSlots(rounds))
  })
})

describe('a file of slots that is not as it was written', async () => {
  const file = await packSlots(Array.from({ length: 30 }, (_, slot) => aRound(slot)))

  test('and was cut short anywhere is refused by its name', () => {
    for (let length = 0; length < file.length; length += 1)
      expect(() => back(file.subarray(0, length))).toThrow(BrokenSlotFileError)
    expect(() => back(file.subarray(0, 5))).toThrow(
      `the history file ${name} cannot be read: it has 5 bytes, and its head has 47`,
    )
    expect(() => back(file.subarray(0, -1))).toThrow(
      `the history file ${name} cannot be read: its content has another digest than its head says: it was cut short or changed`,
    )
  })

  test('and has one bit turned anywhere is refused', () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(7), (place, bit) => {
        const changed = new Uint8Array(file)
        changed[place] = (changed[place] ?? 0) ^ (1 << bit)
        expect(() => back(changed)).toThrow(BrokenSlotFileError)
      }),
      { numRuns: 300 },
    )
  })

  test('and is of another version says which, and which this code reads', () => {
    const later = new Uint8Array(file)
    later[14] = 2
    expect(() => back(later)).toThrow(
      'it is of version 2 of the format, and this code reads version 1',
    )
  })

  test('and is no such file says so', () => {
    expect(() => back(new Uint8Array(100))).toThrow('it does not begin as a file of slots does')
  })

  test('and whose digest is right but not its content is refused all the same', () => {
    for (const content of [new Uint8Array(9), brotliCompressSync('nonsense')])
      expect(() => back(behindDigest(content))).toThrow(
        'its content is not what this version wrote',
      )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const ended = endOf(() => back(behindDigest(brotliCompressSync(bytes))))
        expect(ended === undefined || ended instanceof BrokenSlotFileError).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

function behindDigest(content: Uint8Array): Uint8Array {
  const head = Buffer.concat([Buffer.from('starkeep-slots'), Buffer.from([1])])
  return Buffer.concat([head, createHash('sha256').update(content).digest(), content])
}

function endOf(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error
  }
}
