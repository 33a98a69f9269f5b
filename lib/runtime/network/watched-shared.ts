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

export const expectedSettings = z
  .record(z.string().min(1).max(100), z.string().min(1).max(500))
  .default({})
  .describe(
    'What its settings must be, by their names: whatever differs from it is critical. Addresses and hashes in lower case.',
  )

export const ageSeconds = z
  .int()
  .min(1)
  .max(30 * 86_400)
