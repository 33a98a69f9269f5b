import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { pointPrice } from '../../lib/domain/point-price.ts'
import { aQuote, usd } from './quotes.ts'

type Sides = { bid?: string; ask?: string; last?: string }

const quoted = ({ bid, ask, last }: Sides, suspended = false) =>
  aQuote('kraken:BTC-USD', '1', {
    bid: bid === undefined ? undefined : usd(bid),
    ask: ask === undefined ? undefined : usd(ask),
    last: last === undefined ? undefined : usd(last),
    suspended,
  })

const priced = (sides: Sides, maxSpreadBps = 100) => {
  const point = pointPrice(quoted(sides), maxSpreadBps)
  return point.kind === 'price' ? point.price.toFixed() : `${point.kind}: ${point.detail}`
}

describe(pointPrice, () => {
  test.each<[Sides, string]>([
    [{ bid: '99.9', ask: '100.1', last: '100' }, '100'],
    [{ bid: '99.9', ask: '100.1', last: '98' }, '99.9'],
    [{ bid: '99.9', ask: '100.1', last: '103' }, '100.1'],
    [{ bid: '99.9', ask: '100.1' }, '100'],
    [{ last: '98' }, '98'],
    [{ bid: '99.9', last: '98' }, '98'],
    [{ ask: '100.1', last: '103' }, '103'],
  ])('of %o is %s', (sides, price) => {
    expect(priced(sides)).toBe(price)
  })

  test('is the median of bid, ask and last where all are there', () => {
    const price = fc.integer({ min: 1, max: 10 ** 9 })
    fc.assert(
      fc.property(price, price, price, (one, other, last) => {
        const [bid = 0, ask = 0] = [one, other].toSorted((a, b) => a - b)
        const middle = [bid, ask, last].toSorted((a, b) => a - b)[1]
        const wide = 1_000_000
        expect(priced({ bid: `${bid}`, ask: `${ask}`, last: `${last}` }, wide)).toBe(`${middle}`)
      }),
    )
  })

  test.each<[string, Sides, string]>([
    ['nothing', {}, 'invalid: it has no trade and no whole book'],
    ['half a book', { bid: '100' }, 'invalid: it has no trade and no whole book'],
    ['a zero', { bid: '99', ask: '100', last: '0' }, 'invalid: its last is 0'],
    ['a price below zero', { bid: '-1', ask: '100', last: '99' }, 'invalid: its bid is -1'],
    ['what is no number', { ask: 'NaN', last: '99' }, 'invalid: its ask is NaN'],
    ['infinity', { last: 'Infinity' }, 'invalid: its last is Infinity'],
    ['more than can be signed', { last: '1e18' }, `invalid: its last is 1${'0'.repeat(18)}`],
    ['a crossed book', { bid: '100.1', ask: '100' }, 'invalid: its bid 100.1 is above its ask 100'],
  ])('%s is no price', (_, sides, said) => {
    expect(priced(sides)).toBe(said)
  })

  test('a spread of exactly the bound counts, one unit more does not', () => {
    expect(priced({ bid: '99.5', ask: '100.5' })).toBe('100')
    expect(priced({ bid: '99.5', ask: '100.500000000000000001' })).toMatch('invalid: its spread is')
  })

  test('a locked book counts', () => {
    expect(priced({ bid: '100', ask: '100' })).toBe('100')
  })

  test('a suspended instrument has no price, whatever it shows', () => {
    expect(pointPrice(quoted({ last: '100' }, true), 100).kind).toBe('suspended')
  })
})
