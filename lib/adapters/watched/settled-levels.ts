import type { Block } from '../../domain/transaction.ts'
import type { SightPart } from '../../domain/watch/system-sight.ts'
import type { RpcPlace } from '../rpc.ts'
import { blockBy } from '../starknet-read.ts'
import { allWhoTell, middle, type Told } from './ask-places.ts'
import type { CurrentHead } from './current-places.ts'
import type { Seen } from './look.ts'

export type SettledBlocks = readonly Told<Block>[]

/** What each place of an L2 has at the number that is settled; none where nothing is. Throws where no place answers. */
export async function settledBlocks(
  l2: readonly RpcPlace[],
  blockNumber: number,
): Promise<SettledBlocks> {
  if (blockNumber < 0) return []
  const told = await allWhoTell(l2, async (rpc) => {
    const [answer] = await rpc.answers([blockBy({ block_number: blockNumber })])
    return answer.kind === 'result' ? answer.value : undefined
  })
  return told.flatMap(({ place, value }) => (value ? [{ place, value }] : []))
}

/**
 * How far what is settled is behind its chain, in blocks and in seconds of that chain's own time, and how many of its nodes have
 * another block than the one that was settled.
 */
export function settledLevels(
  heads: readonly CurrentHead[],
  { blockNumber, blockHash }: { readonly blockNumber: number; readonly blockHash: string },
  settled: SettledBlocks,
): Seen {
  const newest = middle(heads, ({ answer }) => answer.number)?.answer
  if (!newest) throw new NoHeadError()
  const lag = {
    name: 'l1-lag',
    value: newest.number - blockNumber,
    unit: 'blocks',
    drains: true,
  } as const
  const own = settled.find(({ value }) => value.hash === blockHash) ?? settled[0]
  if (!own) return { levels: [lag], unseen: blockNumber < 0 ? [] : nobodyHasIt }
  return {
    levels: [
      lag,
      {
        name: 'settled-age',
        value: Math.max(0, newest.time - own.value.time) / 1000,
        unit: 's',
      },
      {
        name: 'settled-mismatch',
        value: settled.filter(({ value }) => value.hash !== blockHash).length,
        unit: 'nodes',
        ceiling: 0,
      },
    ],
  }
}

const nobodyHasIt = (['level:settled-age', 'level:settled-mismatch'] as const).map(
  (part: SightPart) => ({ part, reason: 'no node has the block that is settled' }),
)

/** No node told its newest block. */
export class NoHeadError extends Error {
  override readonly name = 'NoHeadError'

  constructor() {
    super('no node told its newest block')
  }
}
