import { expect, test } from 'vitest'

import { pageApp } from '../../lib/runtime/page/page-app.ts'
import { gauges, gaugesText } from '../../lib/runtime/view/gauges.ts'
import { statusLines } from '../../lib/tools/status-lines.ts'
import { aView } from './a-view.ts'
import { aFunding, aLiquidation, somePositions } from './an-exchange.ts'
import { aBatchView, aLaneView } from './some-batches.ts'

const view = aView({ funding: [aFunding], positions: [somePositions], liquidation: [aLiquidation] })

test('the numbers of a view have the names that keepers commonly use, and what they are of', () => {
  const found = gauges(view).map(({ name, of, value }) => [name, of, value])
  const evm = { engine: 'evm' }
  for (const gauge of [
    ['starkeep_accounts_indexed', evm, 2_600],
    ['starkeep_index_lag_blocks', evm, 2],
    ['starkeep_candidates', evm, 15],
    ['starkeep_liquidatable', evm, 12],
    ['starkeep_bankrupt', evm, 2],
    ['starkeep_attempts', { ...evm, outcome: 'won' }, 1],
    ['starkeep_detect_to_prepare_ms', evm, 100],
    ['starkeep_prepare_to_broadcast_ms', evm, 200],
    ['starkeep_broadcast_to_inclusion_ms', evm, 900],
    ['starkeep_pnl_usd', evm, 159.87],
    ['starkeep_missed', { ...evm, why: 'raced' }, 2],
    ['starkeep_books_lag_s', evm, 15],
    ['starkeep_insurance_fund_usd', evm, 258.34],
    ['starkeep_insurance_fund_days', evm, 0],
    ['starkeep_funding_age_s', evm, 3_000],
    ['starkeep_incidents_open', { severity: 'critical' }, 0],
  ])
    expect(found).toContainEqual(gauge)
})

test('transactions that failed are counted by why, and nonces that are not final by lane', () => {
  const failed = { state: 'failed', failed: { why: 'reverted', reason: 'NotLiquidatable' } }
  const lane = { lane: 'l1/0x1', inFlight: 3, transactions: [failed, failed, { state: 'sent' }] }
  const found = gauges(aView({ lanes: [lane as never] }))
  expect(found).toMatchObject([
    { name: 'starkeep_inflight', of: { lane: 'l1/0x1' }, value: 3 },
    { name: 'starkeep_reverts_by_kind', of: { lane: 'l1/0x1', kind: 'reverted' }, value: 2 },
    { name: 'starkeep_incidents_open' },
    { name: 'starkeep_incidents_open' },
    { name: 'starkeep_incidents_open' },
  ])
})

test('batches are counted by lane and state, and the oldest unsettled one is aged', () => {
  const rows = [aBatchView(4), aBatchView(5), aBatchView(6, { state: 'needs-human' })]
  const found = gauges(aView({ proving: [aLaneView(rows)] }))
  const counts = found.filter(({ name, value }) => name === 'starkeep_batches' && value > 0)
  expect(counts.map(({ of, value }) => [of, value])).toEqual([
    [{ lane: 'appchain', state: 'proving' }, 2],
    [{ lane: 'appchain', state: 'needs-human' }, 1],
  ])
  expect(found.find(({ name }) => name === 'starkeep_settlement_lag_s')).toMatchObject({
    of: { lane: 'appchain' },
    value: 3_600,
  })
  expect(gauges(aView({ proving: [aLaneView([], { reach: undefined })] }))).toEqual(gauges(aView()))
})

test('as text each name has its help and type once, and labels are escaped', () => {
  const gauge = { name: 'a', help: 'All of it.', of: { why: 'x"\n\\y' }, value: 1.5 }
  expect(gaugesText([gauge, { ...gauge, of: {} }])).toBe(
    '# HELP a All of it.\n# TYPE a gauge\na{why="x\\"\\n\\\\y"} 1.5\na 1.5\n',
  )
})

test('the page serves them where Prometheus looks for them', async () => {
  const app = pageApp({ view: async () => Promise.resolve(view), everyMs: 1_000 })
  const response = await app.request('/metrics')
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toContain('\nstarkeep_liquidatable{engine="evm"} 12\n')
})

test('`status` says the same of funding, accounts, liquidation, fund and books', () => {
  const lines = statusLines(view).map((line) => line.trim().replaceAll(/ +/g, ' '))
  for (const line of [
    'evm nothing-due settled 50 min ago, the next epoch begins in 10 min',
    'BTC-USD so far -0.00313 %, last 0.0025 %, 30 min are owed',
    'ETH-USD so far no sample, last none',
    'evm 2600 indexed block 1348, 2 behind, all compared within 2.2 min, 1 mismatches',
    'evm liquidated 1 s ago, 15 candidates, 12 liquidatable, 2 bankrupt, 3 in flight, 7 not: budget, 2 not: in-flight, budget 25 %',
    'took 1.2 s from decided to a block, middle of 2',
    'deleverage nobody-can-take, 1 s ago',
    'fund 258.34 USD, today 12.50 in, 102702.00 out, lasts 0 days',
    'today 15 won, 163.57 USD, fees 3.70, net 159.87; 7 without effect',
    'missed 3 worth 41.00 USD: 2 raced, 1 no-positions',
    'booked up to block 347, 15 s ago',
  ])
    expect(lines).toContain(line)
})
