import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseInstrument } from '../../../lib/domain/instrument.ts'
import type { Quote } from '../../../lib/domain/quote.ts'
import { type Timestamp, timestamp } from '../../../lib/domain/time.ts'
import type { Venue } from '../../../lib/ports.ts'
import { now, type Sample, type Tokens } from './samples.ts'

/** What the venue makes of `body`, had it come as the answer to its first request for `names`. */
export function parsed(
  venue: Venue,
  names: readonly string[],
  body: string,
  receivedAt: Timestamp = now,
): readonly Quote[] {
  const [request] = venue.requests(names.map(parseInstrument))
  if (!request) throw new Error(`${venue.name} asks nothing for ${names.join(', ')}`)
  return venue.parse({ body, receivedAt, answeredAt: timestamp(1_767_225_600_000) }, request)
}

/** Values that differ in everything, as the venue writes them. */
export function tokens(sample: Sample, change: Partial<Tokens> = {}): Tokens {
  const write = (number: string): string => (sample.writes === 'numbers' ? number : `"${number}"`)
  return {
    bid: write('64000.12'),
    ask: write('64001.0'),
    last: write('63999.987'),
    time: sample.timeOf(now - 1_500),
    ...change,
  }
}

export function plain(price: Decimal | undefined): string | undefined {
  return price?.toFixed()
}

/** A price that something may be bought or sold at. */
export function isUsable(price: Decimal): boolean {
  return price instanceof Decimal && price.isFinite() && price.gt(0)
}
