import * as z from 'zod'

import { name } from './values.ts'
import { starkPerpetualWatched } from './watched-stark-perpetual.ts'
import { starknetWatched } from './watched-starknet.ts'

export const watched = z
  .record(
    name,
    z.discriminatedUnion('kind', [starknetWatched, starkPerpetualWatched], {
      error: 'expected kind starknet or stark-perpetual',
    }),
  )
  .default({})
  .describe(
    'Systems that are only watched, by names of your own: whether they go on, what they are configured as and what will change.',
  )
