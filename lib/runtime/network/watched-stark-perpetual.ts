import * as z from 'zod'

import { section } from './section.ts'
import { evmAddress, felt } from './values.ts'
import { judged, watchedNodes, windowDays } from './watched-shared.ts'

export const starkPerpetualWatched = section({
  kind: z.literal('stark-perpetual'),
  l1Rpc: watchedNodes('Nodes of the chain that it is settled on.'),
  perpetual: evmAddress.describe('The exchange’s contract there: its proxy.'),
  assets: z
    .array(felt('the id of an asset, 0x and up to 30 hex digits', { below: 2n ** 120n }))
    .max(200)
    .default([])
    .describe('Assets whose configurations are shown.'),
  operators: z
    .array(evmAddress)
    .max(20)
    .default([])
    .describe('Accounts of which it is shown whether they may bring batches.'),
  windowDays,
  ...judged,
}).describe(
  'A StarkEx exchange by its contract. Progress: state-update. Clocks: forced-request:…, system-time. Settings: isFrozen, implementation, upgradeDelaySeconds, configurationDelaySeconds, globalConfigurationHash, configuration:<asset>, verifier:<address>, availability-verifier:<address>, operator:<address>.',
)
