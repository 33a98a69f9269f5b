import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { dydxInsuranceFund, dydxWatch } from '../../../lib/adapters/watched/dydx.ts'
import { restPlace } from '../../../lib/adapters/watched/rest-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { LookedBefore, SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import { aDydx, aProposal, btcPerpetual, btcTier, delayed, genesis, setTier } from './a-dydx.ts'
import type { RestReply } from './faulty-rest.ts'
import { afterwards, nothingBefore, realClock } from './places.ts'
import { watchedSystemContract } from './watched-system-contract.ts'

type World = Awaited<ReturnType<typeof aDydx>>

function open(
  { nodes, indexer, chainId }: World,
  some: Partial<Parameters<typeof dydxWatch>[0]> = {},
) {
  return dydxWatch({
    name: 'dydx',
    nodes: nodes.map(({ url }) => restPlace({ url, timeoutMs: 1_000 })),
    indexer: restPlace({ url: indexer.url, timeoutMs: 1_000 }),
    chainId,
    markets: ['BTC-USD'],
    insuranceFund: dydxInsuranceFund,
    clock: realClock,
    ...some,
  })
}

watchedSystemContract(
  'dydx-v4',
  async () => {
    const world = await aDydx()
    return {
      open: () => open(world),
      nodes: [...world.nodes, world.indexer],
      goOn: async () => world.goOn(3_600),
      stop: world.stop,
    }
  },
  [
    'settings',
    'changes',
    'progress:funding',
    'finality',
    'level:indexer-lag',
    'level:insurance-fund',
    'level:funding-index',
    'level:withdrawals-blocked',
    'level:liquidations',
    'level:deleverages',
  ],
)

describe('dYdX v4', () => {
  let world: World
  beforeEach(async () => {
    world = await aDydx()
  })
  afterEach(async () => world.stop())

  const look = async (
    before: LookedBefore = nothingBefore,
    some: Partial<Parameters<typeof dydxWatch>[0]> = {},
  ) => open(world, some).look(before, timestamp(Date.now() + 20_000))

  test('each node tells its newest block, and the indexer how far it has read', async () => {
    world.indexerBehind = 90
    const { heads, levels } = await look()
    const time = timestamp(genesis + 7_300_456)
    const head = { kind: 'head', number: 7_300, hash: world.hashOf(7_300), time, transactions: 2 }
    expect(heads.slice(0, 2).map(({ chain, answer }) => [chain, answer])).toEqual([
      ['chain', { ...head, time: timestamp(genesis + 7_300_000) }],
      ['chain', { ...head, time: timestamp(genesis + 7_300_000) }],
    ])
    expect(heads[2]).toMatchObject({ chain: 'indexer', answer: { number: 7_210 } })
    expect(levels).toContainEqual({ name: 'indexer-lag', value: 90, unit: 's' })
  })

  test('a block that was remembered is asked for again, and one beyond the end is not there any more', async () => {
    const before = { cursor: {}, heads: { chain: { number: 7_000, hash: world.hashOf(7_000) } } }
    const kept = await look(before)
    expect(kept.heads[0]?.answer).toMatchObject({
      remembered: { number: 7_000, hash: world.hashOf(7_000) },
    })
    const beyond = { cursor: {}, heads: { chain: { number: 7_400, hash: '0x1' } } }
    const gone = await look(beyond)
    expect(gone.heads[0]?.answer).toMatchObject({ remembered: { number: 7_400, hash: undefined } })
  })

  test('of a block that a node has thrown away nothing is said', async () => {
    for (const node of world.nodes)
      node.spoil = ({ path }) =>
        path.endsWith('/blocks/12')
          ? {
              status: 500,
              body: {
                code: 13,
                message: 'height 12 is not available, lowest height is 7000',
                details: [],
              },
            }
          : undefined
    const sight = await look({ cursor: {}, heads: { chain: { number: 12, hash: '0x1' } } })
    expect(sight.heads[0]?.answer).not.toHaveProperty('remembered')
    expect(sight.heads[0]?.answer.kind).toBe('head')
  })

  test('a node of another chain is not believed', async () => {
    const sight = await look(nothingBefore, { chainId: 'dydx-testnet-4' })
    const [head] = sight.heads
    expect(head?.answer.kind === 'trouble' && head.answer.reason).toBe(
      `${head?.place} is a node of dydx-mainnet-1`,
    )
    expect(sight.unseen.map(({ part }) => part)).toContain('settings')
  })

  test('one dead node of two hides nothing', async () => {
    world.nodes[0].trouble = 'dead'
    const sight = await look()
    expect(sight.heads.map(({ answer }) => answer.kind)).toEqual(['trouble', 'head', 'head'])
    expect(sight.unseen).toEqual([])
  })

  test('a node that stands still is not asked while another one goes on', async () => {
    const [still, other] = world.nodes
    still.spoil = ({ path }, truth) =>
      path.endsWith('/latest')
        ? replaced(truth, '"7301"', '"5000"', '"2026-11-01T02:01:41', '"2026-11-01T01:23:20')
        : { body: replaced(truth, '20000', '10000').body }
    world.change({})
    const sight = await look()
    expect(sight.heads[0]?.answer).toMatchObject({ number: 5_000 })
    expect(sight.settings['liquidity-tier:0']).toContain('initial_margin_ppm 20000')
    expect(sight.unseen).toEqual([])
    const pinned = other.asked.flatMap(({ headers }) => headers['x-cosmos-block-height'] ?? [])
    expect(new Set(pinned)).toEqual(new Set(['7299']))
  })

  test('a node that lies about its height is seen through: what is read is of a block that the other one has', async () => {
    world.nodes[0].spoil = ({ path }, truth) =>
      path.endsWith('/latest') ? replaced(truth, '"7300"', '"9007199254"') : undefined
    const sight = await look()
    expect(sight.heads[0]?.answer).toMatchObject({ number: 9_007_199_254 })
    expect(sight.unseen).toEqual([])
    expect(sight.settings['liquidity-tier:0']).toContain('initial_margin_ppm 20000')
  })

  test.each([
    [
      'a server’s error',
      { status: 503, body: 'upstream connect error' },
      'status 503: upstream connect error',
    ],
    ['cut off JSON', { body: '{"liquidations_config":{"max_liq' }, 'is not as documented'],
    [
      'a list where an object belongs',
      { body: { liquidations_config: [] } },
      'is not as documented',
    ],
    ['a page in HTML', { body: '<html>Just a moment…</html>' }, 'is not as documented'],
  ])('settings are unseen where one of them comes as %s', async (_, reply, reason) => {
    for (const node of world.nodes)
      node.spoil = ({ path }) => (path.endsWith('/liquidations_config') ? reply : undefined)
    const sight = await look()
    expect(sight.settings).toEqual({})
    const { host } = new URL(world.nodes[1].url)
    expect(reasonOf(sight, 'settings')).toContain(`${host}/dydxprotocol/clob/liquidations_config: `)
    expect(reasonOf(sight, 'settings')).toContain(reason)
    // What does not depend on it is seen.
    expect(sight.unseen.map(({ part }) => part)).not.toContain('changes')
    expect(level(sight, 'insurance-fund')).toBeDefined()
  })

  test('settings are the chain’s own words, and long texts their hash', async () => {
    const { settings } = await look()
    expect(settings).toMatchObject({
      funding:
        'funding_rate_clamp_factor_ppm 6000000, min_num_votes_per_sample 15, premium_vote_clamp_factor_ppm 60000000',
      downtime: 'durations 300s 1800s',
      'last-gap:300s': 'none',
      'perpetual:BTC-USD':
        'atomic_resolution -10, default_funding_ppm 0, id 0, liquidity_tier 0, market_id 0, market_type PERPETUAL_MARKET_TYPE_CROSS, ticker BTC-USD',
    })
    expect(settings['price:BTC-USD']).toMatch(/exchange_config_json sha256:[0-9a-f]{16},/)
    expect(settings['liquidations']).toContain(
      'subaccount_block_limits.max_notional_liquidated 100000000000',
    )
  })

  test('a market that the chain does not have is said to be missing', async () => {
    const sight = await look(nothingBefore, { markets: ['BTC-USD', 'NOPE-USD'] })
    expect(reasonOf(sight, 'settings')).toContain('NOPE-USD')
  })

  test('the insurance fund is told in USDC', async () => {
    const sight = await look()
    expect(level(sight, 'insurance-fund')).toEqual({
      name: 'insurance-fund',
      value: 12_345_678.901234,
      unit: 'USDC',
      pays: true,
    })
    const asked = world.nodes[0].asked.find(({ path }) => path.includes('/balances/'))
    expect(asked?.path).toBe(
      '/cosmos/bank/v1beta1/balances/dydx1c7ptc87hkd54e3r7zjy92q29xkq7t79w64slrq/by_denom',
    )
    expect(asked?.query.get('denom')).toBe(dydxInsuranceFund.denom)
  })

  test('an isolated market has an insurance fund of its own', async () => {
    const { levels } = await look(nothingBefore, { markets: ['BTC-USD', 'MOG-USD'] })
    expect(levels.filter(({ name }) => name.startsWith('insurance-fund'))).toEqual([
      { name: 'insurance-fund', value: 12_345_678.901234, unit: 'USDC', pays: true },
      { name: 'insurance-fund:MOG-USD', value: 0.5, unit: 'USDC', pays: true },
    ])
  })

  test('fundings are hourly steps by the chain’s time, and a later look asks only for what is new', async () => {
    const first = await look()
    const [progress] = first.progress
    expect(progress).toMatchObject({
      name: 'funding',
      from: genesis + 3_600_000,
      through: genesis + 7_300_000,
    })
    expect(progress?.steps.map(({ position }) => position)).toEqual([
      genesis + 3_600_000,
      genesis + 7_200_000,
    ])
    world.goOn(3_600)
    world.indexer.asked.length = 0
    const second = await look(afterwards(first))
    expect(second.progress[0]?.steps.at(-1)?.at).toBe(genesis + 10_800_000)
    const asked = world.indexer.asked.find(({ path }) => path.includes('historicalFunding'))
    expect(Number(asked?.query.get('limit'))).toBeLessThan(10)
  })

  test('where funding has stopped, the steps stay behind while the chain goes on', async () => {
    world.fundedHours = 1
    world.goOn(36_000)
    const [progress] = (await look()).progress
    expect(progress?.steps.map(({ position }) => position)).toEqual([genesis + 3_600_000])
    expect(progress?.through).toBe(genesis + 43_300_000)
  })

  test('an indexer that has forgotten all fundings undoes nothing', async () => {
    world.fundedHours = 0
    const sight = await look()
    expect(sight.progress).toEqual([])
    expect(reasonOf(sight, 'progress:funding')).toContain('tells no funding of BTC-USD')
  })

  test('after a gap withdrawals are blocked for the blocks that are left, of whichever collateral', async () => {
    // The chain's own rule: 50 blocks after a gap of five minutes.
    world.goOn(10, 600_000)
    world.change({
      unblockedAt: { 0: 0, 45: 7_301 + 50 },
      gaps: [
        { duration: '300s', block_info: { height: 7_301, timestamp: '2026-11-01T02:11:41Z' } },
        { duration: '1800s', block_info: { height: 0, timestamp: '0001-01-01T00:00:00Z' } },
      ],
    })
    world.goOn(2)
    const sight = await look(nothingBefore, { markets: ['BTC-USD', 'MOG-USD'] })
    // Read at block 7,311, two below the head.
    expect(level(sight, 'withdrawals-blocked')).toEqual({
      name: 'withdrawals-blocked',
      value: 40,
      unit: 'blocks',
      ceiling: 0,
    })
    expect(sight.settings['last-gap:300s']).toBe('until block 7301 at 2026-11-01T02:11:41Z')
    // Of ten minutes among the last hundred blocks the middle of three hundreds knows nothing.
    expect(sight.finality).toMatchObject({ by: 'consensus', finalMs: 1_000, withdrawalMs: 41_000 })
  })

  describe('governance', () => {
    const votingEnd = genesis + 8_000_000
    const lower = { ...btcTier, initial_margin_ppm: 40_000 }

    test('a deposit is no date; a vote has one, with what is to be then', async () => {
      const messages = [setTier(lower)]
      world.change({
        proposals: [aProposal(7, { status: 'DEPOSIT_PERIOD', messages, votingEnd: undefined })],
      })
      world.goOn(5)
      const deposit = change(await look(), 'proposal-7')
      expect(deposit).toMatchObject({
        kind: 'proposal',
        title: 'Proposal 7',
        state: 'announced',
        announcedAt: genesis + 600_123,
        touches: ['margin', 'liquidation', 'market:BTC-USD'],
      })
      expect(deposit).not.toHaveProperty('effectiveAt')
      world.change({ proposals: [aProposal(7, { status: 'VOTING_PERIOD', messages, votingEnd })] })
      world.goOn(5)
      const vote = change(await look(), 'proposal-7')
      expect(vote).toMatchObject({
        state: 'announced',
        effectiveAt: votingEnd,
      })
      expect(vote?.announces['liquidity-tier:0']).toContain('initial_margin_ppm 40000')
    })

    test('once it has passed, the settings of the very same block are what it announced', async () => {
      const messages = [setTier(lower)]
      world.change({ proposals: [aProposal(7, { status: 'VOTING_PERIOD', messages, votingEnd })] })
      world.goOn(5)
      const first = await look()
      world.change({
        proposals: [aProposal(7, { status: 'PASSED', messages, votingEnd })],
        tiers: [lower],
      })
      // The next look comes while the block with it is the newest, and all looks after that.
      for (const more of [0, 1, 1]) {
        world.goOn(more)
        const sight = await look(afterwards(first), { markets: ['BTC-USD'] })
        const seen = change(sight, 'proposal-7')
        const isDone = sight.settings['liquidity-tier:0'] === seen?.announces['liquidity-tier:0']
        expect(seen?.state).toBe(isDone ? 'done' : 'announced')
      }
      expect(change(await look(afterwards(first)), 'proposal-7')?.state).toBe('done')
    })

    test('one that passes between two questions has not passed yet', async () => {
      const messages = [setTier(lower)]
      world.change({ proposals: [aProposal(7, { status: 'VOTING_PERIOD', messages, votingEnd })] })
      world.goOn(5)
      const first = await look()
      let isPassed = false
      for (const node of world.nodes)
        node.spoil = ({ path }) => {
          if (path.endsWith('/liquidity_tiers') && !isPassed) {
            isPassed = true
            world.change({
              proposals: [aProposal(7, { status: 'PASSED', messages, votingEnd })],
              tiers: [lower],
            })
            world.goOn(5)
          }
          return undefined
        }
      const second = await look(afterwards(first))
      expect(isPassed).toBe(true)
      expect(second.settings['liquidity-tier:0']).toContain('initial_margin_ppm 20000')
      expect(change(second, 'proposal-7')?.state).toBe('announced')
    })

    test('what another one set since is not held against a proposal that nobody followed', async () => {
      world.change({
        proposals: [
          aProposal(3, { status: 'PASSED', messages: [setTier(lower)], votingEnd: genesis }),
        ],
      })
      world.goOn(5)
      expect(change(await look(), 'proposal-3')).toMatchObject({ state: 'done', announces: {} })
    })

    test.each([
      ['REJECTED', 'dropped'],
      ['FAILED', 'dropped'],
    ] as const)('%s is %s', async (status, state) => {
      world.change({
        proposals: [aProposal(4, { status, messages: [setTier(lower)], votingEnd })],
      })
      world.goOn(5)
      expect(change(await look(), 'proposal-4')?.state).toBe(state)
    })

    test('a delayed message takes effect so many blocks later, a part of its own', async () => {
      const paused = { ...world.state().pairs[0], status: 'STATUS_PAUSED' }
      const messages = [
        setTier(lower),
        delayed(
          delayed({ '@type': '/dydxprotocol.clob.MsgUpdateClobPair', clob_pair: paused }, 600),
          3_000,
        ),
      ]
      const end = genesis + 7_301_000
      world.change({
        proposals: [aProposal(9, { status: 'VOTING_PERIOD', messages, votingEnd: end })],
      })
      world.goOn(5)
      const first = await look()
      expect(change(first, 'proposal-9')?.effectiveAt).toBe(end)
      const later = change(first, 'proposal-9+3600')
      expect(later).toMatchObject({
        state: 'announced',
        effectiveAt: end + 3_600_000,
        touches: ['orders', 'market:BTC-USD'],
      })
      expect(later?.announces['orders:BTC-USD']).toContain('status STATUS_PAUSED')
      world.change({
        proposals: [aProposal(9, { status: 'PASSED', messages, votingEnd: end })],
        tiers: [lower],
      })
      world.goOn(5)
      const second = await look(afterwards(first))
      expect(change(second, 'proposal-9')?.state).toBe('done')
      expect(change(second, 'proposal-9+3600')?.state).toBe('decided')
      // How fast blocks come is a guess: it is done well after it at the earliest.
      world.goOn(3_600)
      expect(change(await look(afterwards(second)), 'proposal-9+3600')?.state).toBe('decided')
      world.goOn(500)
      expect(change(await look(afterwards(second)), 'proposal-9+3600')?.state).toBe('done')
    })

    test('an upgrade stops the chain at its block', async () => {
      const messages = [
        {
          '@type': '/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade',
          authority: 'x',
          plan: { name: 'v9.0', time: '0001-01-01T00:00:00Z', height: '17300', info: '' },
        },
      ]
      const end = genesis + 7_000_000
      world.change({ proposals: [aProposal(11, { status: 'PASSED', messages, votingEnd: end })] })
      world.goOn(99)
      expect(change(await look(), 'proposal-11@17300')).toMatchObject({
        kind: 'upgrade',
        state: 'decided',
        // Ten thousand blocks of a second.
        effectiveAt: genesis + 17_300_000,
        touches: ['chain'],
      })
      world.goOn(10_000)
      expect(change(await look(), 'proposal-11@17300')?.state).toBe('done')
    })

    test('a perpetual keeps what no proposal can change', async () => {
      const messages = [
        {
          '@type': '/dydxprotocol.perpetuals.MsgUpdatePerpetualParams',
          perpetual_params: {
            ...btcPerpetual,
            default_funding_ppm: 100,
            atomic_resolution: -8,
            market_type: 'PERPETUAL_MARKET_TYPE_UNSPECIFIED',
          },
        },
      ]
      world.change({ proposals: [aProposal(8, { status: 'VOTING_PERIOD', messages, votingEnd })] })
      world.goOn(5)
      const seen = change(await look(), 'proposal-8')
      expect(seen?.touches).toEqual(['margin', 'funding', 'market:BTC-USD'])
      expect(seen?.announces['perpetual:BTC-USD']).toBe(
        'atomic_resolution -10, default_funding_ppm 100, id 0, liquidity_tier 0, market_id 0, market_type PERPETUAL_MARKET_TYPE_CROSS, ticker BTC-USD',
      )
    })

    test('a proposal whose deposit was not paid is gone from the chain, and dropped', async () => {
      const messages = [setTier(lower)]
      world.change({
        proposals: [aProposal(7, { status: 'DEPOSIT_PERIOD', messages, votingEnd: undefined })],
      })
      world.goOn(5)
      const first = await look()
      world.change({ proposals: [] })
      world.goOn(5)
      const second = await look(afterwards(first))
      expect(change(second, 'proposal-7')).toMatchObject({ state: 'dropped', title: 'Proposal 7' })
      // Told once.
      expect((await look(afterwards(second))).changes).toEqual([])
    })

    test('a node that has lost its way does not drop a proposal', async () => {
      const messages = [setTier(lower)]
      world.change({
        proposals: [aProposal(7, { status: 'DEPOSIT_PERIOD', messages, votingEnd: undefined })],
      })
      world.goOn(5)
      const first = await look()
      world.change({ proposals: [] })
      world.goOn(5)
      for (const node of world.nodes)
        node.spoil = ({ path }) =>
          path.endsWith('/proposals/7')
            ? { status: 404, body: '<html>not found</html>' }
            : undefined
      const second = await look(afterwards(first))
      expect(second.changes).toEqual([])
      expect(second.unseen.map(({ part }) => part)).toEqual(['changes'])
      expect(second.cursor['proposals']).toBe(first.cursor['proposals'])
    })

    test('more open proposals than one page holds are said to be unseen', async () => {
      world.change({
        proposals: Array.from({ length: 101 }, (_, id) =>
          aProposal(id + 1, { status: 'DEPOSIT_PERIOD', messages: [], votingEnd: undefined }),
        ),
      })
      world.goOn(5)
      const sight = await look()
      expect(sight.changes.length).toBeGreaterThan(99)
      expect(sight.unseen).toEqual([
        { part: 'changes', reason: 'there are more than 100 open proposals' },
      ])
    })

    test.each([
      ['/dydxprotocol.vault.MsgUpdateDefaultQuotingParams', {}, ['vault']],
      ['/cosmos.distribution.v1beta1.MsgCommunityPoolSpend', {}, []],
      [
        '/dydxprotocol.sending.MsgSendFromModuleToAccount',
        { sender_module_name: 'insurance_fund:45' },
        ['insurance-fund'],
      ],
      [
        '/dydxprotocol.prices.MsgUpdateMarketParam',
        { market_param: { id: 0, pair: 'BTC-USD', min_price_change_ppm: 500 } },
        ['oracle', 'market:BTC-USD'],
      ],
      [
        '/dydxprotocol.perpetuals.MsgSetLiquidityTier',
        { liquidity_tier: 'x' },
        ['margin', 'liquidation'],
      ],
    ])('%s touches what it touches', async (type, content, touches) => {
      world.change({
        proposals: [
          aProposal(5, {
            status: 'VOTING_PERIOD',
            messages: [{ '@type': type, ...content }],
            votingEnd,
          }),
        ],
      })
      world.goOn(5)
      expect(change(await look(), 'proposal-5')?.touches).toEqual(touches)
    })
  })
})

function level({ levels }: SystemSight, name: string) {
  return levels.find((one) => one.name === name)
}

function change({ changes }: SystemSight, id: string) {
  return changes.find((one) => one.id === id)
}

function reasonOf({ unseen }: SystemSight, part: string): string | undefined {
  return unseen.find((one) => one.part === part)?.reason
}

function replaced({ body }: RestReply, ...replacements: readonly string[]): RestReply {
  let text = JSON.stringify(body)
  for (let at = 0; at < replacements.length; at += 2)
    text = text.replaceAll(replacements[at] ?? '', replacements[at + 1] ?? '')
  return { body: text }
}
