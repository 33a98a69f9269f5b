import * as z from 'zod'

import { section } from './section.ts'
import { nodeUrl } from './values.ts'
import { judged, watchedNodes } from './watched-shared.ts'

export const dydxWatched = section({
  kind: z.literal('dydx-v4'),
  nodes: watchedNodes('Nodes of the chain that serve Cosmos’ REST.'),
  indexer: nodeUrl.describe('Its indexer, without `/v4`: https://indexer.dydx.trade .'),
  chainId: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'expected a chain’s id such as dydx-mainnet-1')
    .default('dydx-mainnet-1')
    .describe('A node of another chain is not believed. Default `dydx-mainnet-1`.'),
  markets: z
    .tuple([ticker()], ticker())
    .describe(
      'Its names of the markets whose settings are watched; of the first one its fundings.',
    ),
  insuranceFund: section({
    account: z.string().regex(/^[a-z]{1,20}1[02-9ac-hj-np-z]{38,58}$/, 'expected a bech32 address'),
    denom: z.string().regex(/^[a-zA-Z][\w/:.-]{2,127}$/, 'expected what the chain calls USDC'),
  })
    .optional()
    .describe(
      'The account of the insurance fund, and what the chain calls USDC. Absent: dYdX’s own.',
    ),
  ...judged,
})

function ticker() {
  return z.string().regex(/^[\w.,/-]{1,60}-USD$/, 'expected a ticker such as BTC-USD')
}
