import * as z from 'zod'

import { section } from './section.ts'

const usd = (most: number) => z.number().min(0).max(most)

/** How far one exchange's liquidations may go. */
export const engineLiquidation = section({
  mostPerSlot: z
    .int()
    .min(1)
    .max(500)
    .default(50)
    .describe('The most accounts of one slot. dYdX v4: 50 in a block.'),
  mostNotionalUsd: usd(1_000_000_000)
    .default(1_000_000)
    .describe(
      'The most notional that is taken over in one slot, in USD. Accounts with less than nothing left do not count.',
    ),
  leastRewardUsd: usd(1_000_000)
    .default(0)
    .describe(
      'What a liquidation must bring, in USD. An operator wants 0, since somebody must do it; a liquidator what gas and risk cost.',
    ),
  adlRule: z
    .enum(['bitmex', 'hyperliquid', 'dydx'], { error: 'expected bitmex, hyperliquid or dydx' })
    .default('bitmex')
    .describe(
      'Who gives way first where a loss must be shared. bitmex: by profit times leverage; hyperliquid: by profit and leverage of those in profit; dydx: in turn.',
    ),
  graceSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .default(30)
    .describe(
      'After a stall, how long people may add margin before anybody with something left is liquidated.',
    ),
  stageSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .default(15)
    .describe('After it, how long each of the stages of 12.5, 25 and 50 % of the budgets lasts.'),
})
