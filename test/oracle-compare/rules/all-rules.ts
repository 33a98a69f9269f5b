import type { Rule } from '../rule.ts'
import { api3 } from './api3.ts'
import { band } from './band.ts'
import { chainlink } from './chainlink.ts'
import { chronicle } from './chronicle.ts'
import { dydx } from './dydx.ts'
import { extended } from './extended.ts'
import { hyperliquid } from './hyperliquid.ts'
import { ojo } from './ojo.ts'
import { ours } from './ours.ts'
import { plainMean, plainMedian, volumeWeighted } from './plain.ts'
import { pragma } from './pragma.ts'
import { pyth } from './pyth.ts'
import { redstone, redstoneWeighted } from './redstone.ts'
import { slinky } from './slinky.ts'

/** Ours first. */
export const allRules: readonly [Rule, ...Rule[]] = [
  ours,
  plainMean,
  plainMedian,
  volumeWeighted,
  api3,
  band,
  chainlink,
  chronicle,
  dydx,
  extended,
  hyperliquid,
  ojo,
  pragma,
  pyth,
  redstone,
  redstoneWeighted,
  slinky,
]
