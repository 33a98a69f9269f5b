import { expect, test } from 'vitest'

import { nodesUnhealthy } from '../../lib/domain/liveness-nodes.ts'
import type { RpcNode } from '../../lib/domain/rpc-node.ts'
import { timestamp } from '../../lib/domain/time.ts'

const now = timestamp(1_764_000_000_000)
const minuteAgo = timestamp(now - 60_000)

function aNode(node: string, change: Partial<RpcNode> = {}): RpcNode {
  return {
    node,
    state: 'healthy',
    why: '',
    since: undefined,
    until: undefined,
    height: 9,
    lagBlocks: 0,
    lagScore: 0,
    latencyMs: 40,
    answers: 10,
    faults: 0,
    ...change,
  }
}

const lost = aNode('b.example', {
  state: 'quarantined',
  why: 'http: status 403',
  since: minuteAgo,
})

test('a node that is left alone is told with its reason and how many are left', () => {
  const nodes = [aNode('a.example'), lost, aNode('c.example', { state: 'behind' })]
  expect(nodesUnhealthy({ chain: 'l1', nodes, now })).toEqual([
    {
      rule: 'node-unhealthy',
      subject: 'l1:b.example',
      severity: 'warning',
      summary: 'l1 does without its node b.example, 2 of 3 are left: http: status 403',
      since: minuteAgo,
      afterMs: 300_000,
    },
  ])
})

test('a node that never said where it is is told too', () => {
  const nodes = [aNode('a.example'), aNode('b.example', { state: 'unknown' })]
  const [finding] = nodesUnhealthy({ chain: 'l1', nodes, now })
  expect(finding).toMatchObject({ subject: 'l1:b.example', since: now })
  expect(finding?.summary).toContain('does not say which chain')
})

test('a chain’s only node is the chain itself', () => {
  expect(nodesUnhealthy({ chain: 'l1', nodes: [lost], now })).toEqual([])
})
