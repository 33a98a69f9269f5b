import { type LanePolicy, lanePolicy } from './lane-follow.ts'

/** With a fair fee a transaction is in one of the next three blocks. */
const fairBlocks = 3

/** A node tells of a new block some seconds late, and pools are not to be filled with replacements. */
const leastMs = 10_000

/** Slower chains are not waited for longer: a price lives a minute. */
const mostMs = 30_000

/** How long a chain's transactions wait before their fee is raised: by its blocks, within what work of a minute allows. */
export function lanePolicyOf({ blockSeconds }: { readonly blockSeconds: number }): LanePolicy {
  const blocksMs = Math.ceil(fairBlocks * blockSeconds * 1000)
  return { ...lanePolicy, replaceAfterMs: Math.min(mostMs, Math.max(leastMs, blocksMs)) }
}
