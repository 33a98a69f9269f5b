import * as z from 'zod/mini'

import type { HeadSight } from '../../../domain/watch/system-sight.ts'
import type { RestPlace } from '../rest-place.ts'
import { blockNumber, cosmosBlock, cosmosHashAt, isoTime } from './cosmos-block.ts'

/** What each node says of the newest block, and of the one that was remembered. Never throws: a node that fails says so. */
export async function nodeHeads(
  nodes: readonly RestPlace[],
  { chainId, remembered }: { readonly chainId: string; readonly remembered: number | undefined },
): Promise<readonly HeadSight[]> {
  return Promise.all(
    nodes.map(async (node): Promise<HeadSight> => {
      try {
        const { chainId: told, ...block } = await cosmosBlock(node, 'latest')
        if (told !== chainId) throw new OtherChainError(node.place, told)
        const before = remembered === undefined ? undefined : await rememberedAt(node, remembered)
        return {
          chain: 'chain',
          place: node.place,
          answer: { kind: 'head', ...block, ...(before && { remembered: before }) },
        }
      } catch (error) {
        return { chain: 'chain', place: node.place, answer: troubleOf(error) }
      }
    }),
  )
}

const Height = z.object({ height: blockNumber, time: isoTime })

/** The newest block that the indexer has taken in. It tells no hash: its number stands for it, so that it is never another one. */
export async function indexerHead(indexer: RestPlace): Promise<HeadSight> {
  const { place } = indexer
  try {
    const { height, time } = await indexer.get('/v4/height', Height)
    const answer = { kind: 'head', number: height, hash: String(height), time } as const
    return { chain: 'indexer', place, answer }
  } catch (error) {
    return { chain: 'indexer', place, answer: troubleOf(error) }
  }
}

/** Absent where the node would not say. */
async function rememberedAt(node: RestPlace, number: number) {
  try {
    return { number, hash: await cosmosHashAt(node, number) }
  } catch {
    return undefined
  }
}

function troubleOf(error: unknown): HeadSight['answer'] {
  return { kind: 'trouble', reason: error instanceof Error ? error.message : 'no reason' }
}

/** A node of another chain than the one that is watched. */
export class OtherChainError extends Error {
  override readonly name = 'OtherChainError'

  constructor(place: string, chainId: string) {
    super(`${place} is a node of ${chainId}`)
  }
}
