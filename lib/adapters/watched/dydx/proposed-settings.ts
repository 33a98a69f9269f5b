import * as z from 'zod/mini'

import { type Content, type DydxSettings, type NamedMarket, settingName } from './dydx-settings.ts'
import type { ProposedMessage } from './proposal-messages.ts'
import { wordsOf } from './words-of.ts'

/** What a message changes of what matters to a keeper, and the settings as it says they are to be. */
export type Proposed = {
  readonly touches: readonly string[]
  readonly announces: Readonly<Record<string, string>>
}

/** `known` is undefined where nobody could tell how the chain is configured: then only kinds of settings are named. */
export function proposed(
  { type, content }: ProposedMessage,
  known: DydxSettings | undefined,
): Proposed {
  const rule = rules[type]
  if (rule) return rule(content, known)
  const [, module] = /^\/dydxprotocol\.(\w+)\./.exec(type) ?? []
  return { touches: module === undefined ? [] : [module], announces: {} }
}

type Rule = (content: Content, known: DydxSettings | undefined) => Proposed

const only =
  (...touches: readonly string[]): Rule =>
  () => ({ touches, announces: {} })

const Numbered = z.looseObject({ id: z.int() })
const Named = z.looseObject({ id: z.int(), ticker: z.string() })
const Priced = z.looseObject({ id: z.int(), pair: z.string() })
const Sent = z.object({ sender_module_name: z.string() })

/** Messages whose types are known; the chain's own module names stand for the others. */
const rules: Readonly<Record<string, Rule>> = {
  '/dydxprotocol.prices.MsgCreateOracleMarket': ({ params }) => {
    const read = Priced.safeParse(params)
    return touching('oracle', ...(read.success ? [`market:${read.data.pair}`] : []))
  },
  '/dydxprotocol.prices.MsgUpdateMarketParam': ({ market_param: next }, known) => {
    const read = Priced.safeParse(next)
    if (!read.success) return touching('oracle')
    const market = known?.markets.find(({ priceId }) => priceId === read.data.id)
    return {
      touches: ['oracle', `market:${market?.ticker ?? read.data.pair}`],
      // Exponents and exchanges have been the market map's since v8: what is said of them here has no effect.
      announces: announced(known, market && settingName.price(market.ticker), read.data, [
        'pair',
        'min_price_change_ppm',
      ]),
    }
  },
  '/dydxprotocol.perpetuals.MsgCreatePerpetual': ({ params }) => {
    const read = Named.safeParse(params)
    return touching('margin', ...(read.success ? [`market:${read.data.ticker}`] : []))
  },
  '/dydxprotocol.perpetuals.MsgUpdatePerpetualParams': ({ perpetual_params: next }, known) => {
    const read = Named.safeParse(next)
    if (!read.success) return touching('margin', 'funding')
    const market = known?.markets.find(({ perpetualId }) => perpetualId === read.data.id)
    return {
      touches: ['margin', 'funding', `market:${market?.ticker ?? read.data.ticker}`],
      // Its resolution and whether it is isolated stay as they are.
      announces: announced(known, market && settingName.perpetual(market.ticker), read.data, [
        'ticker',
        'market_id',
        'default_funding_ppm',
        'liquidity_tier',
      ]),
    }
  },
  '/dydxprotocol.perpetuals.MsgSetLiquidityTier': ({ liquidity_tier: next }, known) => {
    const read = Numbered.safeParse(next)
    if (!read.success) return touching('margin', 'liquidation')
    const { id } = read.data
    const markets = known?.markets.filter(({ tier }) => tier === id) ?? []
    return {
      touches: ['margin', 'liquidation', ...markets.map(marketOf)],
      announces: announced(known, settingName.tier(id), read.data, [
        'name',
        'initial_margin_ppm',
        'maintenance_fraction_ppm',
        'impact_notional',
        'open_interest_lower_cap',
        'open_interest_upper_cap',
      ]),
    }
  },
  '/dydxprotocol.perpetuals.MsgUpdateParams': ({ params }, known) => ({
    touches: ['funding'],
    announces: announced(known, settingName.funding, params),
  }),
  '/dydxprotocol.clob.MsgCreateClobPair': only('orders'),
  '/dydxprotocol.clob.MsgUpdateClobPair': ({ clob_pair: next }, known) => {
    const read = Numbered.safeParse(next)
    const market =
      read.success && known?.markets.find(({ clobPairId }) => clobPairId === read.data.id)
    if (!market) return touching('orders')
    return {
      touches: ['orders', marketOf(market)],
      announces: announced(known, settingName.orders(market.ticker), read.data),
    }
  },
  '/dydxprotocol.clob.MsgUpdateLiquidationsConfig': ({ liquidations_config: next }, known) => ({
    touches: ['liquidation'],
    announces: announced(known, settingName.liquidations, next),
  }),
  '/dydxprotocol.clob.MsgUpdateBlockRateLimitConfiguration': only('orders'),
  '/dydxprotocol.clob.MsgUpdateEquityTierLimitConfiguration': only('orders'),
  '/dydxprotocol.blocktime.MsgUpdateDowntimeParams': ({ params }, known) => ({
    touches: ['withdrawals'],
    announces: announced(known, settingName.downtime, params),
  }),
  '/dydxprotocol.blocktime.MsgUpdateSynchronyParams': only('blocks'),
  '/dydxprotocol.ratelimit.MsgSetLimitParams': only('withdrawals'),
  '/dydxprotocol.sending.MsgSendFromModuleToAccount': (content) => {
    const read = Sent.safeParse(content)
    const isFund = read.success && read.data.sender_module_name.startsWith('insurance_fund')
    return touching(...(isFund ? ['insurance-fund'] : []))
  },
  '/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade': only('chain'),
  '/cosmos.upgrade.v1beta1.MsgCancelUpgrade': only('chain'),
  '/cosmos.consensus.v1.MsgUpdateParams': only('blocks'),
  '/connect.marketmap.v2.MsgUpdateMarkets': only('oracle'),
  '/connect.marketmap.v2.MsgUpsertMarkets': only('oracle'),
  '/connect.marketmap.v2.MsgRemoveMarkets': only('oracle'),
  '/slinky.marketmap.v1.MsgUpdateMarkets': only('oracle'),
  '/slinky.marketmap.v1.MsgUpsertMarkets': only('oracle'),
  '/slinky.marketmap.v1.MsgRemoveMarkets': only('oracle'),
}

function touching(...touches: readonly string[]): Proposed {
  return { touches, announces: {} }
}

function marketOf({ ticker }: NamedMarket): string {
  return `market:${ticker}`
}

/** Of a setting that is read here; of its content only `fields` change, where they are given. */
function announced(
  known: DydxSettings | undefined,
  name: string | undefined,
  next: unknown,
  fields?: readonly string[],
): Readonly<Record<string, string>> {
  const now = name === undefined || !known ? undefined : own(known.contents, name)
  if (name === undefined || !now || typeof next !== 'object' || next === null) return {}
  const given = Object.entries(next).filter(([field]) => !fields || fields.includes(field))
  return { [name]: wordsOf({ ...(fields ? now : {}), ...Object.fromEntries(given) }) }
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
