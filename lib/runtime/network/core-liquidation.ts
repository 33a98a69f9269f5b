import * as z from 'zod'

import { engineLiquidation } from './liquidation.ts'
import { secretReference } from './references.ts'
import { section } from './section.ts'
import { privateUrl } from './values.ts'

// Only operators of the exchange send there, so nobody shares its accounts with other keepers.
const { keepers: _keepers, staggerSeconds: _staggerSeconds, ...shape } = engineLiquidation.shape

const bps = (most: number) => z.int().min(0).max(most)

/** How far liquidations of a starknet-perpetual exchange may go, and who takes over. */
export const coreLiquidation = section({
  ...shape,
  feeBps: bps(1_000)
    .default(100)
    .describe(
      'What of the value taken over goes to the insurance fund, in hundredths of a percent, where the account can bear it. The contract sets no limit, so this does.',
    ),
  discountBps: bps(1_000)
    .default(50)
    .describe(
      'How much less than the mark the liquidator pays, or more it gets, in hundredths of a percent, where the account can bear it.',
    ),
  targetBps: z
    .int()
    .min(10_000)
    .max(100_000)
    .default(11_000)
    .describe(
      'Only so much of a position is taken that its owner has this for each 10000 of what is required afterwards; 10000 is just healthy.',
    ),
  liquidator: section({
    position: z
      .string()
      .regex(/^[0-9]{1,10}$/, "expected a position's number, in quotes")
      .describe('The position that takes over.'),
    key: secretReference.describe(
      "Its owner's key on the STARK curve, which signs an order for each slot and asset.",
    ),
  })
    .optional()
    .describe(
      'Our own position, which takes over what is liquidated. Absent, and without `orders`: nobody is liquidated here, and only who has less than nothing is deleveraged.',
    ),
  orders: z
    .array(privateUrl)
    .max(10)
    .default([])
    .describe(
      'Services of others who take over: each is sent what is to be liquidated in a POST, and answers with orders that are signed by the owners of their positions. The best price for the account counts, ours beside theirs.',
    ),
})
