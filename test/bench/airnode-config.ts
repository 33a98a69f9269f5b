import { venues } from '../../lib/adapters/venues/index.ts'
import type { Decimal } from '../../lib/domain/decimal.ts'
import type { Feeds } from '../../lib/domain/feed.ts'
import { instrumentName } from '../../lib/domain/instrument.ts'
import type { Venue, VenueRequest } from '../../lib/ports.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { sourcesIn } from './bench-market.ts'
import { IncompleteBenchError } from './tick.ts'

/** One call of a venue, and the beacons that are read out of its answer. */
export type AirnodeCall = {
  /** Unique, of letters, digits and hyphens. */
  readonly title: string
  readonly server: string
  readonly method: 'get' | 'post'
  readonly path: string
  /** In the query; of a POST in its body, which is where Airnode puts them. */
  readonly fixed: readonly (readonly [name: string, value: string])[]
  /** Where in the answer each instrument's price stands, as `_path` says it. */
  readonly beacons: readonly string[]
}

/** The same questions that our adapters ask for all sources of `feeds`, with one beacon for each source. */
export async function airnodeCalls(
  feeds: Feeds,
  simulators: string,
): Promise<readonly AirnodeCall[]> {
  const sources = sourcesIn(feeds)
  const asked = venues.flatMap((venue) =>
    venue
      .requests(
        sources.filter((one) => one.venue === venue.name).map(({ instrument }) => instrument),
      )
      .map((request) => ({ venue, request })),
  )
  const calls = asked.map(async ({ venue, request }, index) =>
    callOf({
      venue,
      request,
      server: `${simulators}/${venue.name}`,
      title: `${venue.name}-${index}`,
    }),
  )
  return Promise.all(calls)
}

async function callOf(of: {
  readonly venue: Venue
  readonly request: VenueRequest
  readonly server: string
  readonly title: string
}): Promise<AirnodeCall> {
  const { venue, request, server, title } = of
  const { pathname, searchParams } = new URL(request.path, 'http://venue')
  const body = Object.entries(JSON.parse(request.body ?? '{}') as Readonly<Record<string, string>>)
  return {
    title,
    server,
    method: request.method === 'GET' ? 'get' : 'post',
    path: pathname,
    fixed: [...searchParams, ...body],
    beacons: await pathsOf(venue, request, server),
  }
}

/** Finds each price where the simulator says it, by what our own adapter reads of the same answer. */
async function pathsOf(
  venue: Venue,
  request: VenueRequest,
  server: string,
): Promise<readonly string[]> {
  const { method, path, body = null } = request
  const response = await fetch(`${server}${path}`, { method, body })
  const text = await response.text()
  const receivedAt = wallClock.now()
  const quotes = venue.parse({ body: text, receivedAt, answeredAt: receivedAt }, request)
  const answer: unknown = JSON.parse(text)
  return request.instruments.map((instrument) => {
    const name = instrumentName(instrument)
    const quote = quotes.find((one) => one.instrument === name)
    const price = quote?.last ?? quote?.bid
    const at = price && placeOf(answer, price)
    if (!at) throw new IncompleteBenchError('airnode', `${venue.name} shows no ${name}`)
    return at.join('.')
  })
}

/** The way to the first number that is `price`: no two markets of the bench have a price in common. */
function placeOf(value: unknown, price: Decimal): readonly string[] | undefined {
  if (typeof value === 'string' || typeof value === 'number')
    return /^\d+(?:\.\d+)?$/.test(String(value)) && price.eq(value) ? [] : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const rest = placeOf(inner, price)
    if (rest) return [key, ...rest]
  }
  return undefined
}
