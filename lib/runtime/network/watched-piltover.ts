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
})
