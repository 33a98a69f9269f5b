import * as z from 'zod'

import { section } from './section.ts'
import { felt, starknetAddress } from './values.ts'
import { judged, watchedNodes, windowDays } from './watched-shared.ts'

export const perpetualCoreWatched = section({
  kind: z.literal('perpetual-core'),
  rpc: watchedNodes('Nodes of its Starknet.'),
  core: starknetAddress.describe('The exchange’s contract (starknet-perpetual).'),
  assets: z
    .array(felt('the id of an asset, 0x and up to 62 hex digits', { below: 2n ** 248n }))
    .max(500)
    .default([])
    .describe(
      'Assets that were listed before its past is read and have no price of late; all others are found.',
    ),
  accounts: z
    .array(starknetAddress)
    .max(20)
    .default([])
    .describe('Accounts of which it is shown what roles they have.'),
  windowDays,
  ...judged,
}).describe(
  'A starknet-perpetual exchange by its contract. Progress: funding. Clocks: funding, prices:<asset>, exchange-time. Levels: active-synthetics, insurance-fund (USD), funding-index:<asset> (USD a coin), liquidations and deleverages (in an hour). Settings: classHash, paused, maxFundingIntervalSeconds, maxPriceIntervalSeconds, maxOraclePriceValiditySeconds, maxFundingRate, maxInterestRatePerSecond, upgradeDelaySeconds, asset:<asset>, tiers:<asset>, component:<name>, roles:<account>.',
)
