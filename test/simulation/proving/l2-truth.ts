import type { BatchContent, BlockRef } from '../../../lib/domain/proving/batch.ts'
import type { Standing } from '../../../lib/domain/proving/settlement-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { VirtualTime } from '../virtual-time.ts'
import type { ProvingPlan } from './plan.ts'

/** The chain that is proved: its blocks as they are now, and all that there ever were. */
export type L2Truth = {
  readonly total: number
  tip(): number
  has(block: BlockRef): boolean
  everLost(hash: string): boolean
  closed(after: Standing, limit: number): readonly BatchContent[]
  /** The newest blocks become others, down to above that number. */
  reorg(depth: number, above: number): void
}

export function l2Truth(
  { batches, blocksEach, closeEveryMs }: ProvingPlan,
  time: VirtualTime,
): L2Truth {
  const total = batches * blocksEach
  const hashes = ['0x1']
  const times = [time.now()]
  const lost = new Set<string>()
  let made = 1

  const hashAt = (number: number): `0x${string}` => (hashes[number] ?? '0x0') as `0x${string}`
  const at = (number: number): BlockRef => ({ number, hash: hashAt(number) })

  function grow(): false {
    if (hashes.length <= total) {
      made += 1
      hashes.push(`0x${(made * 1_000 + hashes.length).toString(16)}`)
      times.push(time.now())
    }
    time.after(closeEveryMs / blocksEach, grow)
    return false
  }
  time.after(closeEveryMs / blocksEach, grow)

  return {
    total,
    tip: () => hashes.length - 1,
    has: ({ number, hash }) => hashes[number] === hash,
    everLost: (hash) => lost.has(hash),

    closed(after, limit) {
      if (after.hash !== undefined && hashes[after.number] !== after.hash) return []
      const found: BatchContent[] = []
      for (
        let last = after.number + blocksEach;
        last < hashes.length && found.length < limit;
        last += blocksEach
      )
        found.push({
          name: `blocks ${last - blocksEach + 1}-${last}`,
          previous: at(last - blocksEach),
          last: at(last),
          previousRoot: rootOf(hashAt(last - blocksEach)),
          newRoot: rootOf(hashAt(last)),
          size: 1,
          closedAt: timestamp(times[last] ?? 0),
          closedBy: 'count',
        })
      return found
    },

    reorg(depth, above) {
      const keep = Math.max(above + 1, hashes.length - depth)
      for (const hash of hashes.splice(keep)) lost.add(hash)
      times.splice(keep)
    },
  }
}

export function rootOf(hash: `0x${string}`): `0x${string}` {
  return `${hash}aa`
}
