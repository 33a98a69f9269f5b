import * as z from 'zod'

import { section } from './section.ts'
import { name, privateUrl } from './values.ts'
import { arbitrumWatched } from './watched-arbitrum.ts'
import { dydxWatched } from './watched-dydx.ts'
import { exchangeMarksWatched } from './watched-exchange-marks.ts'
import { opStackWatched } from './watched-op-stack.ts'
import { perpetualCoreWatched } from './watched-perpetual-core.ts'
import { piltoverWatched } from './watched-piltover.ts'
import { judged } from './watched-shared.ts'
import { starkPerpetualWatched } from './watched-stark-perpetual.ts'
import { starknetWatched } from './watched-starknet.ts'

const starkeepWatched = section({
  kind: z.literal('starkeep'),
  url: privateUrl.describe(
    'Where another deployment serves its page or its reports: its `/uptime` is asked.',
  ),
  ...judged,
})

const kinds = [
  starknetWatched,
  starkPerpetualWatched,
  starkeepWatched,
  dydxWatched,
  exchangeMarksWatched,
  opStackWatched,
  arbitrumWatched,
  perpetualCoreWatched,
  piltoverWatched,
] as const

export const watched = z
  .record(
    name,
    z.discriminatedUnion('kind', kinds, {
      error: `expected kind ${kinds.map(({ shape }) => shape.kind.value).join(' or ')}`,
    }),
  )
  .default({})
  .describe(
    'Systems that are only watched, by names of your own: whether they go on, what they are configured as and what will change.',
  )
