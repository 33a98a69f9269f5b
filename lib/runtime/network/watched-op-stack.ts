import * as z from 'zod'

import { section } from './section.ts'
import { evmAddress } from './values.ts'
import { judged, watchedNodes, windowDays } from './watched-shared.ts'

export const opStackWatched = section({
  kind: z.literal('op-stack'),
  rpc: watchedNodes('Nodes of the chain.'),
  l1Rpc: watchedNodes('Nodes of the chain that it is settled on.'),
  rollupRpc: watchedNodes(
    'Rollup nodes of the chain, which tell how far it is written to L1.',
  ).optional(),
  portal: evmAddress.describe('OptimismPortal on L1: its proxy. All else is found through it.'),
  windowDays,
  ...judged,
})
