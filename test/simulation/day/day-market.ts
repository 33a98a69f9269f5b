import { Decimal } from '../../../lib/domain/decimal.ts'
import type { AggregationRules, Feeds, Source } from '../../../lib/domain/feed.ts'
import { type Instrument, instrumentName, parseInstrument } from '../../../lib/domain/instrument.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import type { Quote } from '../../../lib/domain/quote.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { QuoteSource, VenueFailure } from '../../../lib/ports.ts'
import type { Process } from '../calls.ts'
import { markets } from '../markets.ts'
import { mixed } from '../plan.ts'
import { slotSeconds } from './day-plan.ts'

const rules: AggregationRules = {
  maxQuoteAgeMs: 10_000,
  maxTradeAgeMs: 60_000,
  frozenAfterMs: 60_000,
  frozenMoveBps: 10,
  maxSpreadBps: 100,
  floorBps: 30,
  hardBandBps: 100,
  pairBandBps: 50,
  maxDispersionBps: 60,
  maxJumpBps: 100,
  minDirectUsd: 1,
  minFamilies: 2,
}

export const listed = markets.slice(0, 2)

const usdVenues = ['ana', 'bob', 'cid']
const usdtVenues = ['dan', 'eve', 'fay']

/** Each market at six venues, three of them against USDT, which has a price of its own. */
export const dayFeeds: Feeds = {
  markets: listed.map((feed) => {
    const [base] = feed.split('-')
    const at = (quote: string) => parseInstrument(`${base}-${quote}`)
    const sources = [
      ...usdVenues.map((venue): Source => ({ venue, instrument: at('USD') })),
      ...usdtVenues.map((venue): Source => ({ venue, instrument: at('USDT') })),
    ]
    return { feed, sources, minSources: 3, rules }
  }),
  legs: {
    USDT: {
      feed: parseMarket('USDT-USD'),
      sources: usdVenues.map((venue) => ({ venue, instrument: parseInstrument('USDT-USD') })),
      minSources: 2,
      rules: { ...rules, minDirectUsd: 0 },
      warnBandBps: 100,
      haltBelow: new Decimal('0.95'),
    },
  },
  families: {},
}

export const dayHashes: Readonly<Record<string, `0x${string}`>> = Object.fromEntries(
  listed.map((feed) => [feed, '0x01']),
)

/** A trouble lasts five minutes, and comes to so many thousandths of them. */
const windowSlots = 60
const permille = { down: 40, frozen: 30, lie: 30, suspended: 20, jump: 60, depeg: 20, silent: 10 }

type Trouble = keyof typeof permille

export type DayMarket = {
  /** The venues as a node asks them through a process. */
  quotesFor(node: string, process: Process): QuoteSource
  /** What a node signs in that round nobody believes. */
  isForged(node: string, round: number): boolean
}

/** Prices that wander, and venues each of which has troubles of its own. The seed decides everything. */
export function dayMarket(seed: number): DayMarket {
  function isIll(trouble: Trouble, whom: string, slot: number): boolean {
    const window = Math.floor(slot / windowSlots)
    const name = mixed(seed, numberOf(`${trouble} ${whom}`))
    return mixed(name, window) % 1_000 < permille[trouble]
  }

  /** In hundredths: a slow and a fast wave, and some noise that every venue has for itself. */
  function priceOf(instrument: Instrument, venue: string, slot: number): Decimal {
    const name = instrumentName(instrument)
    const [base = '', quote = ''] = name.split('-')
    if (base === 'USDT') {
      const cents = isIll('depeg', 'USDT', slot) ? 9_300 : 10_000
      return new Decimal(cents + (mixed(seed, slot) % 5)).div(10_000)
    }
    const start = base === 'BTC' ? 9_000_000 : 300_000
    const phase = numberOf(base) % 700
    const wave = triangle(slot + phase, 700) * 30 + triangle(slot + phase, 37) * 3
    const noise = (mixed(numberOf(`${venue} ${name}`), slot) % 9) - 4
    const moved = start + Math.round((start * (wave * 10 + noise)) / 1_000_000)
    const jumped =
      isIll('jump', base, slot) && slot % windowSlots >= 50 ? (moved * 1_045) / 1_000 : moved
    const lied = isIll('lie', venue, slot) ? jumped * 1.03 : jumped
    const cents = new Decimal(Math.round(lied))
    const peg = quote === 'USDT' && isIll('depeg', 'USDT', slot) ? cents.div('0.93') : cents
    return peg.div(100).toDecimalPlaces(2)
  }

  function quoteOf({ venue, instrument }: Source, now: number): Quote {
    const slot = Math.floor(now / (slotSeconds * 1_000))
    const isFrozen = isIll('frozen', venue, slot)
    const at = isFrozen ? Math.floor(slot / windowSlots) * windowSlots : slot
    const price = priceOf(instrument, venue, at)
    const venueTime = isFrozen ? at * slotSeconds * 1_000 : now - 200
    return {
      venue,
      instrument: instrumentName(instrument),
      bid: price,
      ask: price,
      last: price,
      timeKind: 'quote',
      venueTime: timestamp(venueTime),
      receivedAt: timestamp(now),
      answeredAt: undefined,
      suspended: isIll('suspended', venue, slot),
    }
  }

  return {
    quotesFor: (node, { call, now }) => ({
      latest: (wanted) =>
        call({
          kind: 'node',
          name: `quotes for ${node}`,
          to: 'venues',
          act() {
            const slot = Math.floor(now() / (slotSeconds * 1_000))
            const isUp = ({ venue }: Source): boolean =>
              !isIll('down', venue, slot) && !isIll('silent', node, slot)
            const down = [...new Set(wanted.filter((one) => !isUp(one)).map(({ venue }) => venue))]
            return {
              quotes: wanted.filter(isUp).map((source) => quoteOf(source, now())),
              failures: down.map((venue): VenueFailure => ({
                venue,
                why: 'timeout',
                detail: 'no answer in time',
                instruments: [],
              })),
            }
          },
        }),
    }),
    isForged: (node, round) => node === 'n1' && isIll('silent', 'keys', round),
  }
}

/** Between -100 and 100, there and back once in `period`. */
function triangle(at: number, period: number): number {
  const part = ((at % period) + period) % period
  const half = period / 2
  return Math.round(part < half ? (part / half) * 200 - 100 : 300 - (part / half) * 200)
}

function numberOf(text: string): number {
  return Buffer.from(text).reduce((hash, letter) => Math.imul(hash, 31) + letter, 7) >>> 0
}
