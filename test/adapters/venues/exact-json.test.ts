import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { excerpt, readJson } from '../../../lib/adapters/venues/exact-json.ts'
import { VenueAnswerError } from '../../../lib/adapters/venues/venue-answer-error.ts'

describe('JSON with every number as its text', () => {
  test('is what everybody reads, but for the numbers', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'binary' }),
        fc.integer({ min: 0, max: 3 }),
        (value, spaces) => {
          const written = JSON.stringify(value, undefined, spaces)
          expect(readJson('okx', written)).toEqual(withTexts(JSON.parse(written)))
        },
      ),
      { numRuns: 150 },
    )
  })

  test('keeps digits that no float holds', () => {
    const body =
      '{"a":[0.1000000000000000055511151231257827,-12345678901234567890],"b":1E+400,"c":1.50}'
    expect(readJson('okx', body)).toEqual({
      a: ['0.1000000000000000055511151231257827', '-12345678901234567890'],
      b: '1E+400',
      c: '1.50',
    })
  })

  test('lets alone what only looks like a number', () => {
    const body = String.raw`{"1":"2","a\"3":"4\\","-5":"\\\"6","7\\":true}`
    expect(readJson('okx', body)).toEqual(JSON.parse(body))
  })

  test('does not mistake a name for a prototype', () => {
    const read = readJson('okx', '{"__proto__":{"polluted":1}}')
    expect(Object.hasOwn(read as object, '__proto__')).toBe(true)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  test.each(['', ' ', 'NaN', '{"a":Infinity}', '{"a":}', '[1,]', '"', '"\\', '{"a":1', '\u0000'])(
    'refuses %j',
    (body) => {
      expect(() => readJson('okx', body)).toThrow(VenueAnswerError)
    },
  )

  test.each([
    '{"a":00}',
    '[0064000]',
    '[1.2.3]',
    '[-]',
    '[1-2]',
    '[.5]',
    '[5.]',
    '[1e]',
    '{1:2}',
    '{"a":1 :2}',
  ])('refuses %j, whose number is none', (body) => {
    expect(() => void JSON.parse(body)).toThrow(SyntaxError)
    expect(() => readJson('okx', body)).toThrow(VenueAnswerError)
  })

  test('takes whatever is JSON, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'[]{}",:0123456789-+.eE '.split('')), maxLength: 8 }),
        (inner) => {
          const body = `[${inner}]`
          const isRead = errorOf(() => readJson('okx', body)) === undefined
          expect(isRead).toBe(errorOf(() => void JSON.parse(body)) === undefined)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('refuses megabytes of brackets before they become half a gigabyte', () => {
    for (const body of [`${'['.repeat(1e6)}${']'.repeat(1e6)}`, `[${'{},'.repeat(1e6)}{}]`])
      expect(() => readJson('okx', body)).toThrow('okx: the body has more than 200000 lists')
    expect(readJson('okx', `["${'['.repeat(1e6)}",[${'{},'.repeat(99_999)}{}]]`)).toHaveLength(2)
  })

  test('refuses with its own error whatever comes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]",:\\0123456789-+.eE ntrue\n'.split('')) }),
        (body) => {
          const error = errorOf(() => readJson('okx', body))
          expect(error === undefined || error instanceof VenueAnswerError).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})

test('an excerpt is one short line', () => {
  expect(excerpt('  <html>\r\n\t<body>\u001b[31m  x ')).toBe('<html> <body> [31m x')
  expect(excerpt('')).toBe('nothing')
  expect(excerpt('\n\n')).toBe('nothing')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
      expect(excerpt(text).length).toBeLessThanOrEqual(121)
      expect(excerpt(text)).not.toMatch(/\p{Cc}/u)
    }),
  )
})

/** JSON has one way less to write a number than there are: JavaScript's own texts come back as they were written. */
function withTexts(value: unknown): unknown {
  if (typeof value === 'number') return JSON.stringify(value)
  if (Array.isArray(value)) return value.map(withTexts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withTexts(inner)]))
}

function errorOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}
