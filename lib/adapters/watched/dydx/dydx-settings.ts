import * as z from 'zod/mini'

import { blockNumber } from './cosmos-block.ts'
import { wordsOf } from './words-of.ts'

/** Asks the chain as it was in one block. */
export type ChainState = <T>(path: string, schema: z.ZodMiniType<T>) => Promise<T>

/** A message of the chain, field by field. */
export type Content = Readonly<Record<string, unknown>>

/** How the markets are configured that are watched, and what is configured for all of them. */
export type DydxSettings = {
  readonly markets: readonly NamedMarket[]
  /** By name of a setting. */
  readonly contents: Readonly<Record<string, Content>>
  /** The same in words, and when the chain's last gaps were. */
  readonly settings: Readonly<Record<string, string>>
}

export type NamedMarket = {
  readonly ticker: string
  readonly perpetualId: number
  readonly priceId: number
  readonly clobPairId: number
  readonly tier: number
  /** Whether its collateral is its own. */
  readonly isIsolated: boolean
  /** As the chain writes it; absent where it does not. */
  readonly fundingIndex: string | undefined
}

/** How settings are called, here and where a proposal announces them. */
export const settingName = {
  perpetual: (ticker: string) => `perpetual:${ticker}`,
  orders: (ticker: string) => `orders:${ticker}`,
  price: (ticker: string) => `price:${ticker}`,
  tier: (id: number) => `liquidity-tier:${id}`,
  funding: 'funding',
  liquidations: 'liquidations',
  downtime: 'downtime',
} as const

/** Throws what `state` throws, and `NoSuchMarketError`. */
export async function dydxSettings(
  state: ChainState,
  tickers: readonly string[],
): Promise<DydxSettings> {
  const [found, general, gaps] = await Promise.all([
    namedMarkets(state, tickers),
    generalContents(state),
    state('/dydxprotocol/v4/blocktime/all_downtime_info', Downtimes),
  ])
  const contents = Object.assign({}, ...found.map((one) => one.contents), general) as Readonly<
    Record<string, Content>
  >
  return {
    markets: found.map(({ market }) => market),
    contents,
    settings: {
      ...Object.fromEntries(
        Object.entries(contents).map(([name, content]) => [name, wordsOf(content)]),
      ),
      ...Object.fromEntries(
        gaps.info.infos.map(({ duration, block_info: { height, timestamp } }) => [
          `last-gap:${duration}`,
          height === 0 ? 'none' : `until block ${height} at ${timestamp}`,
        ]),
      ),
    },
  }
}

const Any = z.record(z.string(), z.unknown())
const PerpetualParams = z.looseObject({
  id: z.int(),
  ticker: z.string(),
  market_id: z.int(),
  liquidity_tier: z.int(),
  market_type: z.optional(z.string()),
})
const Perpetuals = z.object({
  perpetual: z.array(z.object({ params: PerpetualParams, funding_index: z.optional(z.string()) })),
})
const ClobPairs = z.object({
  clob_pair: z.array(
    z.looseObject({
      id: z.int(),
      perpetual_clob_metadata: z.optional(z.object({ perpetual_id: z.int() })),
    }),
  ),
})
const Tiers = z.object({ liquidity_tiers: z.array(z.looseObject({ id: z.int() })) })
const Price = z.object({ market_param: Any })
const Downtimes = z.object({
  info: z.object({
    infos: z.array(
      z.object({
        duration: z.string(),
        block_info: z.object({
          // A uint32, which is a number in JSON; as text it would mean the same.
          height: z.union([z.int(), blockNumber]),
          timestamp: z.string(),
        }),
      }),
    ),
  }),
})

/** There are a few hundred markets. */
const everything = '?pagination.limit=2000'

async function namedMarkets(state: ChainState, tickers: readonly string[]) {
  const [{ perpetual }, { clob_pair: pairs }, { liquidity_tiers: tiers }] = await Promise.all([
    state(`/dydxprotocol/perpetuals/perpetual${everything}`, Perpetuals),
    state(`/dydxprotocol/clob/clob_pair${everything}`, ClobPairs),
    state(`/dydxprotocol/perpetuals/liquidity_tiers${everything}`, Tiers),
  ])
  return Promise.all(
    tickers.map(async (ticker) => {
      const found = perpetual.find((one) => one.params.ticker === ticker)
      const params = found?.params
      const pair = pairs.find(
        ({ perpetual_clob_metadata: of }) => of !== undefined && of.perpetual_id === params?.id,
      )
      const tier = tiers.find(({ id }) => id === params?.liquidity_tier)
      if (!params || !pair || !tier) throw new NoSuchMarketError(ticker)
      const path = `/dydxprotocol/prices/params/market/${params.market_id}`
      const { market_param: price } = await state(path, Price)
      const market: NamedMarket = {
        ticker,
        perpetualId: params.id,
        priceId: params.market_id,
        clobPairId: pair.id,
        tier: tier.id,
        isIsolated: params.market_type === 'PERPETUAL_MARKET_TYPE_ISOLATED',
        fundingIndex: found?.funding_index,
      }
      const contents: Readonly<Record<string, Content>> = {
        [settingName.perpetual(ticker)]: params,
        [settingName.orders(ticker)]: pair,
        [settingName.price(ticker)]: price,
        [settingName.tier(tier.id)]: tier,
      }
      return { market, contents }
    }),
  )
}

async function generalContents(state: ChainState): Promise<Readonly<Record<string, Content>>> {
  const [funding, liquidations, downtime] = await Promise.all([
    state('/dydxprotocol/perpetuals/params', z.object({ params: Any })),
    state('/dydxprotocol/clob/liquidations_config', z.object({ liquidations_config: Any })),
    state('/dydxprotocol/v4/blocktime/downtime_params', z.object({ params: Any })),
  ])
  return {
    [settingName.funding]: funding.params,
    [settingName.liquidations]: liquidations.liquidations_config,
    [settingName.downtime]: downtime.params,
  }
}

/** The chain has no whole market of that name. */
export class NoSuchMarketError extends Error {
  override readonly name = 'NoSuchMarketError'

  constructor(ticker: string) {
    super(`the chain has no market ${ticker} with its orders and its liquidity tier`)
  }
}
