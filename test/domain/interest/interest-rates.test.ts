import { expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  cashRates,
  interestOver,
  lentBy,
  yearlyInterest,
} from '../../../lib/domain/interest/interest-rates.ts'
import type { CoreMarks } from '../../../lib/domain/margin/starknet-margin.ts'

const none = new Decimal(0)
const year = 31_536_000n

const marks: CoreMarks = {
  '0x1b': {
    kind: 'synthetic',
    // 2 of 1e-6 USD for each smallest unit.
    price: 2n << 28n,
    fundingIndex: 0n,
    riskFactorTiers: [10n],
    firstTierBoundary: 1n,
    tierSize: 1n,
  },
}
const held = (balance: bigint) => [{ asset: '0x1b', balance, fundingIndex: 0n }]
const kinked = {
  kind: 'utilisation',
  base: new Decimal('0.01'),
  kink: new Decimal('0.8'),
  atKink: new Decimal('0.05'),
  atFull: new Decimal('0.45'),
  reserve: new Decimal('0.1'),
} as const

test.for([
  { cash: 100n, debts: 0n, debit: '0.01', credit: '0' },
  // Half of the way to the kink, half of what is between the two rates: 1 % + 4 % · 0.4 / 0.8.
  { cash: 100n, debts: 40n, debit: '0.03', credit: '0.0108' },
  { cash: 100n, debts: 80n, debit: '0.05', credit: '0.036' },
  // 5 % + 40 % · 0.1 / 0.2; of what debtors pay nine tenths go to the nine tenths that they owe.
  { cash: 100n, debts: 90n, debit: '0.25', credit: '0.2025' },
  { cash: 100n, debts: 100n, debit: '0.45', credit: '0.405' },
  { cash: 0n, debts: 5n, debit: '0.45', credit: '0.405' },
])(
  'of $cash lent out $debts cost $debit a year and bring $credit',
  ({ cash, debts, debit, credit }) => {
    const rates = cashRates(kinked, { cash, debts })
    expect([rates.debit.toFixed(), rates.credit.toFixed()]).toEqual([debit, credit])
  },
)

test('cash and debts of an exchange are those of its accounts, each side for itself', () => {
  const accounts = [7n, -3n, 0n, 5n, -1n].map((collateral, at) => ({
    id: String(at),
    collateral,
    holdings: [],
  }))
  expect(lentBy(accounts, marks)).toEqual({ cash: 12n, debts: 4n })
  // Bought with a debt on paper: 5 units at 2 are worth 10.
  const long = { id: '9', collateral: -7n, holdings: held(5n) }
  expect(lentBy([long], marks)).toEqual({ cash: 3n, debts: 0n })
})

const rates = {
  credit: new Decimal('0.02'),
  debit: new Decimal('0.05'),
  holdings: { '0x1b': { long: new Decimal('0.01'), short: none } },
}

test.for([
  { what: 'money earns', money: 1_000_000n, balance: 0n, amount: 20_000n },
  { what: 'a debt costs', money: -1_000_000n, balance: 0n, amount: -50_000n },
  // 1 % of 2 · 500,000 is taken off.
  { what: 'a long costs', money: 1_000_000n, balance: 500_000n, amount: 10_000n },
  { what: 'a short of the market is free', money: 1_000_000n, balance: -500_000n, amount: 20_000n },
])('$what its own rate a year', ({ money, balance, amount }) => {
  const holdings = balance === 0n ? [] : held(balance)
  expect(interestOver(yearlyInterest({ holdings }, money, { marks, rates }), year)).toBe(amount)
})

test('a part of a smallest unit is not paid by anybody', () => {
  const earns = yearlyInterest({ holdings: [] }, 1_000_000n, { marks, rates })
  const owes = yearlyInterest({ holdings: [] }, -1_000_000n, { marks, rates })
  // 0.02 · 1,000,000 / 31,536,000 a second: one unit in 1,576.8 seconds; of the debt in 630.72.
  expect([1_576n, 1_577n].map((seconds) => interestOver(earns, seconds))).toEqual([0n, 1n])
  expect([630n, 631n].map((seconds) => interestOver(owes, seconds))).toEqual([0n, -1n])
})
