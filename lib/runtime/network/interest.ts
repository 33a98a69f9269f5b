import * as z from 'zod'

import { Decimal } from '../../domain/decimal.ts'
import { parseMarket } from '../../domain/market.ts'
import { section } from './section.ts'

/** A rate for a year, in parts: 0.05 is 5 %. */
const yearly = z
  .union([z.number().min(0).max(10), z.string().regex(/^(?:\d(?:\.\d{1,18})?|10)$/)], {
    error: 'expected a rate for a year in parts, such as 0.05 for 5 %',
  })
  .transform((value) => new Decimal(String(value)))

const part = z
  .number()
  .min(0)
  .max(1)
  .transform((value) => new Decimal(String(value)))

const cash = z
  .discriminatedUnion(
    'kind',
    [
      section({
        kind: z.literal('fixed'),
        credit: yearly.describe('What money earns in a year.'),
        debit: yearly.describe('What a debt costs in a year.'),
      }),
      section({
        kind: z.literal('utilisation'),
        base: yearly.describe('What debts cost in a year while nothing is lent out.'),
        kink: z
          .number()
          .min(0.01)
          .max(0.99)
          .transform((value) => new Decimal(String(value)))
          .describe('The part of all money that is lent out at which the rate turns. Aave: 0.8.'),
        atKink: yearly.describe('What debts cost there.'),
        atFull: yearly.describe('What they cost where all is lent out.'),
        reserve: part
          .prefault(0.1)
          .describe('The part of what debtors pay that those with money do not get.'),
      }).describe('By how much of all money of the accounts is lent to others, as Aave reckons.'),
    ],
    { error: 'expected kind fixed or utilisation' },
  )
  .refine(
    (rule) => rule.kind === 'fixed' || (rule.base.lte(rule.atKink) && rule.atKink.lte(rule.atFull)),
    'expected base, atKink and atFull to rise',
  )

const payments = section({
  everySeconds: z
    .int()
    .min(60)
    .max(604_800)
    .default(3_600)
    .describe('How long an account goes without interest at least. Default: an hour.'),
  leastUsd: z
    .number()
    .min(0)
    .max(1_000)
    .default(0.01)
    .describe(
      'Less than that waits until it is more, in USD: a payment costs 3 to 30 million of L2 gas.',
    ),
  cash: cash.describe(
    'What money earns, and what debts cost: cash with funding and the profits of synthetics, without spot holdings. There is no default.',
  ),
  holdings: z
    .record(
      z.string().regex(/^[A-Z0-9]+-USD$/, 'expected a symbol such as BTC-USD'),
      section({
        long: yearly.prefault(0).describe('What whoever holds it pays in a year.'),
        short: yearly.prefault(0).describe('What whoever owes it pays in a year.'),
      }),
    )
    .default({})
    .describe('By market, what holding it costs in a year, in parts of its value.'),
})

/** How a starknet-perpetual exchange of generation D pays interest, and keeps its own time for that. */
export const engineInterest = section({
  collateral: z
    .string()
    .regex(/^[A-Z0-9]+-USD$/, 'expected a symbol such as USDC-USD')
    .default('USDC-USD')
    .transform(parseMarket)
    .describe('What its accounts are counted in: a name for people.'),
  exchangeTimeShare: z
    .number()
    .min(0.01)
    .max(0.45)
    .default(0.25)
    .describe(
      'How much of the day may pass after which the contract takes no interest any more, before `update-exchange-time` brings its time forward.',
    ),
  payments: payments
    .optional()
    .describe('What `apply-interests` pays and takes. Absent: only the time is kept.'),
})
