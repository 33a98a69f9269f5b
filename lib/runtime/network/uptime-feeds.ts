import * as z from 'zod'

import { section } from './section.ts'
import { evmAddress, name } from './values.ts'

const uptimeFeed = section({
  chain: z.string().describe('The EVM chain that has it, by its name in `chains`.'),
  address: evmAddress.describe(
    'The contract: a SequencerUptimeFeed (infra/contracts/uptime-feed) that has the sending account as an updater.',
  ),
  of: z.string().describe('The chain that it is about, by its name in `chains`.'),
  description: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('What it says of itself, to the letter. Absent: it need only name the chain.'),
  refreshSeconds: z
    .int()
    .min(60)
    .max(7 * 86_400)
    .default(3_600)
    .describe(
      'After this it is told again what has not changed, so that its `updatedAt` shows that somebody still looks; each time costs a transaction. Default 3600.',
    ),
})

export const uptimeFeeds = z
  .record(name, uptimeFeed)
  .default({})
  .describe(
    'Contracts that tell others whether a chain is up, in the form of the well-known sequencer uptime feeds, by names of your own: the watch’s word is told there.',
  )
