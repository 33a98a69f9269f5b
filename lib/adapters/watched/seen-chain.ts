import type { LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Clock } from '../../ports.ts'
import type { RpcPlace } from '../rpc.ts'
import { allWhoTell, type Told } from './ask-places.ts'
import { currentFirst, type CurrentHead, currentHeads, toldByCurrent } from './current-places.ts'
import { type Glance, shared } from './look.ts'
import { type BlockQuestions, headsSeen } from './seen-heads.ts'

/** One chain in one look. */
export type SeenChain = {
  /** What its nodes say of their newest blocks. */
  readonly glance: Glance
  /** Of the nodes that go on. */
  readonly current: Promise<readonly CurrentHead[]>
  /** All nodes, in the order in which they are asked until one answers. */
  readonly places: Promise<readonly RpcPlace[]>
  /** Asks all nodes at once; what those told that go on. Throws where none answers. */
  readonly told: <T>(ask: (rpc: RpcPlace['rpc']) => Promise<T>) => Promise<readonly Told<T>[]>
}

export function seenChain(
  chain: string,
  nodes: readonly RpcPlace[],
  {
    questions,
    before,
    clock,
  }: {
    readonly questions: BlockQuestions
    readonly before: LookedBefore
    readonly clock: Clock
  },
): SeenChain {
  const heads = headsSeen(chain, nodes, { questions, remembered: before.heads[chain] })
  return {
    glance: { parts: ['heads'], see: async () => ({ heads: await heads }) },
    current: shared(heads.then((seen) => currentHeads(seen, clock.now()))),
    places: shared(heads.then((seen) => currentFirst(nodes, seen, clock.now()))),
    told: async (ask) => {
      const [some, seen] = await Promise.all([allWhoTell(nodes, ask), heads])
      return toldByCurrent(some, seen, clock.now())
    },
  }
}
