import { createHash } from 'node:crypto'

import { timestamp } from '../../../domain/time.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { Blocks } from '../../../ports.ts'
import type { BatchData, BatchInfo, StarkexFeeder } from '../../starkex-feeder.ts'

/**
 * A batch as a block. Its number is its id and one, so that there is a block before the first batch; its hash is of all that
 * says which batch it is, since two may have the same trees.
 */
export type BatchBlock = Pick<Block, 'number' | 'hash'>

/** Before the first batch that is read. */
export const beforeBatches: Block = {
  number: 0,
  hash: `0x${'0'.repeat(64)}`,
  time: timestamp(0),
}

export function batchBlock(
  id: number,
  {
    previousId,
    positionRoot,
    orderRoot,
  }: Pick<BatchData, 'previousId' | 'positionRoot' | 'orderRoot'>,
): BatchBlock {
  const words = [id, previousId, positionRoot, orderRoot].join(' ')
  return { number: id + 1, hash: `0x${createHash('sha256').update(words).digest('hex')}` }
}

export function batchIdOf({ number }: Pick<Block, 'number'>): number {
  return number - 1
}

/** So many ids may be left out between two batches; of the perpetual exchanges that are known, none leaves out more. */
export const mostGap = 32

/** No batch was ever taken back after so many others: their proofs take hours. */
const finalityBatches = 500

/** The batches of an exchange, followed as a chain's blocks are. `from`: no batch before that is looked at. */
export function batchBlocks({
  chain,
  feeder,
  from,
}: {
  readonly chain: string
  readonly feeder: StarkexFeeder
  readonly from: number
}): Blocks {
  // The newest that was seen, where the feeder does not tell which it is.
  let seen = from - 1
  // Those that were read since the newest is that one: while it is, no other is taken back.
  let known = { last: -1, blocks: new Map<number, Block>() }

  async function block(number: number): Promise<Block | undefined> {
    if (number <= from) return { ...beforeBatches, number }
    const before = known.blocks.get(number)
    if (before) return before
    const { blocks, last } = known
    const found = await feeder.info(number - 1)
    if (found.kind !== 'batch') return undefined
    const read = blockOf(number - 1, found.batch)
    if (last >= 0) blocks.set(number, read)
    return read
  }

  /** Each id after the newest that is known, until none comes any more. */
  async function probed(): Promise<Block | undefined> {
    let newest: Block | undefined
    for (let id = Math.max(seen, from); id <= seen + mostGap; id += 1) {
      const found = await feeder.info(id)
      if (found.kind === 'not-ready') break
      if (found.kind === 'none') continue
      newest = blockOf(id, found.batch)
      seen = id
    }
    // The one that was known may be none any more.
    if (!newest && seen >= from) seen = Math.max(from - 1, seen - mostGap)
    return newest
  }

  return {
    name: chain,
    finalityBlocks: finalityBatches,
    block,
    async head() {
      const last = await feeder.lastBatchId()
      if (last !== known.last) known = { last: last ?? -1, blocks: new Map() }
      const found = last === undefined ? await probed() : await block(last + 1)
      return found ?? { ...beforeBatches, number: from }
    },
  }
}

function blockOf(id: number, info: BatchInfo): Block {
  return { ...batchBlock(id, info), time: info.createdAt }
}
