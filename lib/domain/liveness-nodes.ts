import type { Finding } from './incident.ts'
import type { RpcNode } from './rpc-node.ts'
import type { Timestamp } from './time.ts'

/**
 * One finding for each of a chain's nodes that cannot be used while the others carry on. A chain's only node is the
 * chain itself to us: whether that can be reached is another rule's.
 */
export function nodesUnhealthy(look: {
  readonly chain: string
  readonly nodes: readonly RpcNode[]
  readonly now: Timestamp
}): readonly Finding[] {
  const { chain, nodes, now } = look
  if (nodes.length < 2) return []
  const left = nodes.filter(isUsable).length
  return nodes.flatMap((one) => {
    if (isUsable(one)) return []
    const { node, why, since = now } = one
    const reason = why === '' ? 'it does not say which chain it is on' : why
    return {
      rule: 'node-unhealthy',
      subject: `${chain}:${node}`,
      severity: 'warning',
      summary: `${chain} does without its node ${node}, ${left} of ${nodes.length} are left: ${reason}`,
      since,
      // Nodes are restarted and throttled for a minute or two, and the others make up for that.
      afterMs: 300_000,
    }
  })
}

function isUsable({ state }: RpcNode): boolean {
  return state === 'healthy' || state === 'behind'
}
