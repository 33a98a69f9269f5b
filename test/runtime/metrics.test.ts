import { expect, test, vi } from 'vitest'
import * as z from 'zod'

import { cloudMetrics } from '../../lib/runtime/metrics.ts'

const Line = z.looseObject({
  _aws: z.object({ CloudWatchMetrics: z.tuple([z.object({ Dimensions: z.unknown() })]) }),
})

test('each node of a chain has metrics of its own, by chain and node', () => {
  const written: string[] = []
  using _ = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const node = {
    node: 'rpc.example',
    state: 'healthy',
    why: '',
    since: undefined,
    until: undefined,
    height: 812,
    lagBlocks: 2,
    lagScore: 1,
    latencyMs: 40,
    answers: 9,
    faults: 1,
  } as const
  const metrics = cloudMetrics()
  metrics.nodes('l1', [node, { ...node, state: 'quarantined', latencyMs: undefined }])
  metrics.publish()
  const lines = written.map((line) => Line.parse(JSON.parse(line)))
  const own = { chain: 'l1', node: 'rpc.example' }
  expect(lines).toMatchObject([
    { ...own, 'node-healthy': 1 },
    { ...own, 'node-lag-blocks': 2 },
    { ...own, 'node-latency': 40 },
    { ...own, 'node-healthy': 0 },
    { ...own, 'node-lag-blocks': 2 },
  ])
  for (const { _aws } of lines)
    expect(_aws.CloudWatchMetrics[0].Dimensions).toEqual([['service', 'chain', 'node']])
})
