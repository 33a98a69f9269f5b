import { type Conversion, type Conversions, conversionFor } from './conversion.ts'
import type { Decimal } from './decimal.ts'
import type { AggregationRules, Feed, Feeds } from './feed.ts'
import { instrumentName } from './instrument.ts'
import { sourceKey } from './memory-keys.ts'

/** What each step of a feed's price goes by, beside the quotes, the memory, the time and what the step before came to. */
export type FeedKeys = {
  /** Which feed it is. */
  readonly feed: string
  /** What its sources say in USD. */
  readonly said: string
  /** Which of them are young enough. */
  readonly aged: string
  /** Which of them are not frozen, and their median. */
  readonly live: string
  /** Which of those agree. */
  readonly judged: string
  /** What comes of it. */
  readonly outcome: string
}

type Step = Exclude<keyof FeedKeys, 'feed'>

type Priced = {
  readonly feed: Feed
  readonly haltBelow: Decimal | undefined
  readonly families: Feeds['families']
  readonly conversions: Conversions
}

/** In which step each rule counts first. */
const steps: { readonly [Rule in keyof AggregationRules]: Step } = {
  maxSpreadBps: 'said',
  maxQuoteAgeMs: 'aged',
  maxTradeAgeMs: 'aged',
  frozenAfterMs: 'live',
  frozenMoveBps: 'live',
  floorBps: 'judged',
  hardBandBps: 'judged',
  // It says of two whether they agree, and of two that do not why there is no price.
  pairBandBps: 'judged',
  maxDispersionBps: 'outcome',
  maxJumpBps: 'outcome',
  minDirectUsd: 'outcome',
  minFamilies: 'outcome',
}

export function feedKeys({ feed, haltBelow, families, conversions }: Priced): FeedKeys {
  const own = partsOf(feed)
  return {
    feed: `${haltBelow ? 'leg' : 'market'} ${feed.feed}`,
    said: `${own.said} ${ratesOf(own.currencies, conversions)}`,
    aged: own.aged,
    live: own.live,
    judged: own.judged,
    outcome: `${own.outcome} ${haltBelow?.valueOf() ?? ''} ${familiesText(families)}`,
  }
}

type Parts = Readonly<Record<Step, string>> & { readonly currencies: readonly string[] }

/** Feeds never change, and are priced in every slot. */
const known = new WeakMap<Feed, Parts>()

function partsOf(feed: Feed): Parts {
  const before = known.get(feed)
  if (before) return before
  const rulesIn = (step: Step): string =>
    Object.entries(steps)
      .filter(([, one]) => one === step)
      .map(([rule]) => feed.rules[rule as keyof AggregationRules])
      .join(' ')
  const sources = feed.sources.map(({ venue, instrument }) =>
    sourceKey(venue, instrumentName(instrument)),
  )
  const parts = {
    said: nameOf(`${JSON.stringify(sources)} ${rulesIn('said')}`),
    aged: rulesIn('aged'),
    live: rulesIn('live'),
    judged: rulesIn('judged'),
    outcome: `${feed.minSources} ${rulesIn('outcome')}`,
    currencies: [...new Set(feed.sources.map(({ instrument }) => instrument.quote))],
  }
  known.set(feed, parts)
  return parts
}

const names = new Map<string, string>()

/** A short name for a long text, the same for equal ones; there are as many as this process ever saw other sources or rules. */
function nameOf(text: string): string {
  const before = names.get(text)
  if (before !== undefined) return before
  const name = String(names.size)
  names.set(text, name)
  return name
}

const familiesKnown = new WeakMap<Feeds['families'], string>()

function familiesText(families: Feeds['families']): string {
  const before = familiesKnown.get(families)
  if (before !== undefined) return before
  const text = nameOf(JSON.stringify(families))
  familiesKnown.set(families, text)
  return text
}

/** What each currency is converted at. */
function ratesOf(currencies: readonly string[], conversions: Conversions): string {
  return currencies.map((currency) => `${currency} ${rateText(currency, conversions)}`).join(' ')
}

/** What one currency is converted at; empty for USD. */
function rateText(currency: string, conversions: Conversions): string {
  const conversion = conversionFor(currency, conversions)
  return conversion ? conversionText(conversion) : ''
}

const textsKnown = new WeakMap<Conversion, string>()

/** A conversion as a part of a key. */
function conversionText(conversion: Conversion): string {
  const before = textsKnown.get(conversion)
  if (before !== undefined) return before
  const text =
    conversion.kind === 'none'
      ? `none ${JSON.stringify(conversion.detail)}`
      : `${conversion.price.valueOf()} ${conversion.oldestInputAt}`
  textsKnown.set(conversion, text)
  return text
}
