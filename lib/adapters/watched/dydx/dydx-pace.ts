import type { Timestamp } from '../../../domain/time.ts'
import type { HeadSight } from '../../../domain/watch/system-sight.ts'
import { middle, NobodyTellsError } from '../ask-places.ts'
import { type CurrentHead, currentHeads } from '../current-places.ts'
import { firstRest, type RestPlace } from '../rest-place.ts'
import { type CosmosBlock, cosmosBlock } from './cosmos-block.ts'
import type { ChainPace } from './dydx-proposals.ts'

type Head = CurrentHead['answer']

/** The one that most of the nodes that go on have at least. Throws `NobodyTellsError` where none answers. */
export function agreedHead(heads: readonly HeadSight[], now: Timestamp): Head {
  const head = middle(currentHeads(heads, now), ({ answer }) => answer.number)
  if (head) return head.answer
  throw new NobodyTellsError(
    heads.flatMap(({ answer }) => (answer.kind === 'trouble' ? [answer.reason] : [])),
  )
}

/** So far back and so often: one halt among them does not count. */
const stepBlocks = 100
const steps = 3

/** How long a block takes, as the middle one of the last three hundreds. Throws the nodes' trouble. */
export async function paceAt(
  nodes: readonly RestPlace[],
  head: Head,
): Promise<NonNullable<ChainPace>> {
  const numbers = Array.from({ length: steps }, (_, at) => head.number - (at + 1) * stepBlocks)
  const before = await Promise.all(
    numbers
      .filter((number) => number > 0)
      .map(async (number) => firstRest(nodes, async (node) => cosmosBlock(node, number))),
  )
  const blocks: readonly Pick<CosmosBlock, 'number' | 'time'>[] = [head, ...before]
  const each = blocks.slice(1).map(({ number, time }, at) => {
    const next = blocks[at] ?? head
    return Math.max(1, (next.time - time) / Math.max(1, next.number - number))
  })
  const blockMs = middle(each, (ms) => ms)
  if (blockMs === undefined) throw new NobodyTellsError(['the chain has no hundred blocks yet'])
  return { number: head.number, time: head.time, blockMs }
}
