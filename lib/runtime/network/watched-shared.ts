import * as z from 'zod'

import { nodeUrl } from './values.ts'

/** Nodes of a chain that is only watched: each is asked, and told of by its host. */
export const watchedNodes = (what: string) =>
  z
    .array(nodeUrl)
    .min(1, 'expected at least one node')
    .max(6)
    .describe(
      `${what} Each is asked, so two of different providers show which one lies. A URL with a key in it belongs in a reference.`,
    )

export const windowDays = z
  .int()
  .min(1)
  .max(365)
  .default(30)
  .describe('How far back its past is read in the beginning, in days. Default 30.')

const expectedSettings = z
  .record(z.string().min(1).max(100), z.string().min(1).max(500))
  .default({})
  .describe(
    'What its settings must be, by their names: whatever differs from it is critical. Addresses and hashes in lower case.',
  )

export const ageSeconds = z
  .int()
  .min(1)
  .max(30 * 86_400)

const limits = (text: string) =>
  z.record(z.string().min(1).max(100), z.number()).default({}).describe(text)

/** What every kind of watched system may say of how it is judged. */
export const judged = {
  chains: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Which of its chains are in `chains`, by their names there, such as `l1: evm`: what stalls both is told once, and blocks without a transaction are told where ours wait.',
    ),
  stalledSeconds: z
    .record(z.string().min(1).max(100), ageSeconds)
    .default({})
    .describe(
      'By kind of progress, such as `state-update`: somebody is woken after so many seconds without one, and told after half of them while nothing is known to be usual. Absent: after what is unusual by far.',
    ),
  floors: limits('By level, such as `insurance-fund`: told below it.'),
  ceilings: limits('By level, such as `l1-lag`: told above it.'),
  expect: expectedSettings,
} as const
