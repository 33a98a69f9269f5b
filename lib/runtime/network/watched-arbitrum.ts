import * as z from 'zod'

import { section } from './section.ts'
import { evmAddress } from './values.ts'
import { judged, watchedNodes, windowDays } from './watched-shared.ts'

export const arbitrumWatched = section({
  kind: z.literal('arbitrum'),
  rpc: watchedNodes('Nodes of the chain.'),
  l1Rpc: watchedNodes('Nodes of the Ethereum that it is settled on.'),
  bridge: evmAddress.describe('Its bridge on L1: the proxy. The rollup is found through it.'),
  timelock: evmAddress
    .optional()
    .describe('What its governance waits in on L1. Absent: nothing that waits there is told.'),
  windowDays,
  ...judged,
})
