import type { Notice } from '../keepers/notice.ts'

/** Outcomes that a person need not read every five seconds. */
const quiet = new Set([
  'all-well',
  'busy',
  'driven',
  'found',
  'followed',
  'nobody',
  'nothing-due',
  'nothing-final',
  'nothing-new',
  'swept',
])

/**
 * Whether a notice is news to a person, told notice by notice: not that nothing was due, not what an incident's own line
 * says, and of each round's prices only the first node's, unless another one has none.
 */
export function newsFilter(): (notice: Notice) => boolean {
  let newestRound = -1
  return (notice) => {
    if (notice.kind !== 'tick') return true
    const { job, outcome } = notice
    if (outcome.kind !== 'done') return true
    if (job.job !== 'publish-prices') return !quiet.has(outcome.reason)
    const first = job.slot > newestRound
    newestRound = Math.max(newestRound, job.slot)
    return first
  }
}
