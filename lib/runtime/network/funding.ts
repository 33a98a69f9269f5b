import * as z from 'zod'

import { Decimal } from '../../domain/decimal.ts'
import { section } from './section.ts'
import { seconds } from './values.ts'

/** A part of notional, such as 0.0001. */
const fraction = z
  .union([z.number().min(0).max(1), z.string().regex(/^(0(\.\d{1,18})?|1)$/)], {
    error: 'expected a part of notional from 0 to 1, such as 0.0001',
  })
  .transform((value) => new Decimal(String(value)))

const ppm = (text: string) => z.int().min(0).max(1_000_000).describe(text)

const period = {
  periodCap: fraction
    .prefault('0.02')
    .describe('The most for one period, either way. Paradex: 0.02 for majors, 0.05 for others.'),
  periodSeconds: seconds.default(28_800).describe('What the rate is for: exchanges quote 8 hours.'),
}

const rule = z
  .discriminatedUnion(
    'kind',
    [
      section({
        kind: z.literal('interest-clamp'),
        interest: fraction.prefault('0.0001').describe('For one period. Common: 0.0001.'),
        innerClamp: fraction
          .prefault('0.0005')
          .describe('How far interest may pull the premium. Common: 0.0005.'),
        ...period,
      }).describe('premium + clamp(interest - premium): BitMEX, Binance, Hyperliquid, Paradex.'),
      section({
        kind: z.literal('dydx-v4'),
        defaultFundingPpm: ppm(
          'Added to each premium: 0 for cross markets, 100 for isolated ones.',
        ).default(0),
        initialMarginPpm: ppm('In parts per million of notional: 50000 for 20 times leverage.'),
        maintenanceMarginPpm: ppm('In parts per million of notional: 30000 on dYdX for BTC.'),
        clampFactorPpm: z
          .int()
          .min(0)
          .max(100_000_000)
          .default(6_000_000)
          .describe('Of the distance between the two margins. dYdX: 600 %.'),
      }).describe('As dYdX v4 reckons, with its roundings; for 8 hours.'),
      section({
        kind: z.literal('premium-only'),
        damper: fraction.prefault('0.0005').describe('What is nearer to 0 than this is 0.'),
        ...period,
      }).describe('The premium alone, less a damper: Deribit.'),
    ],
    { error: 'expected kind interest-clamp, dydx-v4 or premium-only' },
  )
  .refine(
    (one) => one.kind !== 'dydx-v4' || one.initialMarginPpm > one.maintenanceMarginPpm,
    'expected initialMarginPpm above maintenanceMarginPpm',
  )

/** How one market's funding is reckoned. */
export const marketFunding = section({
  rule: rule.prefault({ kind: 'interest-clamp' }),
  maxRate: fraction
    .prefault('0.01')
    .describe(
      "The most for one epoch, either way; the exchange's own cap holds besides. Hyperliquid: 0.04 an hour, dYdX v1: 0.0075 for 8 hours.",
    ),
  fullRangeSeconds: z
    .int()
    .min(1)
    .max(604_800)
    .optional()
    .describe(
      'How long the rate takes at least from one end of its range to the other. dYdX v1: 2700. Absent: no time.',
    ),
  impactNotional: z
    .int()
    .min(1)
    .max(100_000_000)
    .default(5_000)
    .transform((usd) => new Decimal(usd))
    .describe(
      "How much is traded against the exchange's book to see its price, in USD. Paradex: 5000 for majors.",
    ),
})

const gapSeconds = z.int().min(0).max(604_800)

const late = z.discriminatedUnion(
  'kind',
  [
    section({
      kind: z.literal('forgive'),
      afterSeconds: gapSeconds.describe('The longest gap that is paid.'),
    }).describe('A gap longer than that pays nothing. Paradex: 30.'),
    section({
      kind: z.literal('cap'),
      maxSeconds: gapSeconds.describe('The most time that a gap pays for.'),
    }).describe('A gap pays for that time at most. Mango: 3600.'),
    section({
      kind: z.literal('amortise'),
      epochs: z.int().min(1).max(1_000).describe('The late one included.'),
    }).describe('All of a gap is paid, what is beyond one epoch in parts over so many.'),
  ],
  { error: 'expected kind forgive, cap or amortise' },
)

/** How one exchange's funding is settled. */
export const engineFunding = section({
  epochSeconds: seconds
    .default(3_600)
    .describe(
      'How long an epoch is, in seconds; an evm-engine has its own, which must be the same.',
    ),
  late: late.describe(
    'What becomes of time for which nobody settled funding. There is no default.',
  ),
  minSamples: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe('With samples of fewer slots an epoch has no rate, and indexes stay.'),
  minVotes: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Fewer votes for a slot than this count as zeros. dYdX v4: 15 of its validators.'),
  missing: z
    .enum(['zero', 'carry-forward'], { error: 'expected zero or carry-forward' })
    .default('zero')
    .describe('What a slot without votes is. With zero a stalled feed decays, as on dYdX v4.'),
  average: z
    .enum(['mean', 'median', 'linear'], { error: 'expected mean, median or linear' })
    .default('mean')
    .describe('How the slots make the epoch. Binance weighs later ones more: linear.'),
})
