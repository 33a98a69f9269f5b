import { Decimal } from '../../lib/domain/decimal.ts'
import type { AggregationRules, Feeds } from '../../lib/domain/feed.ts'
import { parseInstrument } from '../../lib/domain/instrument.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import type { ReportSignature, SignedReport } from '../../lib/domain/report.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import type { OracleKeys, QuoteSource } from '../../lib/ports.ts'
import { seeded } from '../keepers/lane/workers.ts'
import type { Process } from './calls.ts'
import { markets } from './markets.ts'
import { mixed, type Plan } from './plan.ts'
import { firstRound, roundSeconds } from './rounds.ts'

/** Who reports prices; what they sign with is of no matter, since nobody here could tell. */
export const oracles: readonly OracleKeys[] = ['n0', 'n1'].map((node) => ({
  node,
  stark: undefined,
  evm: undefined,
}))

const configHash = '0x01'

/** A forged one where the schedule says so, else one that every exchange believes. */
export function signatureOf(plan: Plan, node: string, round: number): ReportSignature {
  const forged = node === 'n1' && isIll(plan, 'forged-report', round)
  return { signer: `0x${node.slice(1)}a`, signature: [forged ? '0x00' : '0x01'] }
}

/** A node has nothing to say in a round. */
export function isMissing(plan: Plan, node: string, round: number): boolean {
  return node === 'n0' && isIll(plan, 'missing-report', round)
}

function isIll({ events, rounds }: Plan, kind: string, round: number): boolean {
  return events.some(
    (event) => event.kind === kind && firstRound + Math.floor(event.size * rounds) === round,
  )
}

/** A whole round of a node, as it is where nobody has to publish it. */
export function reportsOf(
  plan: Plan,
  { node, round, observedAt }: Pick<SignedReport, 'node' | 'round' | 'observedAt'>,
): readonly SignedReport[] {
  const signature = signatureOf(plan, node, round)
  const signatures = Object.fromEntries(plan.chains.map(({ kind }) => [kind, signature]))
  const inputs = { oldestInputAt: observedAt, sources: venues.length, configHash } as const
  const seen = { node, round, observedAt, ...inputs }
  return listed(plan).map((feed, at) => {
    return { ...seen, feed, price: priceOf(plan, { node, round, at }), signatures }
  })
}

/** Some steps that are each worth a push. */
const steps = markets.map((_, at) => [0, 1, 2].map((step) => new Decimal(100 * (at + 1) + step)))

function priceOf(
  { seed }: Plan,
  { node, round, at }: { readonly node: string; readonly round: number; readonly at: number },
): Decimal {
  const step = seeded(mixed(seed, round * 16 + at * 2 + (node === 'n0' ? 0 : 1))).below(3)
  return steps[at]?.[step] ?? new Decimal(1)
}

function listed({ chains }: Plan) {
  return markets.slice(0, Math.max(...chains.map((chain) => chain.markets)))
}

/** Two venues that always agree are enough: how prices are made of many is not what is simulated. */
const venues = ['v', 'w']

const rules: AggregationRules = {
  maxQuoteAgeMs: 10_000,
  maxTradeAgeMs: 60_000,
  frozenAfterMs: 3_600_000,
  frozenMoveBps: 10,
  maxSpreadBps: 100,
  floorBps: 30,
  hardBandBps: 100,
  pairBandBps: 50,
  maxDispersionBps: 500,
  maxJumpBps: 500,
  minDirectUsd: 0,
  minFamilies: 1,
}

type Priced = {
  readonly feeds: Feeds
  readonly configHashes: Readonly<Record<string, `0x${string}`>>
}

/** By how many markets there are. */
const pricedBy: readonly Priced[] = [[], ...markets.map((_, at) => markets.slice(0, at + 1))].map(
  (some) => {
    const priced = some.map((feed) => {
      const instrument = parseInstrument(feed)
      const sources = venues.map((venue) => ({ venue, instrument }))
      return { feed, sources, minSources: venues.length, rules }
    })
    return {
      feeds: { markets: priced, legs: {}, families: {} },
      configHashes: Object.fromEntries(some.map((feed) => [feed, configHash])),
    }
  },
)

/** What the oracle nodes of a schedule price, and how each of those is made. */
export function pricedIn(plan: Plan): Priced {
  const priced = pricedBy[listed(plan).length]
  if (!priced) throw new RangeError('more markets than there are')
  return priced
}

/** The venues as a node asks them through a process. */
export function quotesFor(plan: Plan, node: string, { call, now }: Process): QuoteSource {
  return {
    latest: () =>
      call({
        kind: 'node',
        name: `quotes for ${node}`,
        to: 'venues',
        act({ fault }) {
          const round = Math.floor(now() / (roundSeconds * 1000))
          if (isMissing(plan, node, round)) return { quotes: [], failures: [] }
          const at = timestamp(now() - (fault === 'lag' ? 2 * rules.maxQuoteAgeMs : 0))
          const quotes = listed(plan).flatMap((instrument, index) => {
            const price = priceOf(plan, { node, round, at: index })
            return venues.map((venue) => ({ ...quoteOf(price, at), venue, instrument }))
          })
          return { quotes, failures: [] }
        },
      }),
  }
}

function quoteOf(price: Decimal, at: Timestamp): Omit<Quote, 'venue' | 'instrument'> {
  return {
    bid: price,
    ask: price,
    last: price,
    timeKind: 'quote',
    venueTime: at,
    receivedAt: at,
    answeredAt: undefined,
    suspended: false,
  }
}
