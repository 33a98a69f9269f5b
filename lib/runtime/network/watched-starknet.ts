import * as z from 'zod'

import { section } from './section.ts'
import { evmAddress } from './values.ts'
import { judged, watchedNodes, windowDays } from './watched-shared.ts'

export const starknetWatched = section({
  kind: z.literal('starknet'),
  rpc: watchedNodes('Nodes of Starknet, or of another chain with such a core contract.'),
  l1Rpc: watchedNodes('Nodes of the chain that it is settled on.'),
  core: evmAddress.describe('The core contract there: its proxy.'),
  windowDays,
  ...judged,
}).describe(
  'Starknet and the contract that settles it. Progress: state-update. Levels: l1-lag (blocks), settled-age (s), settled-mismatch (nodes). Settings: programHash, aggregatorProgramHash, configHash, isFinalized, implementation, upgradeDelaySeconds, verifier.',
)
