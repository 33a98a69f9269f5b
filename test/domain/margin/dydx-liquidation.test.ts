import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  bankruptcyQuote,
  fillablePrice,
  insuranceDelta,
  liquidationPrice,
  liquidationSize,
} from '../../../lib/domain/margin/dydx-liquidation.ts'
import { casesOf, Exact, isThere, titled } from './keeper-vectors.ts'

const d = (text: string | number) => new Decimal(text)
const quantums = (amount: Decimal) => BigInt(amount.mul(1e6).toFixed(0, Decimal.ROUND_CEIL))

/** Quote quantums of closing a share of one position, in an account that has that one and cash. */
function closing(
  size: Decimal,
  share: Decimal,
  account: { price: Decimal; mmf: Decimal; quote: Decimal },
) {
  const { price, mmf, quote } = account
  const notional = size.mul(price)
  const part = notional.mul(share)
  return {
    notionalChange: quantums(part.neg()),
    requirementChange: quantums(part.abs().mul(mmf).neg()),
    value: quantums(notional.plus(quote)),
    requirement: quantums(notional.abs().mul(mmf)),
  }
}

describe('the arithmetic of dYdX v4', () => {
  test.skipIf(!isThere)(
    titled('a bankruptcy quote keeps the ratio of value and requirement'),
    () => {
      const One = z.object({
        size: Exact,
        price: Exact,
        mmf: Exact,
        quote: Exact,
        closeFraction: Exact.optional(),
        closeQuantums: Exact.optional(),
        bankruptcyQuote: Exact.optional(),
        bankruptcyQuoteQuantums: Exact.optional(),
      })
      const single = casesOf('dydxV4.bankruptcyQuote', z.looseObject({})).filter(
        (one) => 'size' in one,
      )
      for (const raw of single) {
        const { size, closeFraction, closeQuantums, ...one } = One.parse(raw)
        // A quantum of that coin is 1e-8.
        const share = closeFraction ?? closeQuantums?.div(1e8).div(size).neg() ?? d(1)
        const found = bankruptcyQuote(closing(size, share, one))
        const wanted = one.bankruptcyQuoteQuantums ?? one.bankruptcyQuote?.mul(1e6)
        expect([raw, String(found)]).toEqual([raw, wanted?.toFixed()])
      }
      expect(single.length).toBe(9)
    },
  )

  test('of two positions, each gets what its own requirement is worth (keepers.md §4.2)', () => {
    // BTC at 50,000 and ETH at 3,000, both with a requirement of a tenth: the vectors tell quotes and results.
    const rows = [
      ['0.004', '0.1', -490, 294],
      ['-0.004', '-0.1', 510, -306],
      ['0.004', '-0.1', 110, -306],
    ] as const
    for (const [btc, eth, quote, wanted] of rows) {
      const parts = [d(btc).mul(50_000), d(eth).mul(3_000)] as const
      const found = bankruptcyQuote({
        notionalChange: quantums(parts[1].neg()),
        requirementChange: quantums(parts[1].abs().mul('0.1').neg()),
        value: quantums(parts[0].plus(parts[1]).plus(quote)),
        requirement: quantums(parts[0].abs().plus(parts[1].abs()).mul('0.1')),
      })
      expect([btc, eth, String(found)]).toEqual([btc, eth, String(wanted * 1_000_000)])
    }
  })

  test('rounds a bankruptcy quote up, in favour of the account, whichever way it goes', () => {
    const size = d('1')
    const short = closing(d('-1'), d('21347').div(1e8), {
      price: d(50_000),
      mmf: d('0.1'),
      quote: d(50_013),
    })
    expect(bankruptcyQuote(short)).toBe(-10_676_275n)
    const long = closing(size, d('21347').div(1e8), {
      price: d(50_000),
      mmf: d('0.1'),
      quote: d(-49_987),
    })
    expect(bankruptcyQuote(long)).toBe(10_670_725n)
  })

  test.skipIf(!isThere)(
    titled('a fillable price sinks with the account, as far as the spread'),
    () => {
      const One = z.object({
        size: Exact,
        quote: Exact,
        spreadToMmr: Exact,
        bankruptcyAdj: Exact,
        fillablePrice: Exact,
      })
      const all = casesOf('dydxV4.fillablePrice', One)
      for (const { size, quote, spreadToMmr, bankruptcyAdj, fillablePrice: wanted } of all) {
        const notional = size.mul(50_000)
        const requirement = notional.abs().mul('0.1')
        const found = fillablePrice({
          size,
          notional,
          positionRequirement: requirement,
          value: notional.plus(quote),
          requirement,
          bankruptcyAdjustment: bankruptcyAdj,
          spreadToRequirement: spreadToMmr,
        })
        expect([size, quote, found.toFixed()]).toEqual([size, quote, wanted.toFixed()])
      }
      expect(all.length).toBeGreaterThan(9)
    },
  )

  test.skipIf(!isThere)(
    titled('the insurance fund takes what is over, up to a fee, and pays what is short'),
    () => {
      const One = z.object({
        side: z.enum(['sell', 'buy']),
        size: Exact,
        bankruptcyQuote: Exact,
        fillPrice: Exact,
        maxFee: Exact,
        insuranceDelta: Exact,
      })
      const all = casesOf('dydxV4.insuranceFundDelta', One)
      for (const one of all) {
        const amount = one.size.mul(one.fillPrice)
        const quote = one.side === 'sell' ? amount : amount.neg()
        const found = insuranceDelta({ quote, bankruptcy: one.bankruptcyQuote, maxFee: one.maxFee })
        expect([one, found.toFixed()]).toEqual([one, one.insuranceDelta.toFixed()])
      }
      expect(all.length).toBeGreaterThan(10)
    },
  )

  test.skipIf(!isThere)(
    titled('the price at which an account is due, all others as they are'),
    () => {
      const One = z.object({ e: Exact, s: Exact, p: Exact, mmf: Exact, liq: Exact })
      for (const { e, s, p, mmf, liq } of casesOf('dydxV4.liquidationPrice', One)) {
        const view = { value: e, size: s, price: p, maintenance: mmf, otherRequirement: d(0) }
        expect(liquidationPrice(view)?.toFixed(7)).toBe(liq.toFixed(7))
      }
    },
  )

  test('other positions bring it nearer, and a long with cash enough has none', () => {
    const cross = { value: d(1_000), size: d('-1.5'), price: d(3_000), maintenance: d('0.05') }
    // keepers.md §4.1.
    expect(liquidationPrice({ ...cross, otherRequirement: d(175) })?.toFixed(2)).toBe('3380.95')
    const rich = { value: d(10_000), size: d(1), price: d(3_000), maintenance: d('0.05') }
    expect(liquidationPrice({ ...rich, otherRequirement: d(0) })).toBeUndefined()
  })

  test('an order takes a tenth, but not less than a thousand, what the block leaves, and whole steps', () => {
    // Genesis: 1,000 USDC at least, 10 %, 100,000 USDC for each account and block.
    const rule = {
      minNotional: d(1_000),
      minPortion: d('0.1'),
      blockCapLeft: d(100_000),
      step: d('0.001'),
    }
    const price = d(50_000)
    expect(liquidationSize(d('-1'), price, rule).toFixed()).toBe('0.1')
    expect(liquidationSize(d('0.05'), price, rule).toFixed()).toBe('0.02')
    expect(liquidationSize(d('0.01'), price, rule).toFixed()).toBe('0.01')
    expect(liquidationSize(d(40), price, rule).toFixed()).toBe('2')
    expect(liquidationSize(d(40), price, { ...rule, blockCapLeft: d(1) }).toFixed()).toBe('0.001')
  })
})
