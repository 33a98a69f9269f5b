import * as z from 'zod'

import { section } from './section.ts'
import { evmAddress } from './values.ts'

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
      'What a liquidation must bring before its costs, in USD. An operator wants 0, since somebody must do it.',
    ),
  leastProfitUsd: z
    .number()
    .min(-1_000_000)
    .max(1_000_000)
    .optional()
    .describe(
      'What a liquidation must bring after gas, in USD, by what the newest ones cost with those that failed: for a liquidator. It needs the feeMarket of the chain. Absent: gas is not looked at, as an operator wants it. Accounts with less than nothing left do not count.',
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
  mostWaitSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .default(60)
    .describe(
      'Before the grace prices of all markets are waited for, and then funding, each for so long at most. Accounts with less than nothing left wait for nothing.',
    ),
  maxHeadBlocks: z
    .int()
    .min(1)
    .max(1_000)
    .default(5)
    .describe(
      'Nobody is liquidated on a newest block that is older than so many block times (or than 15 s).',
    ),
  maxIndexLagSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .default(60)
    .describe(
      'By how much `index-positions` may be behind the newest block. Whoever it finds is read again in that block; whoever it does not know yet is not found.',
    ),
  maxPriceAgeSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .optional()
    .describe(
      'Nobody is liquidated by a posted price that is older, even where the exchange still takes it. Absent: the limit of the exchange alone.',
    ),
  keepers: z
    .array(evmAddress)
    .min(1)
    .max(100)
    .optional()
    .describe(
      'The accounts of all deployments that liquidate there, ours among them, the same in the files of all: each account is first one keeper’s, and the next one’s a stagger later. Absent: ours is alone.',
    ),
  staggerSeconds: z
    .int()
    .min(1)
    .max(600)
    .default(15)
    .describe(
      'Where there are several keepers, how long each one waits for the one before it: longer than a transaction takes to be in a block.',
    ),
})
