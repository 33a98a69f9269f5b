import type { Timestamp } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'
import type { Clock } from '../../ports.ts'
import type { RpcRequest } from '../rpc.ts'
import { agreeOnHead, type Placed } from './agree-on-head.ts'
import type { EndpointError } from './errors.ts'
import { failuresIn, gather } from './gather.ts'
import { isQuarantined, placed } from './node-health.ts'
import { valuesOf } from './refusal.ts'
import type { SetNode } from './rpc-node.ts'

/** How a chain is recognised, and its newest block asked for. */
export type ChainProbe = {
  readonly chainId: RpcRequest<bigint>
  readonly expected: bigint
  /** An id in words. */
  readonly nameOf: (id: bigint) => string
  readonly head: RpcRequest<Block>
}

/** Who was asked, and why some did not answer. */
export type Survey = {
  readonly asked: readonly SetNode[]
  readonly failures: readonly EndpointError[]
}

export type HeadSurvey = {
  /** The newest block that most nodes had when they were asked last; undefined before any has answered. */
  agreed(): Block | undefined
  /** Asks these nodes for their newest block. */
  of(nodes: readonly SetNode[]): Promise<Survey>
  /** Asks all that are not in quarantine, or all where all are. Who calls while one runs shares it. */
  fresh(): Promise<Survey>
  /** As `fresh`, where the last one is too old to go by. */
  ifOld(): Promise<Survey>
}

/** A node answers within tens of milliseconds; who needs this much longer than another one is not waited for. */
export const graceMs = 750

/** Heights are compared this often at least while something is asked; more often where blocks come faster. */
const slowestMs = 5_000
const fastestMs = 1_000

export function headSurvey({
  nodes,
  probe,
  clock,
  blockSeconds,
}: {
  readonly nodes: readonly SetNode[]
  readonly probe: ChainProbe
  readonly clock: Clock
  readonly blockSeconds: number
}): HeadSurvey {
  const oldMs = Math.min(Math.max(blockSeconds * 500, fastestMs), slowestMs)
  let agreed: Block | undefined
  let doneAt: Timestamp | undefined
  let running: Promise<Survey> | undefined

  async function of(asked: readonly SetNode[]): Promise<Survey> {
    const ends = await gather(asked, {
      ask: async (node, signal) => newestOf(node, { probe, signal }),
      enough: () => true,
      graceMs,
    })
    const seen = ends.flatMap((end) =>
      end.kind === 'answered' ? [{ node: end.node, head: end.value }] : [],
    )
    const now = clock.now()
    const onChain = nodes.filter((node) => !isStranger(node)).length
    const agreement = agreeOnHead({ seen, floor: agreed, nodes: onChain, now, blockSeconds })
    for (const place of agreement.placed) take(place)
    agreed = agreement.head ?? agreed
    doneAt = now
    return { asked, failures: failuresIn(ends) }
  }

  async function fresh(): Promise<Survey> {
    const due = nodes.filter((node) => !isQuarantined(node.health(), clock.now()))
    const shared = (running ??= of(due.length > 0 ? due : nodes))
    try {
      return await shared
    } finally {
      if (running === shared) running = undefined
    }
  }

  return {
    agreed: () => agreed,
    of,
    fresh,
    async ifOld() {
      // One node has nobody to be compared with.
      const old = doneAt === undefined || (nodes.length > 1 && clock.now() - doneAt >= oldMs)
      if (running || !agreed || old) return await fresh()
      return { asked: [], failures: [] }
    },
  }
}

export function isStranger(node: SetNode): boolean {
  return node.health().quarantine?.why.trouble === 'wrong-chain'
}

/** The node's newest block, once it has said that it is on the right chain. */
async function newestOf(
  node: SetNode,
  { probe, signal }: { readonly probe: ChainProbe; readonly signal: AbortSignal },
): Promise<Block> {
  const { chainId, expected, nameOf, head } = probe
  const requests = node.health().identified ? [head] : [head, chainId]
  const answers = await node.ask(requests, signal)
  const [block, id] = valuesOf(answers, node.name) as [Block, bigint | undefined]
  if (id === undefined || id === expected) return block
  throw node.blame(
    'wrong-chain',
    `is on chain ${nameOf(id)}, the network file says ${nameOf(expected)}; name a node of that chain`,
  )
}

/** Holds it against a node where its place is not among the others. */
function take({ node, head, place, lagBlocks }: Placed<SetNode>): void {
  const fit = place === 'good' || place === 'late'
  node.change((health) => placed(health, { head, lagBlocks, fit }))
  if (place === 'behind')
    node.blame('behind', `its newest block is ${head.number}, ${lagBlocks} behind the others`)
  if (place === 'ahead')
    node.blame('ahead', `its newest block is ${head.number}, which no other node is near`)
}
