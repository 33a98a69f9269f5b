import { nodesUnhealthy } from '../../domain/liveness-nodes.ts'
import { chainStalled } from '../../domain/liveness.ts'
import type { RpcNode } from '../../domain/rpc-node.ts'
import type { Timestamp } from '../../domain/time.ts'
import { lasting } from '../../domain/watch/words.ts'
import { messageOf } from '../../keepers/message-of.ts'
import type { Chain } from '../../ports.ts'
import type { World } from '../../runtime/compose.ts'
import { blockSecondsOf } from '../../runtime/network/block-seconds.ts'
import { isThisMachine } from '../../runtime/network/values.ts'
import type { Diagnosis } from './diagnosis.ts'

/** Whether each chain goes on, and its nodes see the same one. */
export async function checkNodes({ network, ports }: World): Promise<readonly Diagnosis[]> {
  const chains = Object.entries(ports.chains).map(async ([name, chain]) => {
    const described = network.chains[name]
    if (!described) return []
    const factor = network.alerts.chainStallFactor
    const blockSeconds = blockSecondsOf(described)
    return [
      await headOf(name, chain, { now: ports.clock.now(), blockSeconds, factor }),
      ...nodesOf(name, chain, ports.clock.now()),
    ]
  })
  return (await Promise.all(chains)).flat()
}

async function headOf(
  name: string,
  chain: Chain,
  limits: { readonly now: Timestamp; readonly blockSeconds: number; readonly factor: number },
): Promise<Diagnosis> {
  const at = { area: 'nodes', subject: `chains.${name}` } as const
  try {
    const head = await chain.head()
    const stalled = chainStalled({ chain: name, head, ...limits })
    if (stalled)
      return {
        ...at,
        state: 'warning',
        says: stalled.summary,
        fix: 'see whether a public explorer shows a newer block; starkeep runbook chain-stalled',
      }
    return {
      ...at,
      state: 'ok',
      says: `block ${head.number}, ${lasting(limits.now - head.time)} old`,
    }
  } catch (error) {
    return {
      ...at,
      state: 'fault',
      says: `no node tells its newest block: ${messageOf(error)}`,
      fix: 'starkeep runbook chain-unreachable',
    }
  }
}

function nodesOf(name: string, chain: Chain, now: Timestamp) {
  const at = { area: 'nodes', subject: `chains.${name}` } as const
  const nodes = chain.nodes()
  const [only, ...others] = nodes
  if (chain.kind !== 'starkex' && only && others.length === 0 && !isOurs(only))
    return [
      {
        ...at,
        state: 'warning',
        says: 'there is one node: while it fails nothing is seen or sent, and nobody can tell whether it lies',
        fix: `put a second provider into chains.${name}.rpc`,
      } satisfies Diagnosis,
    ]
  const wrong = nodesUnhealthy({ chain: name, nodes, now }).map(({ summary }): Diagnosis => ({
    ...at,
    state: 'warning',
    says: summary,
    fix: 'starkeep runbook node-unhealthy',
  }))
  return [...wrong, ...nodes.flatMap((node) => lagOf(node, at))]
}

/** On this machine: our own node, which nobody else answers for. */
function isOurs({ node }: RpcNode): boolean {
  return URL.canParse(`http://${node}`) && isThisMachine(new URL(`http://${node}`).hostname)
}

function lagOf(
  { node, state, lagBlocks, latencyMs, height }: RpcNode,
  at: Pick<Diagnosis, 'area' | 'subject'>,
): readonly Diagnosis[] {
  if (state === 'behind')
    return [
      {
        ...at,
        state: 'warning',
        says: `${node} is ${lagBlocks} blocks behind the others`,
        fix: 'restart it, or name another one in its place',
      },
    ]
  if (state !== 'healthy') return []
  const took = latencyMs === undefined ? '' : ` in ${Math.round(latencyMs)} ms`
  return [{ ...at, state: 'ok', says: `${node} answers${took}, at block ${height ?? 'unknown'}` }]
}
