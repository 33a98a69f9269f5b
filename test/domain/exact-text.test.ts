import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { pack, unpack } from '../../lib/adapters/store/packed.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import { decode, encode, encodeInOrder, NotStorableError } from '../../lib/domain/exact-text.ts'

const decimals = fc
  .tuple(fc.bigInt(), fc.integer({ min: -40, max: 40 }))
  .map(([digits, exponent]) => new Decimal(`${digits}e${exponent}`))

const leaves = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('$bigint', '$decimal', '$map', '$set', '$', '$$', '__proto__'),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(-0),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt(),
  decimals,
)

const keys = fc.oneof(
  fc.string(),
  fc.constantFrom('$bigint', '$decimal', '$map', '$set', '$number', '$$bigint', '__proto__', '1'),
)

const { value: values } = fc.letrec<{
  value: unknown
  list: unknown
  object: unknown
  map: unknown
  set: unknown
}>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaves,
    tie('list'),
    tie('object'),
    tie('map'),
    tie('set'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.array(fc.tuple(keys, tie('value')), { maxLength: 4 }).map(Object.fromEntries),
  map: fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((all) => new Map(all)),
  set: fc.array(tie('value'), { maxLength: 4 }).map((all) => new Set(all)),
}))

describe('what is stored', () => {
  test('comes back as it was, big numbers, decimals and odd keys too', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(encode(value))).toStrictEqual(value)
        expect(decode(encodeInOrder(value))).toStrictEqual(value)
        expect(unpack(pack(value))).toStrictEqual(value)
      }),
      { numRuns: 300 },
    )
  })

  test('is the same text for the same value, whatever order its keys were set in', () => {
    expect(encode({ b: 1n, a: { d: [], c: '' } })).toBe(encode({ a: { c: '', d: [] }, b: 1n }))
  })

  test('keeps keys in the order that they were set in, where that is asked for', () => {
    const value = { b: 1n, a: { d: [{ z: 1, y: 2 }], c: new Map([['k', { f: 1, e: 2 }]]) } }
    expect(encodeInOrder(value)).toBe(
      '{"b":{"$bigint":"1"},"a":{"d":[{"z":1,"y":2}],"c":{"$map":[["k",{"f":1,"e":2}]]}}}',
    )
    expect(Object.keys(decode(encodeInOrder(value)) as object)).toEqual(['b', 'a'])
  })

  test('keeps the keys of a map that lead to nothing', () => {
    const map = new Map([
      ['gone', undefined],
      ['there', 1n],
    ])
    expect(encode(map)).toBe('{"$map":[["gone"],["there",{"$bigint":"1"}]]}')
    expect(decode(encode(map))).toStrictEqual(map)
  })

  test('has no property that was undefined', () => {
    expect(decode(encode({ a: undefined, b: 1 }))).toStrictEqual({ b: 1 })
  })

  test('keeps maps and sets, in the order in which they were filled', () => {
    const map = new Map<unknown, unknown>([
      ['z', 1n],
      [{ a: 1 }, new Set(['b', 'a'])],
    ])
    expect(encode(map)).toBe('{"$map":[["z",{"$bigint":"1"}],[{"a":1},{"$set":["b","a"]}]]}')
    expect([...(decode(encode(map)) as Map<unknown, unknown>).keys()]).toStrictEqual([
      'z',
      { a: 1 },
    ])
    expect(encode({ $map: [] })).toBe('{"$$map":[]}')
    expect(decode('{"$$map":[]}')).toStrictEqual({ $map: [] })
  })

  test('keeps every digit and the sign of zero', () => {
    const long = '123456789012345678901234567890123456789012345678901234567890123456789.000000001'
    expect((decode(encode(new Decimal(long))) as Decimal).toFixed()).toBe(long)
    expect((decode(encode(new Decimal('-0'))) as Decimal).isNegative()).toBe(true)
    expect(encode(-0)).toBe('{"$number":"-0"}')
    expect(encode(new Decimal('1.50'))).toBe('{"$decimal":"1.5"}')
    expect(encode(-(2n ** 70n))).toBe('{"$bigint":"-1180591620717411303424"}')
  })

  test('is never what JSON would silently change', () => {
    const sparse = [1]
    sparse.length = 2
    for (const value of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      new Decimal('NaN'),
      [undefined],
      sparse,
      undefined,
      new Date(0),
      new WeakMap(),
      new (class extends Map {})(),
      () => 1,
      Symbol('s'),
    ])
      expect(() => encode({ value: [value] })).toThrow(NotStorableError)
  })
})
