import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { dydxInsuranceFund, dydxWatch } from '../../../lib/adapters/watched/dydx.ts'
import { restPlace } from '../../../lib/adapters/watched/rest-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import { systemFindings } from '../../../lib/domain/watch/system-findings.ts'
import type { SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import type { SystemRules } from '../../../lib/domain/watch/system-rules.ts'
import { aDydx, aProposal, btcTier, setTier } from './a-dydx.ts'
import { realClock } from './places.ts'

const rules: SystemRules = {
  ownChains: {},
  mostMs: {},
  floors: {},
  ceilings: {},
  expect: {},
  lookMs: 15_000,
  numbers: watchNumbers,
}

/** What is told of governance after looks at a real server, one after the other as a keeper makes them. */
describe('of what dYdX’s governance sets it is told', () => {
  let world: Awaited<ReturnType<typeof aDydx>>
  let memory: SystemMemory | undefined
  beforeEach(async () => {
    world = await aDydx()
    memory = undefined
  })
  afterEach(async () => world.stop())

  async function look(): Promise<void> {
    const system = dydxWatch({
      name: 'dydx',
      nodes: world.nodes.map(({ url }) => restPlace({ url })),
      indexer: restPlace({ url: world.indexer.url }),
      chainId: world.chainId,
      markets: ['BTC-USD'],
      insuranceFund: dydxInsuranceFund,
      clock: realClock,
    })
    const newest = memory?.chains['chain']?.newest
    const before = {
      cursor: memory?.cursor ?? {},
      heads: newest ? { chain: { number: newest.number, hash: newest.hash } } : {},
    }
    const sight = await system.look(before, timestamp(Date.now() + 20_000))
    memory = remember('dydx', memory, sight, watchNumbers)
  }

  const told = () =>
    memory === undefined
      ? []
      : systemFindings(memory, { now: timestamp(Date.now()), rules })
          .filter(({ rule }) => rule.startsWith('setting-') || rule === 'change-differs')
          .map(({ rule, subject, severity, summary }) => ({ rule, subject, severity, summary }))

  const lower = { ...btcTier, initial_margin_ppm: 40_000 }
  const votingEnd = () => world.timeOf(world.head()) + 3_600_000

  async function voted(sets: Record<string, unknown> | undefined): Promise<void> {
    const end = votingEnd()
    const proposal = (status: string) =>
      aProposal(7, { status, messages: [setTier(lower)], votingEnd: end })
    world.change({ proposals: [proposal('VOTING_PERIOD')] })
    world.goOn(5)
    await look()
    world.goOn(3_600)
    await look()
    world.change({ proposals: [proposal('PASSED')], ...(sets && { tiers: [sets] }) })
    for (let at = 0; at < 3; at += 1) {
      await look()
      world.goOn(1)
    }
    world.goOn(5)
    await look()
  }

  test('that it is what was announced', async () => {
    await voted(lower)
    const [one, ...others] = told()
    expect(others).toEqual([])
    expect(one).toMatchObject({
      rule: 'setting-changed',
      subject: 'dydx:liquidity-tier:0',
      severity: 'info',
    })
    expect(one?.summary).toContain('announced by proposal-7')
  })

  test('that it is something else', async () => {
    await voted({ ...btcTier, initial_margin_ppm: 50_000 })
    expect(told().map(({ rule, severity }) => [rule, severity])).toEqual([
      ['setting-changed', 'warning'],
      ['change-differs', 'critical'],
    ])
  })

  test('that nobody announced it', async () => {
    await look()
    world.change({ tiers: [lower] })
    world.goOn(5)
    await look()
    const [one, ...others] = told()
    expect(others).toEqual([])
    expect(one?.severity).toBe('warning')
    expect(one?.summary).toContain('nobody announced it')
  })

  test('nothing at all of what was voted on before anybody looked', async () => {
    const messages = [setTier(lower)]
    world.change({
      proposals: [
        aProposal(3, { status: 'PASSED', messages, votingEnd: world.timeOf(100) }),
        aProposal(4, { status: 'FAILED', messages, votingEnd: world.timeOf(200) }),
      ],
    })
    world.goOn(5)
    await look()
    world.goOn(5)
    await look()
    expect(told()).toEqual([])
  })
})
