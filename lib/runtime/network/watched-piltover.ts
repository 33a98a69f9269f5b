import * as z from 'zod'

import { section } from './section.ts'
import { starknetAddress } from './values.ts'
import { judged, watchedNodes, windowDays } from './watched-shared.ts'

export const piltoverWatched = section({
  kind: z.literal('piltover'),
  rpc: watchedNodes('Nodes of the appchain.'),
  l1Rpc: watchedNodes('Nodes of the Starknet that it is settled on.'),
  contract: starknetAddress.describe('The appchain’s contract there (Piltover).'),
  windowDays,
  ...judged,
}).describe(
  'An appchain and the contract on Starknet that settles it. Progress: state-update. Levels: l1-lag (blocks), settled-age (s), settled-mismatch (nodes). Settings: classHash, bootloaderProgramHash, snosConfigHash, snosProgramHash, layoutBridgeProgramHash, factsRegistry, owner.',
)
