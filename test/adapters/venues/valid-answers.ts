import { venueSimulators } from '../../../infra/local/venues/index.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseInstrument } from '../../../lib/domain/instrument.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { VenueRequest } from '../../../lib/ports.ts'
import type { seeded } from '../../keepers/lane/workers.ts'
import { now, type Sample, type Tokens } from './samples.ts'
import { tokens } from './support.ts'

export type Random = ReturnType<typeof seeded>

/** The only request that a sample's instrument needs. */
export function requestOf({ venue, instrument }: Sample): VenueRequest {
  const [request] = venue.requests([parseInstrument(instrument)])
  if (!request) throw new Error(`${venue.name} asks nothing for ${instrument}`)
  return request
}

/** One answer as the venue would give it: by its documents, or by its simulator. */
export function validAnswer(sample: Sample, random: Random): string {
  return random.chance(0.5) ? sample.body([someTokens(sample, random)]) : simulated(sample, random)
}

/** Prices about 64,000 as the venue writes them, seconds old. */
export function someTokens(sample: Sample, random: Random): Tokens {
  const { bid, ask, last, ageMs } = someBook(random)
  const write = (price: Decimal): string =>
    sample.writes === 'numbers' ? price.toFixed() : `"${price.toFixed()}"`
  return tokens(sample, {
    bid: write(bid),
    ask: write(ask),
    last: write(last),
    time: sample.timeOf(now - ageMs),
  })
}

function someBook(random: Random): Record<'bid' | 'ask' | 'last', Decimal> & { ageMs: number } {
  const bid = new Decimal(63_990 + random.below(10)).add(
    new Decimal(random.below(1_000)).div(1_000),
  )
  const ask = bid.add(new Decimal(random.below(5_000)).div(1_000))
  const last = bid.add(new Decimal(random.below(7_000) - 1_000).div(1_000))
  return { bid, ask, last, ageMs: random.below(3_000) }
}

function simulated(sample: Sample, random: Random): string {
  const simulator = venueSimulators.find(({ name }) => name === sample.venue.name)
  if (!simulator) throw new Error(`${sample.venue.name} has no simulator`)
  const { method, path, body = '' } = requestOf(sample)
  const { pathname, searchParams } = new URL(path, 'http://venue')
  const names = [sample.instrument.replace('BTC', 'ETH'), sample.instrument]
  const entries = names.map((name) => {
    const { ageMs, ...book } = someBook(random)
    const at = timestamp(now - ageMs)
    const part = name.startsWith('ETH') ? 30 : 1
    return {
      instrument: parseInstrument(name),
      bid: book.bid.div(part),
      ask: book.ask.div(part),
      last: book.last.div(part),
      lastTradeAt: at,
      quoteAt: at,
    }
  })
  const asked = {
    method,
    path: pathname,
    query: searchParams,
    headers: { 'user-agent': 'fuzz' },
    body,
  }
  return simulator.answer(asked, { now, entries, requestsThisMinute: 1 }).body
}
