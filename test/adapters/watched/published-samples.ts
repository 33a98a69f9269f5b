import type { RestQuestion, RestReply } from './faulty-rest.ts'

/** How an exchange answers what is asked of its public API, by its documents; prices and rates as they are given. */
export type Numbers = {
  readonly mark: string
  readonly index: string
  readonly rate: string
  /** What one coin held long has paid, and when that was written; where it is told at all. */
  readonly funding?: { readonly index: string; readonly at: number }
}

type Answers = (question: RestQuestion, numbers: Numbers) => RestReply

const nothing: RestReply = { status: 404, body: { error: 'NOT_FOUND' } }

export const extended: Answers = ({ path, query }, { mark, index, rate }) => {
  if (path !== '/info/markets') return nothing
  const market = {
    name: 'BTC-USD',
    assetName: 'BTC',
    assetPrecision: 5,
    collateralAssetName: 'USD',
    collateralAssetPrecision: 6,
    active: true,
    status: 'ACTIVE',
    marketStats: {
      dailyVolume: '39659164065',
      dailyVolumeBase: '39659.16',
      lastPrice: '42000',
      askPrice: '42005',
      bidPrice: '39998',
      markPrice: mark,
      indexPrice: index,
      fundingRate: rate,
      nextFundingRate: 1_793_833_200_000,
      openInterest: '1245.2',
      openInterestBase: '1245.2',
    },
    l2Config: { type: 'STARKX', syntheticId: '0x4254432d35', syntheticResolution: 1_000_000 },
  }
  return { body: { status: 'OK', data: query.get('market') === 'BTC-USD' ? [market] : [] } }
}

export const paradex: Answers = ({ path, query }, { mark, index, rate, funding }) => {
  const isOurs = query.get('market') === 'BTC-USD-PERP'
  switch (path) {
    case '/markets/summary': {
      const row = {
        symbol: 'BTC-USD-PERP',
        mark_price: mark,
        last_traded_price: mark,
        underlying_price: index,
        funding_rate: rate,
        open_interest: '6100.048',
        bid: '29400.1',
        ask: '29400.3',
        created_at: 1_793_829_600_000,
      }
      return { body: { results: isOurs ? [row] : [] } }
    }
    case '/markets': {
      const row = {
        symbol: 'BTC-USD-PERP',
        base_currency: 'BTC',
        asset_kind: 'PERP',
        funding_period_hours: 8,
        max_funding_rate: '0.05',
      }
      return { body: { results: isOurs ? [row] : [] } }
    }
    case '/funding/data': {
      const [from, to] = ['start_at', 'end_at'].map((name) => Number(query.get(name)))
      const row = (fundingIndex: string, at: number) => ({
        market: 'BTC-USD-PERP',
        funding_index: fundingIndex,
        funding_premium: '0.849',
        funding_rate: rate,
        funding_rate_8h: rate,
        funding_period_hours: 8,
        created_at: at,
      })
      const { index: paid, at } = funding ?? { index: '1204.5', at: Number(to) - 2_000 }
      const rows = [row('1203.5', at - 60_000), row(paid, at)]
      return {
        body: {
          next: null,
          prev: null,
          results: rows.filter(
            ({ created_at: made }) => isOurs && made >= Number(from) && made <= Number(to),
          ),
        },
      }
    }
    case '/insurance':
      return { body: { account_value: '1250000.75', updated_at: 1_793_829_600_000 } }
    case '/system/state':
      return { body: { status: 'ok' } }
    default:
      return nothing
  }
}

export const dydx: Answers = ({ path, query }, { index, rate }) => {
  if (path !== '/v4/perpetualMarkets') return nothing
  if (query.get('ticker') !== 'BTC-USD')
    return {
      status: 400,
      body: { errors: [{ msg: 'ticker must be a valid ticker (BTC-USD, etc)', param: 'ticker' }] },
    }
  const market = {
    clobPairId: '0',
    ticker: 'BTC-USD',
    status: 'ACTIVE',
    oraclePrice: index,
    nextFundingRate: rate,
    initialMarginFraction: '0.02',
    maintenanceMarginFraction: '0.012',
    openInterest: '501.3',
    atomicResolution: -10,
    marketType: 'CROSS',
  }
  return { body: { markets: { 'BTC-USD': market } } }
}

export const hyperliquid: Answers = ({ path, method, body }, { mark, index, rate }) => {
  if (path !== '/info' || method !== 'POST') return nothing
  const { type } = JSON.parse(body) as { readonly type: string }
  if (type === 'exchangeStatus') return { body: { time: 1_793_829_600_123, specialStatuses: null } }
  const ctx = {
    funding: rate,
    openInterest: '688.11',
    prevDayPx: '42000.0',
    dayNtlVlm: '1169046.29',
    premium: '0.00031774',
    oraclePx: index,
    markPx: mark,
    midPx: null,
    impactPxs: null,
  }
  return {
    body: [
      {
        universe: [
          { name: 'OLD', szDecimals: 1, maxLeverage: 3, isDelisted: true },
          { name: 'BTC', szDecimals: 5, maxLeverage: 50 },
        ],
      },
      [{ ...ctx, markPx: '1', oraclePx: '1' }, ctx],
    ],
  }
}
