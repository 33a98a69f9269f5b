import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { BrokenBytesError, byteReader, byteWriter } from '../../../lib/domain/history/bytes.ts'
import { putTogether } from '../../../lib/domain/history/put-together.ts'
import { takeApart } from '../../../lib/domain/history/take-apart.ts'

/** As columns, and back. */
function thereAndBack(values: readonly unknown[]): readonly unknown[] {
  const apart = takeApart()
  for (const value of values) apart.add(value)
  const numbers = byteWriter()
  const texts = byteWriter()
  apart.write({ numbers, texts })
  const columns = { numbers: byteReader(numbers.written()), texts: byteReader(texts.written()) }
  const next = putTogether(columns, values.length)
  const back = values.map(() => next())
  expect(columns.numbers.isAtEnd() && columns.texts.isAtEnd()).toBe(true)
  return back
}

/** To the letter: with the order of keys, and the sign of zero. */
function textOf(values: readonly unknown[]): string {
  return JSON.stringify(values, (_key, value: unknown) => (Object.is(value, -0) ? '-0' : value))
}

const numberTexts = fc.oneof(
  fc
    .tuple(fc.bigInt(), fc.nat(45))
    .map(([digits, scale]) => `${digits}.${String(digits).replace('-', '').padStart(scale, '0')}`),
  fc.bigInt().map(String),
  fc.constantFrom('1e21', '1e+21', '-0', '-0.0', '0.00', '007', '1.', '.5', '--5', '1-5', '0x1f'),
)

const strings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  numberTexts,
  fc
    .tuple(fc.constantFrom('push-prices:', 'slot ', '\u0000'), numberTexts)
    .map((all) => all.join('')),
  fc.constantFrom('\ud800', '\udc00\ud800', '\ufeff', '{"a": 1}', '{"a":1}', '[1.50,1.5]', '[[[['),
)

const anyNumber = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 1e21, 5e-324, Number.MAX_VALUE, 2 ** 51, -(2 ** 51), 2 ** 53),
)

const keys = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'venue', 'id', 'name', '1', '$map', ''),
  fc.integer({ min: 0, max: 2_000_000_000_000 }).map(String),
)

const { value: anything } = fc.letrec<{
  value: unknown
  list: unknown
  object: unknown
  json: string
}>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    strings,
    anyNumber,
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('object'),
    tie('json'),
  ),
  list: fc.array(tie('value'), { maxLength: 5 }),
  object: fc.array(fc.tuple(keys, tie('value')), { maxLength: 5 }).map(Object.fromEntries),
  json: tie('value').map((value) => JSON.stringify(value)),
}))

/** As keepers see the world: the same places each time, now and then without one of them, or in another order. */
const looks = fc.array(
  fc.record({
    now: fc.integer({ min: 1_764_000_000_000, max: 1_764_000_100_000 }),
    quotes: fc
      .uniqueArray(fc.constantFrom('kraken', 'okx', 'gate', 'htx', 'mexc'), { maxLength: 5 })
      .chain((venues) =>
        fc.tuple(
          ...venues.map((venue) => fc.record({ venue: fc.constant(venue), bid: numberTexts })),
        ),
      ),
    since: fc.dictionary(fc.integer({ min: 100_000 }).map(String), numberTexts, { maxKeys: 4 }),
    map: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), anything), {
      selector: ([key]) => key,
    }),
    detail: fc.tuple(numberTexts, fc.nat(9)).map(([price, of]) => `BTC-USD ${price} from ${of}`),
  }),
  { maxLength: 40 },
)

describe('values that are taken apart', () => {
  test('come back the same, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 12 }), (values) => {
        expect(textOf(thereAndBack(values))).toBe(textOf(values))
      }),
      { numRuns: 2_000 },
    )
  })

  test('come back the same where they are alike, with members missing and in any order', () => {
    fc.assert(
      fc.property(looks, (values) => {
        expect(textOf(thereAndBack(values))).toBe(textOf(values))
      }),
      { numRuns: 300 },
    )
  })

  test('come back the same where there are many of a kind: keys, names, members, levels', () => {
    const range = Array.from({ length: 400 }, (_, index) => index)
    const deep = range.reduce<unknown>((inside, level) => (level % 2 ? [inside] : { inside }), 1)
    const many: readonly (readonly unknown[])[] = [
      range.map((one) => ({ [`key${one}`]: one })),
      range.map((one) => [
        { id: `0x${one}`, value: one },
        { id: 'always', value: -one },
      ]),
      [range, range.map((id) => ({ id })), range.map(String), []],
      [Object.fromEntries(range.map((one) => [`${1_764_000_000_000 + one}`, one])), {}],
      [deep, JSON.stringify(deep), [deep]],
      [],
      [{}, [], '', '[]', '{}', [[]], [{}]],
    ]
    for (const values of many) expect(textOf(thereAndBack(values))).toBe(textOf(values))
  })

  test('come back with every difference of numbers that could be too large for one', () => {
    const ends = [2 ** 51, -(2 ** 51)]
    const there = Array.from({ length: 9 }, (_, index) => ends[index % 2])
    const often = Array.from({ length: 9 }, (_, index) => ({
      n: 5_000 * index + (ends[index % 3] ?? 0),
    }))
    for (const values of [there, often]) expect(thereAndBack(values)).toEqual(values)
    const near = fc.constantFrom(...ends, 2 ** 52, -(2 ** 52), 2 ** 53 - 1, 1 - 2 ** 53, 0)
    const wholes = fc
      .tuple(near, fc.integer({ min: -2, max: 2 }))
      .map(([end, more]) => end + more)
      .filter(Number.isSafeInteger)
    const rows = fc.array(fc.oneof(wholes, fc.nat(3)), { maxLength: 12 })
    fc.assert(
      fc.property(rows, (values) => {
        expect(textOf(thereAndBack(values))).toBe(textOf(values))
      }),
      { numRuns: 5_000 },
    )
  })

  test('are read to their end, and no further', () => {
    const apart = takeApart()
    for (const value of [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ])
      apart.add(value)
    const numbers = byteWriter()
    const texts = byteWriter()
    apart.write({ numbers, texts })
    const whole = numbers.written()
    for (let length = 0; length < whole.length; length += 1) {
      const read = () => {
        const short = byteReader(whole.subarray(0, length))
        const next = putTogether({ numbers: short, texts: byteReader(texts.written()) }, 2)
        return [next(), next()]
      }
      expect(read).toThrow(BrokenBytesError)
    }
  })
})
