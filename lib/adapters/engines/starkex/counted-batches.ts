import type { BlockId } from '../../../domain/positions/account-event.ts'
import type { Timestamp } from '../../../domain/time.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { Blocks, CountedBatches } from '../../../ports.ts'
import type { StarkexFeeder } from '../../starkex-feeder.ts'
import { batchIdOf, beforeBatches, mostGap } from './batch-blocks.ts'
import { infoOf, mostBatches } from './batch-chain.ts'

/** The batches of an exchange that another one follows. `from`: no batch before that is looked at. */
export function countedBatches(
  feeder: Pick<StarkexFeeder, 'info'>,
  blocks: Pick<Blocks, 'head' | 'block'>,
  from: number,
): CountedBatches {
  const none: Block = { ...beforeBatches, number: from }

  return {
    async newest() {
      const head = await blocks.head()
      const info = head.number <= from ? undefined : await infoOf(feeder, batchIdOf(head))
      return (info && (await blocks.block(info.previousId + 1))) ?? none
    },

    async upTo(number) {
      // Batches are remembered as long as the newest is the same.
      await blocks.head()
      for (let at = number; at > from && at > number - mostGap; at -= 1) {
        const found = await blocks.block(at)
        if (found) return found
      }
      return none
    },

    async countedSince(after: BlockId) {
      let since: Timestamp | undefined
      let id = batchIdOf(await blocks.head())
      for (
        let looked = 0;
        id > batchIdOf(after) && id >= from && looked < mostBatches;
        looked += 1
      ) {
        const info = await infoOf(feeder, id)
        if (!info || info.previousId <= batchIdOf(after)) break
        // The one before it counts since this one is there.
        since = info.createdAt
        id = info.previousId
      }
      return since
    },
  }
}
