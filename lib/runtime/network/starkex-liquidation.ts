import * as z from 'zod'

import { coreLiquidation } from './core-liquidation.ts'
import { section } from './section.ts'
import { amount, felt } from './values.ts'

// A gateway takes nothing for a transaction, so that there is no gas to look at.
const { leastProfitUsd: _leastProfitUsd, feeBps: _feeBps, ...shape } = coreLiquidation.shape

const segment = section({
  upTo: amount
    .optional()
    .describe('The largest amount of the segment. Absent: there is no other after it.'),
  factor: amount.describe('What is required of it, in 2^32nds: 214748364 is 5 %.'),
})

/** How far liquidations of a StarkEx exchange may go, who takes over, and what its gateway does not tell of its configuration. */
export const starkexLiquidation = section({
  ...shape,
  feeBps: z
    .int()
    .min(0)
    .max(1_000)
    .default(10)
    .describe(
      'What the liquidator pays to the exchange, in hundredths of a percent of what he pays for it: at most this, and at most what his order allows. It is the actual_liquidator_fee.',
    ),
  collateralAsset: felt('a collateral asset id, 0x and up to 64 hex digits', {
    below: 2n ** 251n,
  }).describe("The exchange's collateral_asset_info.asset_id."),
  riskBy: z
    .enum(['balance', 'notional'], { error: 'expected balance or notional' })
    .default('balance')
    .describe('What segments of risk are cut by: the balance, or balance times price.'),
  risk: z
    .record(z.string(), z.array(segment).min(1, 'expected at least one segment').max(100))
    .describe(
      "By market, the exchange's risk factors, ascending. Nobody is liquidated who holds a market that is not in it.",
    ),
})
