import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { costAfter, withCosts } from '../../../lib/domain/positions/costs.ts'

test.each([
  ['a first long', undefined, { base: 5n, quote: -50n }, 50n],
  ['a first short', undefined, { base: -5n, quote: 50n }, -50n],
  ['more of a long', { balance: 5n, cost: 50n }, { base: 1n, quote: -9n }, 59n],
  ['more of a short', { balance: -5n, cost: -50n }, { base: -5n, quote: 70n }, -120n],
  [
    'a part of a long, at whatever price',
    { balance: 6n, cost: 60n },
    { base: -2n, quote: 99n },
    40n,
  ],
  ['a part of a short', { balance: -6n, cost: -60n }, { base: 4n, quote: -1n }, -20n],
  ['all of it', { balance: 6n, cost: 60n }, { base: -6n, quote: 70n }, undefined],
  ['a long that becomes a short', { balance: 2n, cost: 20n }, { base: -6n, quote: 90n }, -60n],
  ['a short that becomes a long', { balance: -2n, cost: -20n }, { base: 3n, quote: -45n }, 15n],
  ['what was not known before', { balance: 2n }, { base: 3n, quote: -45n }, undefined],
])('after %s', (_, held, deal, cost) => {
  expect(costAfter(held, deal)).toBe(cost)
})

test('deals at one price never make a profit or a loss, however they come', () => {
  const law = fc.property(
    fc.bigInt(1n, 1_000n),
    fc.array(fc.bigInt(-50n, 50n), { minLength: 1, maxLength: 20 }),
    (price, bases) => {
      let held: { readonly balance: bigint; readonly cost?: bigint } | undefined
      for (const base of bases.filter((one) => one !== 0n)) {
        const cost = costAfter(held, { base, quote: -base * price })
        const balance = (held?.balance ?? 0n) + base
        held = balance === 0n || cost === undefined ? undefined : { balance, cost }
        expect(held?.cost ?? 0n).toBe(balance * price)
      }
    },
  )
  fc.assert(law)
})

test('who is told of a holding without its cost has it from the index while the balance is the same', () => {
  const holding = { asset: '0xb', balance: 5n, fundingIndex: 7n }
  const other = { asset: '0xe', balance: 1n, fundingIndex: 0n }
  const told = { id: '2', collateral: 1n, holdings: [holding, other] }
  const known = {
    id: '2',
    collateral: 9n,
    holdings: [
      { ...holding, fundingIndex: 0n, cost: 50n },
      { ...other, balance: 2n, cost: 3n },
    ],
  }
  expect(withCosts(told, known)).toEqual({ ...told, holdings: [{ ...holding, cost: 50n }, other] })
  expect(withCosts(told, undefined)).toBe(told)
  const own = { ...told, holdings: [{ ...holding, cost: 4n }] }
  expect(withCosts(own, known)).toBe(own)
})
