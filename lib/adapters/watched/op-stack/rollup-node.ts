import * as z from 'zod/mini'

import type { LevelSight } from '../../../domain/watch/system-sight.ts'
import type { Rpc } from '../../rpc.ts'

/** A block of L2, in seconds; all 0 where the node does not know it yet. */
const Block = z.object({ number: z.int(), timestamp: z.int().check(z.nonnegative()) })
const Status = z.object({ unsafe_l2: Block, safe_l2: Block, finalized_l2: Block })

/**
 * How far a rollup node sees its chain written to L1, and that as final: both grow where it is not written any more. Throws the
 * node's trouble, and `NotBegunError`.
 */
export async function syncLevels(rpc: Rpc): Promise<readonly LevelSight[]> {
  const [status] = await rpc.values([
    { method: 'optimism_syncStatus', params: [], read: (result: unknown) => Status.parse(result) },
  ])
  const { unsafe_l2: newest, safe_l2: safe, finalized_l2: final } = status
  if (newest.timestamp === 0 || safe.timestamp === 0 || final.timestamp === 0)
    throw new NotBegunError()
  return [
    {
      name: 'unwritten-age',
      value: Math.max(0, newest.timestamp - safe.timestamp),
      unit: 's',
      drains: true,
    },
    {
      name: 'unfinal-age',
      value: Math.max(0, safe.timestamp - final.timestamp),
      unit: 's',
      drains: true,
    },
  ]
}

/** A rollup node that has not read its chain yet. */
export class NotBegunError extends Error {
  override readonly name = 'NotBegunError'

  constructor() {
    super('the rollup node has not read the chain yet')
  }
}
