import type { Timestamp } from '../time.ts'
import type { Block } from '../transaction.ts'
import type { BatchContent, BlockRef } from './batch.ts'

/** What a settlement contract has settled, as one block of its chain says. */
export type Standing = {
  /** The last block, or batch, that it has; −1 before the first. */
  readonly number: number
  /** Absent where the contract does not tell. */
  readonly hash?: `0x${string}`
  readonly root?: `0x${string}`
}

export type SettlementSight = {
  readonly latest: Standing
  /** The block that `latest` was read in. */
  readonly block: Block
  /** As the chain's own finality has it. */
  readonly finalized: Standing
  /** The chain's own time, for deadlines that its contracts keep. */
  readonly time: Timestamp
}

/** Where a batch is on the chain that it is settled on. */
export type Place =
  /** Batches before it are to be settled first. */
  | 'before'
  | 'next'
  | 'settled'
  | 'final'
  /** The contract stands where neither it nor a batch before it would bring it. */
  | 'foreign'

export function placeOf(content: BatchContent, sight: SettlementSight): Place {
  if (hasSettled(sight.finalized, content)) return 'final'
  if (hasSettled(sight.latest, content)) return 'settled'
  const { latest } = sight
  if (latest.number < content.previous.number) return 'before'
  return isAt(latest, content.previous, content.previousRoot) ? 'next' : 'foreign'
}

function hasSettled(standing: Standing, { last, newRoot }: BatchContent): boolean {
  return standing.number > last.number || isAt(standing, last, newRoot)
}

/** As far as the contract tells. */
function isAt({ number, hash, root }: Standing, at: BlockRef, atRoot: `0x${string}`): boolean {
  return (
    number === at.number &&
    (hash === undefined || isSame(hash, at.hash)) &&
    (root === undefined || isSame(root, atRoot))
  )
}

/** Numbers in hex may be written with leading zeros. */
function isSame(one: `0x${string}`, other: `0x${string}`): boolean {
  return BigInt(one) === BigInt(other)
}
