import { expect, test, vi } from 'vitest'
import * as z from 'zod'

import { Decimal } from '../../lib/domain/decimal.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { cloudMetrics } from '../../lib/runtime/metrics.ts'
import { anInclusion, anIntent, aPart, at } from '../domain/pnl/samples.ts'

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
  const metrics = cloudMetrics({ functionName: 'a-function' })
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

test('each price has its quality, by feed and node; what a missing one lacks is not written', () => {
  const written: string[] = []
  using _ = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const none = { dispersionBps: undefined, confidenceBps: undefined, inputAgeMs: undefined }
  const metrics = cloudMetrics({ functionName: 'a-function' })
  metrics.count({
    kind: 'priced',
    at: timestamp(0),
    node: 'oracle-1',
    round: 7,
    feeds: [
      {
        feed: parseMarket('BTC-USD'),
        agreeing: 12,
        sources: 14,
        dispersionBps: new Decimal('3.25'),
        confidenceBps: new Decimal('0.5'),
        inputAgeMs: 1_500,
      },
      { feed: parseMarket('ETH-USD'), agreeing: 1, sources: 14, ...none },
    ],
  })
  metrics.publish()
  const lines = written.map((line) => Line.parse(JSON.parse(line)))
  const btc = { feed: 'BTC-USD', node: 'oracle-1' }
  expect(lines).toMatchObject([
    { ...btc, 'price-sources': 12 },
    { ...btc, 'price-dispersion-bps': 3.25 },
    { ...btc, 'price-confidence-bps': 0.5 },
    { ...btc, 'price-input-age': 1_500 },
    { feed: 'ETH-USD', node: 'oracle-1', 'price-sources': 1 },
  ])
})

test('what the watch counted has its name, unit and exchange', () => {
  const written: string[] = []
  using _ = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const of = { engine: 'evm' }
  const metrics = cloudMetrics({ functionName: 'a-function' })
  metrics.count({
    kind: 'measured',
    at: timestamp(0),
    measures: [
      { name: 'liquidatable', of, value: 3 },
      { name: 'books-lag-s', of, value: 90 },
      { name: 'insurance-fund-days', of, value: 12 },
    ],
  })
  metrics.publish()
  const Units = z.looseObject({
    _aws: z.object({
      CloudWatchMetrics: z.tuple([
        z.object({ Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })) }),
      ]),
    }),
  })
  const lines = written.map((line) => Units.parse(JSON.parse(line)))
  expect(lines).toMatchObject([
    { engine: 'evm', liquidatable: 3 },
    { engine: 'evm', 'books-lag-s': 90 },
    { engine: 'evm', 'insurance-fund-days': 12 },
  ])
  expect(lines.flatMap(({ _aws }) => _aws.CloudWatchMetrics[0].Metrics)).toEqual([
    { Name: 'liquidatable', Unit: 'Count' },
    { Name: 'books-lag-s', Unit: 'Seconds' },
    { Name: 'insurance-fund-days', Unit: 'None' },
  ])
})

test('a liquidation has the times of its stages and its attempts, and a revert its kind', () => {
  const written: string[] = []
  using _ = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const metrics = cloudMetrics({ functionName: 'a-function' })
  const notice = { kind: 'transaction', at: at(0), chain: 'l1', slotAt: at(7_000) } as const
  const inclusion = anInclusion()
  const included = { kind: 'included', reverted: undefined, ...inclusion } as const
  metrics.count({ ...notice, intent: anIntent([aPart()], included) })
  const failed = {
    kind: 'failed',
    why: 'reverted',
    reason: 'NotLiquidatable(0x1)',
    hash: '0x1',
  } as const
  metrics.count({ ...notice, intent: anIntent([aPart()], failed) })
  metrics.publish()
  const of = { engine: 'dex', action: 'liquidate' }
  const lines = written.map((line) => Line.parse(JSON.parse(line)))
  // Decided at 8.0 s, signed at 8.1, sent at 8.2, seen at 11.
  for (const line of [
    { ...of, 'detect-to-prepare': 100 },
    { ...of, 'prepare-to-broadcast': 100 },
    { ...of, 'broadcast-to-inclusion': 2_800 },
    { ...of, attempts: 2 },
    { engine: 'dex', kind: 'NotLiquidatable', reverts: 1 },
  ])
    expect(lines).toContainEqual(expect.objectContaining(line))
})
