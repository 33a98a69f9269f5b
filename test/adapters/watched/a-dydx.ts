import { createHash } from 'node:crypto'

import { faultyRest, type RestQuestion, type RestReply } from './faulty-rest.ts'

/** As nodes write messages: uint32 are numbers, uint64 text. */
export type DydxState = {
  tiers: Record<string, unknown>[]
  perpetuals: Record<string, unknown>[]
  pairs: Record<string, unknown>[]
  prices: Record<string, unknown>[]
  funding: Record<string, unknown>
  liquidations: Record<string, unknown>
  downtime: Record<string, unknown>
  gaps: Record<string, unknown>[]
  proposals: Record<string, unknown>[]
  /** By account, in millionths. */
  funds: Record<string, string>
  /** By perpetual. */
  unblockedAt: Record<string, number>
  /** By perpetual, as nodes write them; all others have paid 0. */
  indices: Record<string, string>
  /** By market, in hundred-thousandths of a USD. */
  oraclePrices: Record<string, string>
}

const authority = 'dydx10d07y265gmmuvt4z0w9aw880jnsr700jnmapky'
export const btcTier = {
  id: 0,
  name: 'Large-Cap',
  initial_margin_ppm: 20_000,
  maintenance_fraction_ppm: 600_000,
  base_position_notional: '0',
  impact_notional: '10000000000',
  open_interest_lower_cap: '0',
  open_interest_upper_cap: '0',
}
export const btcPerpetual = {
  id: 0,
  ticker: 'BTC-USD',
  market_id: 0,
  atomic_resolution: -10,
  default_funding_ppm: 0,
  liquidity_tier: 0,
  market_type: 'PERPETUAL_MARKET_TYPE_CROSS',
}
const isolatedPerpetual = {
  ...btcPerpetual,
  id: 45,
  ticker: 'MOG-USD',
  market_id: 45,
  liquidity_tier: 4,
  market_type: 'PERPETUAL_MARKET_TYPE_ISOLATED',
}
const pairOf = (id: number) => ({
  id,
  perpetual_clob_metadata: { perpetual_id: id },
  step_base_quantums: '1000000',
  subticks_per_tick: 100_000,
  quantum_conversion_exponent: -9,
  status: 'STATUS_ACTIVE',
})
const priceOf = (id: number, pair: string) => ({
  id,
  pair,
  exponent: -5,
  min_exchanges: 3,
  min_price_change_ppm: 1_000,
  exchange_config_json: JSON.stringify({ exchanges: Array.from({ length: 12 }, () => pair) }),
})

/** The chain's first hour of this world. */
export const genesis = Date.parse('2026-11-01T00:00:00Z')

/** A chain with its nodes and its indexer: blocks of a second each, and a funding each hour. */
export async function aDydx(blocks = 7_300) {
  const states: { readonly from: number; readonly state: DydxState }[] = [
    { from: 1, state: theBeginning() },
  ]
  let head = blocks
  /** The time of each block; a second after the one before where it is not told. */
  const delays = new Map<number, number>()
  const chainId = 'dydx-mainnet-1'

  function timeOf(number: number): number {
    const late = [...delays].reduce((sum, [at, ms]) => (at <= number ? sum + ms : sum), 0)
    return genesis + number * 1_000 + late
  }

  function stateAt(number: number): DydxState {
    const found = states.findLast(({ from }) => from <= number)
    if (!found) throw new Error(`no state at ${number}`)
    return found.state
  }

  const node = async () => faultyRest((question) => nodeReply(question))
  const nodes = [await node(), await node()] as const
  const indexer = await faultyRest(indexerReply)

  function nodeReply({ path, query, headers }: RestQuestion): RestReply {
    const pinned = Number(headers['x-cosmos-block-height'] ?? head)
    const block = /^\/cosmos\/base\/tendermint\/v1beta1\/blocks\/(\w+)$/.exec(path)?.[1]
    if (block !== undefined) return blockReply(block === 'latest' ? head : Number(block))
    if (pinned > head)
      return refused(
        400,
        3,
        'cannot query with height in the future; please provide a valid height',
      )
    const state = stateAt(pinned)
    const single = /^\/cosmos\/gov\/v1\/proposals\/(\d+)$/.exec(path)?.[1]
    if (single !== undefined) {
      const proposal = state.proposals.find(({ id }) => id === single)
      return proposal
        ? { body: { proposal } }
        : refused(404, 5, `proposal ${single} doesn't exist: key not found`)
    }
    const price = /^\/dydxprotocol\/prices\/params\/market\/(\d+)$/.exec(path)?.[1]
    if (price !== undefined) {
      const market_param = state.prices.find(({ id }) => id === Number(price))
      return market_param ? { body: { market_param } } : refused(404, 5, 'not found')
    }
    const oracle = /^\/dydxprotocol\/prices\/market\/(\d+)$/.exec(path)?.[1]
    if (oracle !== undefined)
      return {
        body: {
          market_price: {
            id: Number(oracle),
            exponent: -5,
            price: state.oraclePrices[oracle] ?? '100000',
          },
        },
      }
    const blocked =
      /^\/dydxprotocol\/subaccounts\/withdrawals_and_transfers_blocked_info\/(\d+)$/.exec(path)?.[1]
    if (blocked !== undefined)
      return {
        body: {
          negative_tnc_subaccount_seen_at_block: 0,
          chain_outage_seen_at_block: 0,
          withdrawals_and_transfers_unblocked_at_block: state.unblockedAt[blocked] ?? 0,
        },
      }
    const holder = /^\/cosmos\/bank\/v1beta1\/balances\/(\w+)\/by_denom$/.exec(path)?.[1]
    if (holder !== undefined)
      return {
        body: { balance: { denom: query.get('denom'), amount: state.funds[holder] ?? '0' } },
      }
    switch (path) {
      case '/cosmos/gov/v1/proposals':
        return { body: listed(state.proposals, query) }
      case '/dydxprotocol/perpetuals/perpetual':
        return {
          body: {
            perpetual: state.perpetuals.map((params) => ({
              params,
              funding_index: state.indices[String(params['id'])] ?? 'Ag==',
              open_interest: 'AgE=',
            })),
            pagination: { next_key: null, total: '0' },
          },
        }
      case '/dydxprotocol/perpetuals/liquidity_tiers':
        return {
          body: { liquidity_tiers: state.tiers, pagination: { next_key: null, total: '0' } },
        }
      case '/dydxprotocol/clob/clob_pair':
        return { body: { clob_pair: state.pairs, pagination: { next_key: null, total: '0' } } }
      case '/dydxprotocol/v4/epochs/epoch_info':
        return { body: { epoch_info: epochsAt(pinned), pagination: { next_key: null } } }
      case '/dydxprotocol/perpetuals/params':
        return { body: { params: state.funding } }
      case '/dydxprotocol/clob/liquidations_config':
        return { body: { liquidations_config: state.liquidations } }
      case '/dydxprotocol/v4/blocktime/downtime_params':
        return { body: { params: state.downtime } }
      case '/dydxprotocol/v4/blocktime/all_downtime_info':
        return { body: { info: { infos: state.gaps } } }
      default:
        return refused(501, 12, 'Not Implemented')
    }
  }

  /** A sample a minute and a tick an hour, from the first hour on. */
  function epochsAt(number: number) {
    const seconds = Math.floor(timeOf(number) / 1_000)
    return [
      ['funding-sample', 60],
      ['funding-tick', 3_600],
    ].map(([name, duration]) => ({
      name,
      next_tick: (Math.floor(seconds / Number(duration)) + 1) * Number(duration),
      duration,
      current_epoch: 7,
      current_epoch_start_block: 1,
      is_initialized: true,
      fast_forward_next_tick: true,
    }))
  }

  function blockReply(number: number): RestReply {
    if (number > head)
      return refused(400, 3, 'requested block height is bigger then the chain length')
    const block = {
      header: {
        version: { block: '11', app: '0' },
        chain_id: chainId,
        height: String(number),
        time: new Date(timeOf(number)).toISOString().replace('Z', '456789Z'),
      },
      data: { txs: ['CgIS', 'CgMS'] },
    }
    return {
      body: { block_id: { hash: hashOf(number), part_set_header: {} }, block, sdk_block: block },
    }
  }

  function indexerReply({ path, query }: RestQuestion): RestReply {
    if (path === '/v4/height')
      return {
        body: { height: String(head - world.indexerBehind), time: iso(head - world.indexerBehind) },
      }
    if (path === '/v4/historicalFunding/BTC-USD') {
      const limit = Number(query.get('limit') ?? 1_000)
      return { body: { historicalFunding: fundings().slice(0, limit) } }
    }
    const market = /^\/v4\/trades\/perpetualMarket\/([\w-]+)$/.exec(path)?.[1]
    if (market !== undefined)
      return {
        body: {
          trades: world.trades
            .filter(({ ticker }) => ticker === market)
            .map(({ height, type }, index) => ({
              id: `${index}`,
              side: 'SELL',
              size: '0.01',
              price: '68000',
              type,
              createdAt: iso(height),
              createdAtHeight: String(height),
            }))
            .filter(
              ({ createdAtHeight }) =>
                Number(createdAtHeight) <= Number(query.get('createdBeforeOrAtHeight') ?? head),
            )
            .toReversed()
            .toSorted((one, other) => Number(other.createdAtHeight) - Number(one.createdAtHeight))
            .slice(0, Math.min(100, Number(query.get('limit') ?? 100))),
        },
      }
    return { status: 404, body: { errors: [{ msg: 'Not Found' }] } }
  }

  /** Newest first, as the indexer tells them. */
  function fundings() {
    const last = Math.floor((head - world.indexerBehind) / 3_600)
    return Array.from({ length: Math.min(last, world.fundedHours) }, (_, at) => {
      const hour = Math.min(last, world.fundedHours) - at
      return {
        ticker: 'BTC-USD',
        rate: '0.00000625',
        price: '68000.12345',
        effectiveAt: iso(hour * 3_600),
        effectiveAtHeight: String(hour * 3_600),
      }
    })
  }

  const iso = (number: number) => new Date(timeOf(number)).toISOString()

  const world = {
    nodes,
    indexer,
    chainId,
    indexerBehind: 0,
    /** All that the indexer knows of. */
    trades: [] as { ticker: string; height: number; type: string }[],
    /** No more than so many hours were funded. */
    fundedHours: Number.POSITIVE_INFINITY,
    head: () => head,
    timeOf,
    hashOf: (number: number) => `0x${Buffer.from(hashOf(number), 'base64').toString('hex')}`,
    /** So many blocks more, the first of which is so much later than usual. */
    goOn(more: number, lateMs = 0): void {
      if (lateMs > 0) delays.set(head + 1, lateMs)
      head += more
    },
    /** What is so from the next block on. */
    change(next: Partial<DydxState>): void {
      states.push({ from: head + 1, state: { ...stateAt(head), ...next } })
      head += 1
    },
    state: () => stateAt(head),
    stop: async () => {
      await Promise.all([...nodes, indexer].map(async (one) => one.stop()))
    },
  }
  return world
}

function theBeginning(): DydxState {
  return {
    tiers: [btcTier, { ...btcTier, id: 4, name: 'Isolated', initial_margin_ppm: 50_000 }],
    perpetuals: [btcPerpetual, isolatedPerpetual],
    pairs: [pairOf(0), pairOf(45)],
    prices: [priceOf(0, 'BTC-USD'), priceOf(45, 'MOG-USD')],
    funding: {
      funding_rate_clamp_factor_ppm: 6_000_000,
      premium_vote_clamp_factor_ppm: 60_000_000,
      min_num_votes_per_sample: 15,
    },
    liquidations: {
      max_liquidation_fee_ppm: 15_000,
      position_block_limits: {
        min_position_notional_liquidated: '1000000000',
        max_position_portion_liquidated_ppm: 100_000,
      },
      subaccount_block_limits: {
        max_notional_liquidated: '100000000000',
        max_quantums_insurance_lost: '1000000000000',
      },
      fillable_price_config: {
        bankruptcy_adjustment_ppm: 1_000_000,
        spread_to_maintenance_margin_ratio_ppm: 1_500_000,
      },
    },
    downtime: { durations: ['300s', '1800s'] },
    gaps: [
      { duration: '300s', block_info: { height: 0, timestamp: '0001-01-01T00:00:00Z' } },
      { duration: '1800s', block_info: { height: 0, timestamp: '0001-01-01T00:00:00Z' } },
    ],
    proposals: [],
    funds: {
      dydx1c7ptc87hkd54e3r7zjy92q29xkq7t79w64slrq: '12345678901234',
      // The module account of `insurance_fund:45`.
      dydx15mpcdcn4v3wju857t8n4w4547k8m777qwr9uu5: '500000',
    },
    unblockedAt: {},
    indices: {},
    oraclePrices: { 0: '6800000000' },
  }
}

function listed(all: readonly Record<string, unknown>[], query: URLSearchParams) {
  const status = [undefined, 'DEPOSIT_PERIOD', 'VOTING_PERIOD'][
    Number(query.get('proposal_status') ?? 0)
  ]
  const some = all.filter(
    (one) => status === undefined || one['status'] === `PROPOSAL_STATUS_${status}`,
  )
  const ordered = query.get('pagination.reverse') === 'true' ? some.toReversed() : some
  const limit = Number(query.get('pagination.limit') ?? 100)
  return {
    proposals: ordered.slice(0, limit),
    pagination: { next_key: ordered.length > limit ? 'AAAAAAAAAAE=' : null, total: '0' },
  }
}

function refused(status: number, code: number, message: string): RestReply {
  return { status, body: { code, message, details: [] } }
}

function hashOf(number: number): string {
  return createHash('sha256').update(`block ${number}`).digest('base64')
}

/** A proposal as x/gov v1 tells it. */
export function aProposal(
  id: number,
  {
    status,
    messages,
    votingEnd,
    title = `Proposal ${id}`,
  }: {
    readonly status: string
    readonly messages: readonly Record<string, unknown>[]
    readonly votingEnd: number | undefined
    readonly title?: string
  },
): Record<string, unknown> {
  return {
    id: String(id),
    messages,
    status: `PROPOSAL_STATUS_${status}`,
    final_tally_result: { yes_count: '0', abstain_count: '0', no_count: '0' },
    submit_time: '2026-11-01T00:10:00.123456789Z',
    deposit_end_time: '2026-11-03T00:10:00.123456789Z',
    voting_start_time: votingEnd === undefined ? null : '2026-11-01T00:20:00Z',
    voting_end_time: votingEnd === undefined ? null : new Date(votingEnd).toISOString(),
    title,
    expedited: false,
    failed_reason: '',
  }
}

export function setTier(tier: Record<string, unknown>) {
  return {
    '@type': '/dydxprotocol.perpetuals.MsgSetLiquidityTier',
    authority,
    liquidity_tier: tier,
  }
}

export function delayed(msg: Record<string, unknown>, blocks: number) {
  return {
    '@type': '/dydxprotocol.delaymsg.MsgDelayMessage',
    authority,
    msg,
    delay_blocks: blocks,
  }
}
