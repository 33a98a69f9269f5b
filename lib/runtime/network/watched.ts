import * as z from 'zod'

import { name } from './values.ts'
import { starknetWatched } from './watched-starknet.ts'

export const watched = z
  .record(
    name,
    z.discriminatedUnion('kind', [starknetWatched], {
      error: 'expected kind starknet',
    }),
  )
  .default({})
  .describe(
    'Systems that are only watched, by names of your own: whether they go on, what they are configured as and what will change.',
  )
