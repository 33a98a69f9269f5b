import type { Fee } from './fee.ts'
import { type LanePolicy, lanePolicy } from './lane-follow.ts'

/** With a fair fee a transaction is in one of the next three blocks. */
const fairBlocks = 3

/** A node tells of a new block some seconds late, and pools are not to be filled with replacements. */
const leastMs = 10_000

/** Slower chains are not waited for longer: a price lives a minute. */
const mostMs = 30_000

/**
 * How long a chain's transactions wait before their fee is raised: by its blocks, within what work of a minute allows.
 *
 * Only an EVM chain has places for urgent work. On Starknet the exchange has a nonce of its own, which is known when nothing
 * of ours can change it any more: a second transaction would fail with the first. A StarkEx gateway takes an id at once or
 * not at all. There urgent work is the next after the one transaction that is out, and that is given up once it is too late.
 */
export function lanePolicyOf({
  blockSeconds,
  kind,
  urgentPlaces = 1,
}: {
  readonly blockSeconds: number
  readonly kind?: Fee['kind']
  /** As the network file says. */
  readonly urgentPlaces?: number
}): LanePolicy {
  const blocksMs = Math.ceil(fairBlocks * blockSeconds * 1000)
  const replaceAfterMs = Math.min(mostMs, Math.max(leastMs, blocksMs))
  return {
    ...lanePolicy,
    ...(kind === 'starkex' && gatewayPolicy),
    ...(kind === 'evm' && { urgentPlaces }),
    replaceAfterMs,
  }
}

/**
 * A StarkEx gateway takes one transaction for an id once and for all: there is nothing to replace, and whose an id is it
 * says for good.
 */
const gatewayPolicy = { maxAttempts: 1, lostAfterMs: 0 } as const
