import { fetchQuotes } from '../../../lib/adapters/venues/fetch-quotes.ts'
import { venues } from '../../../lib/adapters/venues/index.ts'
import { priceRound } from '../../../lib/domain/aggregate-round.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseInstrument } from '../../../lib/domain/instrument.ts'
import type { Quote } from '../../../lib/domain/quote.ts'
import type { QuoteSource, VenueFailure } from '../../../lib/ports.ts'
import { aFeed, aLeg, aQuote, outcomeOf, theFeeds } from '../../domain/quotes.ts'
import { seeded } from '../../keepers/lane/workers.ts'
import {
  type Delivery,
  hostileServer,
  honestly,
  someBreak,
  someDelivery,
  someFlood,
} from './hostile-server.ts'
import { independentReading, type Said } from './independent-reading.ts'
import { oneOf } from './mutations.ts'
import { type Became, type HostileBody, hostileBody, wrongQuotes, wrongWords } from './one-body.ts'
import { now, type Sample, samples } from './samples.ts'
import { type Random, validAnswer } from './valid-answers.ts'

/** One venue's answer in a round, and what became of it. */
export type Delivered = { readonly hostile: boolean; readonly kind: string } & Became

export type Rounds = {
  /** A round of seven venues, all of whose answers follow from the seed. */
  play(seed: number): Promise<{
    readonly delivered: readonly Delivered[]
    readonly wrong: string | undefined
  }>
  close(): Promise<void>
}

/** As in production. */
const maxBytes = 10_000_000

type Sent = HostileBody & { readonly hostile: boolean; readonly delivery: Delivery }

/** Plays rounds over a socket: from the venues' answers, through the real HTTP client, to a feed's price. */
export async function hostileRounds(): Promise<Rounds> {
  let sent: readonly Sent[] = []
  const server = await hostileServer((venue, response) => {
    const one = sent.find(({ sample }) => sample.venue.name === venue)
    if (one) one.delivery.send(response, one.body)
    else response.writeHead(404).end()
  })
  const at = venues.map((venue) => ({ venue, baseUrl: `${server.url}/${venue.name}` }))
  return {
    async play(seed) {
      sent = someAnswers(seeded(seed))
      const clock = { now: () => now, sleep: () => Promise.resolve() }
      // Its own for each round: a venue that says it is asked too often would be silent in the next.
      const source = fetchQuotes({
        venues: at,
        clock,
        deadlineMs: 8_000,
        maxBytes,
        userAgent: 'fuzz',
      })
      const wanted = sent.map(({ sample: { venue, instrument } }) => ({
        venue: venue.name,
        instrument: parseInstrument(instrument),
      }))
      const brought = await source.latest(wanted)
      const delivered = sent.map((one) => becameOf(one, brought))
      const wrong = delivered.find((one) => one.wrong !== undefined)?.wrong
      return { delivered, wrong: wrong ?? wrongPrice(sent, brought.quotes) }
    },
    close: () => server.close(),
  }
}

/** Seven venues of the twenty. Mostly three are hostile, fewer than half; else all are. */
function someAnswers(random: Random): readonly Sent[] {
  const all = [...samples]
  const chosen: Sample[] = []
  while (chosen.length < 7) {
    const sample = oneOf(random, all)
    chosen.push(sample)
    all.splice(0, all.length, ...all.filter(({ venue }) => venue.name !== sample.venue.name))
  }
  const hostile = random.chance(0.75) ? 3 : chosen.length
  return chosen.map((sample, index) =>
    index < hostile ? hostileAnswer(sample, random) : honest(sample, random),
  )
}

function honest(sample: Sample, random: Random): Sent {
  const body = validAnswer(sample, random)
  return { sample, body, kind: 'honest', harmless: true, hostile: false, delivery: honestly }
}

function hostileAnswer(sample: Sample, random: Random): Sent {
  if (random.chance(0.2)) return { ...liar(sample, random), hostile: true, delivery: honestly }
  const delivery = someTrouble(random)
  const body = hostileBody(sample, random)
  return { ...body, harmless: body.harmless && delivery.whole, hostile: true, delivery }
}

function someTrouble(random: Random): Delivery {
  if (random.chance(0.02)) return someFlood(random)
  return random.chance(0.02) ? someBreak(random) : someDelivery(random)
}

/** A valid answer with prices of another world. */
function liar(sample: Sample, random: Random): HostileBody {
  const factor = oneOf(random, ['0.000001', '0.2', '0.5', '0.97', '1.03', '2', '4', '1000000'])
  const body = validAnswer(sample, random).replaceAll(/\b6\d{4}(\.\d+)?\b/g, (price) =>
    new Decimal(price).mul(factor).toFixed(),
  )
  return { sample, kind: 'a liar', harmless: false, body }
}

function becameOf(
  { sample, body, kind, harmless, hostile, delivery }: Sent,
  brought: Awaited<ReturnType<QuoteSource['latest']>>,
): Delivered {
  const { name } = sample.venue
  const quotes = brought.quotes.filter(({ venue }) => venue === name)
  const failures = brought.failures.filter(({ venue }) => venue === name)
  const about = {
    hostile,
    kind: hostile && kind !== 'a liar' ? `over HTTP, ${delivery.kind}` : `over HTTP, ${kind}`,
  }
  const [quote] = quotes
  if (quote === undefined) {
    const wrong = wrongFailures({ sample, delivery }, failures)
    const unread = harmless
      ? `${name}: no quote of a valid answer: ${failures[0]?.detail}`
      : undefined
    return { ...about, outcome: 'refused', wrong: unread ?? wrong }
  }
  const wrong =
    (failures.length > 0 ? 'both a quote and a failure' : undefined) ??
    (delivery.whole ? undefined : 'a quote was made of what did not come whole') ??
    (quote.answeredAt === delivery.answeredAt ? undefined : `answered at ${quote.answeredAt}`) ??
    wrongQuotes(sample, arrived(body), quotes)
  return { ...about, outcome: 'read as it says', wrong: wrong && `${name}: ${wrong}` }
}

/** The text after the wire: UTF-8, of which a mark at the beginning is no part. */
function arrived(body: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(body))
}

const reasons: readonly VenueFailure['why'][] = [
  ...(['timeout', 'network', 'http', 'rate-limited', 'region', 'unreadable', 'too-large'] as const),
]

function wrongFailures(
  { sample, delivery }: Pick<Sent, 'sample' | 'delivery'>,
  failures: readonly VenueFailure[],
): string | undefined {
  const [failure, ...others] = failures
  if (!failure || others.length > 0) return `${sample.venue.name} failed ${failures.length} times`
  if (!reasons.includes(failure.why)) return `it failed by ${failure.why}`
  if (delivery.why !== undefined && failure.why !== delivery.why)
    return `${delivery.kind} failed by ${failure.why}: ${failure.detail}`
  if (failure.detail.includes('cannot be read')) return `a parser failed: ${failure.detail}`
  if (failure.instruments.join() !== sample.instrument) return 'the failure names other instruments'
  return wrongWords(sample, failure.detail, failure.venue)
}

/** What nothing that is sent honestly can be outside of. */
const honestRange = [new Decimal(63_980), new Decimal(64_010)] as const
const lastAccepted = '64000'

/** Whether a price came of what is outside the gates, or of a minority that is hostile. */
function wrongPrice(sent: readonly Sent[], quotes: readonly Quote[]): string | undefined {
  const feed = aFeed(sent.map(({ sample }) => `${sample.venue.name}:${sample.instrument}`))
  const legs = ['l1', 'l2', 'l3'].map((venue) =>
    aQuote(`${venue}:USDT-USD`, '1', { venueTime: now, receivedAt: now }),
  )
  const round = priceRound({
    round: 1,
    feeds: theFeeds(feed, { legs: { USDT: aLeg() } }),
    quotes: [...quotes, ...legs],
    memory: {
      tuples: {},
      accepted: { 'BTC-USD': { price: lastAccepted, at: now - 1_000 } },
      held: {},
    },
    now,
  })
  const outcome = outcomeOf(round)
  if (outcome.kind !== 'price') return undefined
  const { price } = outcome
  const inside = sent.flatMap(countable)
  const [low, high] = [inside.map(([least]) => least), inside.map(([, most]) => most)]
  if (inside.length < feed.minSources) return `${price.toFixed()} came of ${inside.length} sources`
  if (price.lt(Decimal.min(...low)) || price.gt(Decimal.max(...high)))
    return `${price.toFixed()} is not between what was said inside the gates`
  const fewHostile = sent.filter(({ hostile }) => hostile).length * 2 < sent.length
  if (fewHostile && (price.lt(honestRange[0]) || price.gt(honestRange[1])))
    return `three liars of seven made the price ${price.toFixed()}`
  return undefined
}

/** The least and the most that an answer says, where all of it is inside the gates. */
function countable({ sample, body, delivery }: Sent): readonly (readonly [Decimal, Decimal])[] {
  const said = delivery.whole ? independentReading(sample, arrived(body)) : undefined
  if (!said || said.suspended || !isOfNow(sample, said.time ?? delivery.answeredAt ?? now))
    return []
  const prices = countedPrices(said).map((text) => new Decimal(text))
  if (prices.length === 0) return []
  const [least, most] = [Decimal.min(...prices), Decimal.max(...prices)]
  const isSane = least.mul(3).gte(lastAccepted) && least.lte(new Decimal(lastAccepted).mul(3))
  return isSane ? [[least, most]] : []
}

/** Of a whole book bid and ask, between which the price lies; else the trade. */
function countedPrices({ bid, ask, last }: Said): readonly string[] {
  if (bid === undefined || ask === undefined) return last === undefined ? [] : [last]
  return new Decimal(ask).sub(bid).lte(new Decimal(ask).mul('0.0101')) ? [bid, ask] : []
}

/** Ten seconds old, or a minute where it is a trade's time; five seconds ahead. */
function isOfNow({ timeKind }: Sample, at: number): boolean {
  return now - at <= (timeKind === 'trade' ? 60_000 : 10_000) && at - now <= 5_000
}
