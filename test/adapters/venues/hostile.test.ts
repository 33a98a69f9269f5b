import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { VenueAnswerError } from '../../../lib/adapters/venues/venue-answer-error.ts'
import { listSamples, now, samples, type Sample } from './samples.ts'
import { isUsable, parsed, plain, tokens } from './support.ts'

const named = samples.map((sample) => [sample.title, sample] as const)

/** What stands where a number should: none of it is a price. */
const nonsense = [
  ['an empty string', '""'],
  ['null', 'null'],
  ['a word', '"n/a"'],
  ['NaN as text', '"NaN"'],
  ['infinity as text', '"Infinity"'],
  ['too large', '1e400'],
  ['too large, as text', '"1e400"'],
  ['nearly nothing', '"1e-400"'],
  ['negative', '-1'],
  ['negative, as text', '"-64000.12"'],
  ['zero', '0'],
  ['zero, padded', '"0.00000000"'],
  ['hexadecimal', '"0xff"'],
  ['with thousands', '"64,000.12"'],
  ['with blanks', '" 64000 "'],
  ['in Arabic digits', '"٦٤٠٠٠"'],
] as const

describe.each(named)('%s', (_, sample) => {
  const { venue, instrument } = sample

  test.each(nonsense)('has no price where the number is %s', (_name, token) => {
    const row = tokens(sample, { bid: token, ask: token, last: token })
    expect(quotesOrNone(sample, sample.body([row]))).toEqual([])
  })

  test.each(nonsense)('keeps what it can where one number is %s', (_name, token) => {
    const [quote] = parsed(venue, [instrument], sample.body([tokens(sample, { bid: token })]))
    expect(quote?.bid).toBeUndefined()
    expect(plain(quote?.ask)).toBe('64001')
  })

  test('does not believe buyers above sellers', () => {
    const { bid, ask } = tokens(sample)
    const row = tokens(sample, { bid: ask, ask: bid })
    expect(quotesOrNone(sample, sample.body([row]))).toEqual([])
  })

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['a string', '"ok"'],
    ['a number', '7'],
    ['a list of nulls', '[null,null]'],
    ['a web page', '<html><head><title>Just a moment...</title></head></html>'],
    ['an endless list', '['.repeat(20_000)],
    ['Binance’s error', '{"code":-1121,"msg":"Invalid symbol."}'],
  ])('refuses %s', (_name, body) => {
    expect(() => parsed(venue, [instrument], body)).toThrow(VenueAnswerError)
  })

  test('refuses an answer that is cut off, wherever that is', () => {
    const whole = sample.body([tokens(sample)])
    for (let length = 0; length < whole.length; length += 7)
      expect(() => parsed(venue, [instrument], whole.slice(0, length))).toThrow(VenueAnswerError)
  })

  test('reads no unusable price out of anything at all', () => {
    const token = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.stringify(value)),
      fc.constantFrom(...nonsense.map(([, each]) => each)),
      fc.double().map((number) => `"${number}"`),
    )
    const rows = fc.record({ bid: token, ask: token, last: token, time: token })
    fc.assert(
      fc.property(rows, (row) => {
        for (const quote of quotesOrNone(sample, sample.body([row]))) {
          const prices = [quote.bid, quote.ask, quote.last].filter((price) => price !== undefined)
          expect(prices.every(isUsable)).toBe(true)
          expect(quote.venueTime === undefined).toBe(quote.timeKind === 'none')
        }
      }),
      { numRuns: 60 },
    )
  })

  test('says whose answer is wrong, and never shows more than its beginning', () => {
    const body = `{"secret":"${'x'.repeat(5_000)}"}`
    expect(complaintOf(() => parsed(venue, [instrument], body))).toMatch(
      new RegExp(`^${venue.name}: .{1,250}$`),
    )
  })
})

describe.each(named.filter(([, { timeKind }]) => timeKind !== 'none'))(
  '%s and its time',
  (_, sample) => {
    const { venue, instrument } = sample
    const at = (time: string) => sample.body([tokens(sample, { time })])

    test.each([
      ['null', 'null'],
      ['an empty string', '""'],
      ['a word', '"now"'],
      ['negative', '-1767225600123'],
      ['a second of another age', sample.timeOf(1_000)],
      ['two days ahead', sample.timeOf(now + 2 * 86_400_000)],
      ['two days ago', sample.timeOf(now - 2 * 86_400_000)],
      ['too long', '9'.repeat(40)],
    ])('refuses an answer whose only time is %s', (_name, time) => {
      expect(() => parsed(venue, [instrument], at(time))).toThrow(VenueAnswerError)
    })

    test('takes a clock that is some minutes off for what it is', () => {
      const [quote] = parsed(venue, [instrument], at(sample.timeOf(now + 120_000)))
      const keeps = sample.keeps ?? ((ms: number) => ms)
      expect(quote?.venueTime).toBe(keeps(now + 120_000))
    })
  },
)

describe.each(listSamples.map((sample) => [sample.title, sample] as const))(
  '%s and its list',
  (_, sample) => {
    test('trusts neither of two rows of one name', () => {
      const body = sample.body([tokens(sample), tokens(sample)])
      expect(quotesOrNone(sample, body)).toEqual([])
    })

    test('leaves out what the list does not have', () => {
      expect(quotesOrNone(sample, sample.body([]))).toEqual([])
    })
  },
)

test('one row that cannot be read does not cost the others', () => {
  const [sample] = samples
  if (!sample) throw new Error('there are samples')
  const body = sample
    .body([tokens(sample)])
    .replace('"symbol":"ETHUSDT"', '"symbol":"ETHUSDT","bidPrice":[]')
  const broken = body.replace('"lastPrice":"9",', '')
  const quotes = parsed(sample.venue, ['ETH-USDT', 'BTC-USDT'], broken)
  expect(quotes.map(({ instrument }) => instrument)).toEqual(['BTC-USDT'])
  expect(() => parsed(sample.venue, ['ETH-USDT'], broken)).toThrow('ETH-USDT.lastPrice is missing')
})

// Told one by one, so many complaints are more than the stack and the memory of a function hold.
const endless = `[${'null,'.repeat(500_000)}null]`

test.each([
  ['kraken', 'BTC-USD', `{"error":${endless},"result":{}}`],
  ['hyperliquid', 'BTC-USDT-PERP', `[{"universe":${endless}},${endless}]`],
  ['hyperliquid', 'BTC-USDT-PERP', `[{"universe":[]},${endless}]`],
])('%s complains once of half a million mistakes', (name, instrument, body) => {
  const sample = samples.find(({ venue }) => venue.name === name)
  if (!sample) throw new Error(`there is no sample of ${name}`)
  expect(() => parsed(sample.venue, [instrument], body)).toThrow(VenueAnswerError)
})

/** Refusing the whole answer is as good as leaving the instrument out. */
function quotesOrNone({ venue, instrument }: Sample, body: string): ReturnType<typeof parsed> {
  try {
    return parsed(venue, [instrument], body)
  } catch (error) {
    if (error instanceof VenueAnswerError) return []
    throw error
  }
}

function complaintOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'no complaint'
}
