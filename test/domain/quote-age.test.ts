import { describe, expect, test } from 'vitest'

import { judgeAge } from '../../lib/domain/quote-age.ts'
import type { Quote, TimeKind } from '../../lib/domain/quote.ts'
import { after, aQuote, rules, start } from './quotes.ts'

const judged = (over: Partial<Quote>) =>
  judgeAge(aQuote('kraken:BTC-USD', '100', over), rules, start)

describe(judgeAge, () => {
  // The bounds of the builders' rules.
  test.each<[TimeKind, number]>([
    ['quote', 10_000],
    ['envelope', 10_000],
    ['trade', 60_000],
  ])('a time of kind %s counts for %i ms', (timeKind, ms) => {
    expect(judged({ timeKind, venueTime: after(-ms) })).toEqual({ kind: 'fresh', at: after(-ms) })
    expect(judged({ timeKind, venueTime: after(-ms - 1) })).toMatchObject({
      kind: 'stale',
      at: after(-ms - 1),
    })
  })

  test('without a venue time the age of the answer is judged, not when it came', () => {
    const none: Partial<Quote> = { timeKind: 'none', venueTime: undefined, receivedAt: start }
    expect(judged({ ...none, answeredAt: after(-10_000) })).toEqual({
      kind: 'fresh',
      at: after(-10_000),
    })
    expect(judged({ ...none, answeredAt: after(-10_001) }).kind).toBe('stale')
  })

  test('without either the time of receipt is judged', () => {
    const none: Partial<Quote> = { timeKind: 'none', venueTime: undefined, answeredAt: undefined }
    expect(judged({ ...none, receivedAt: after(-10_000) }).kind).toBe('fresh')
    expect(judged({ ...none, receivedAt: after(-10_001) }).kind).toBe('stale')
  })

  test('a time up to five seconds ahead counts as now, a later one does not count', () => {
    expect(judged({ venueTime: after(5_000) })).toEqual({ kind: 'fresh', at: start })
    expect(judged({ venueTime: after(5_001) })).toEqual({
      kind: 'future',
      at: after(5_001),
      detail: 'its time is 5.001 s ahead',
    })
  })

  test('says what is too old', () => {
    expect(judged({ venueTime: after(-12_500) })).toMatchObject({
      detail: 'its quote is 12.5 s old, 10 s count',
    })
    expect(judged({ timeKind: 'trade', venueTime: after(-61_000) })).toMatchObject({
      detail: 'its last trade is 61 s old, 60 s count',
    })
  })
})
