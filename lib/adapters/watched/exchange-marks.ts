import type { LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import { type Glance, type Seen, watchedAtOnce } from './look.ts'
import { dydxV4Marks } from './marks/dydx-v4-marks.ts'
import { extendedMarks } from './marks/extended-marks.ts'
import { hyperliquidMarks } from './marks/hyperliquid-marks.ts'
import { paradexMarks } from './marks/paradex-marks.ts'
import type { MarksExchange, Published, PublishedIndex } from './marks/published-marks.ts'
import { restPlace } from './rest-place.ts'

export type ExchangeMarksOptions = {
  readonly name: string
  readonly exchange: 'extended' | 'paradex' | 'dydx-v4' | 'hyperliquid'
  /** Where it is not asked at its usual address. */
  readonly baseUrl?: string | undefined
  /** Its own name of a market, by ours. */
  readonly markets: Readonly<Record<string, string>>
  readonly clock: Clock
  /** How long each answer is waited for. */
  readonly timeoutMs?: number
  /** Ends all questions with the process. */
  readonly cutOff?: AbortSignal | undefined
}

const exchanges: Readonly<Record<ExchangeMarksOptions['exchange'], MarksExchange>> = {
  extended: extendedMarks,
  paradex: paradexMarks,
  'dydx-v4': dydxV4Marks,
  hyperliquid: hyperliquidMarks,
}

/** What an exchange publishes of its markets, to be held against ours. It has no chain and no settlement that could be seen here. */
export function exchangeMarksWatch(options: ExchangeMarksOptions): WatchedSystem {
  return { ...watchedAtOnce(options, glancesOf), exchange: options.exchange }
}

function glancesOf(
  { exchange: name, baseUrl, markets, clock, timeoutMs, cutOff }: ExchangeMarksOptions,
  _: LookedBefore,
  signal: AbortSignal,
): readonly Glance[] {
  const exchange = exchanges[name]
  const rest = restPlace({
    url: baseUrl ?? exchange.usualUrl,
    cutOff,
    ...(timeoutMs !== undefined && { timeoutMs }),
  })(signal)
  const theirs = [...new Set(Object.values(markets))]
  return [
    {
      parts: ['marks', 'settings'],
      see: async () => ours(markets, await exchange.published(rest, theirs)),
    },
    ...(exchange.state
      ? [{ parts: ['settings'] as const, see: async () => stateOf(exchange, rest) }]
      : []),
    ...(exchange.fundingIndex
      ? Object.entries(markets).map(([own, their]): Glance => ({
          parts: [`level:funding-index:${own}`],
          see: async () => indexOf(own, await exchange.fundingIndex?.(rest, their, clock.now())),
        }))
      : []),
    ...(exchange.insuranceFund
      ? [
          {
            parts: ['level:insurance-fund'] as const,
            see: async () => fundOf(await exchange.insuranceFund?.(rest)),
          },
        ]
      : []),
  ]
}

/** By our names. */
function ours(names: ExchangeMarksOptions['markets'], { marks, markets }: Published): Seen {
  const named = Object.entries(names)
  return {
    marks: named.flatMap(([own, their]) =>
      marks.filter(({ market }) => market === their).map((mark) => ({ ...mark, market: own })),
    ),
    settings: Object.fromEntries(
      named.flatMap(([own, their]) => {
        const words = Object.hasOwn(markets, their) ? markets[their] : undefined
        return words === undefined ? [] : [[`market:${own}`, words] as const]
      }),
    ),
  }
}

async function stateOf(
  exchange: MarksExchange,
  rest: Parameters<MarksExchange['published']>[0],
): Promise<Seen> {
  const state = await exchange.state?.(rest)
  return state === undefined ? {} : { settings: { exchange: state } }
}

function indexOf(market: string, index: PublishedIndex | undefined): Seen {
  if (!index) return {}
  const { value, writtenAt, mostPerHour } = index
  return {
    levels: [
      {
        name: `funding-index:${market}`,
        value: Number(value),
        unit: 'USD',
        writtenAt,
        ...(mostPerHour !== undefined && { mostPerHour: Number(mostPerHour) }),
      },
    ],
  }
}

function fundOf(value: string | undefined): Seen {
  if (value === undefined) return {}
  return { levels: [{ name: 'insurance-fund', value: Number(value), unit: 'USD', pays: true }] }
}
