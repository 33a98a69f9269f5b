import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Timestamp } from '../../../lib/domain/time.ts'
import type { MarketModel } from '../market/market.ts'
import { administer } from './admin.ts'
import { faultBoard, UnknownVenueError } from './faults.ts'
import type { Faults } from './faults.ts'
import { faultyBook } from './faulty-book.ts'
import { publishers, venueSimulators } from './index.ts'
import { publishedMarket } from './published-market.ts'
import { playing } from './scenario-admin.ts'
import type { SimulatedRequest } from './venue-simulator.ts'
import { deliver } from './wire.ts'

export type VenueSimulators = {
  readonly url: string
  /** Where a venue's API begins; its real paths follow. */
  baseUrl(venue: string): string
  readonly faults: Faults
  /** Ends every connection, also those that wait for an answer. */
  close(): Promise<void>
}

export type VenueSimulatorOptions = {
  readonly market: MarketModel
  readonly clock: { now(): Timestamp }
  /** Any free one where absent. */
  readonly port?: number
  readonly host?: string
}

/** Serves every venue's API from one local server, each under its own name, all telling the same market. */
export async function startVenueSimulators(
  options: VenueSimulatorOptions,
): Promise<VenueSimulators> {
  const { market, clock, port = 0, host = '127.0.0.1' } = options
  const venues = new Map(
    [...venueSimulators, ...publishers].map((venue) => [venue.name, venue] as const),
  )
  const published = new Map(publishers.map(({ name }) => [name, publishedMarket(market, name)]))
  const faults = faultBoard([...venues.keys()], clock)
  const count = minuteCounter()

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [name, asked] = await read(request)
    const now = clock.now()
    if (name === 'faults') {
      const { status, body } = administer(faults, asked)
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(body)
      return
    }
    if (name === 'scenarios') {
      const { status, body } = playing(market.scenarios, asked, now)
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(body)
      return
    }
    const venue = venues.get(name)
    if (!venue) {
      response.writeHead(404).end(new UnknownVenueError(name, [...venues.keys()]).message)
      return
    }
    const active = faults.next(name)
    const requestsThisMinute = count(name, now)
    const exchange = { request, response, now, faults: active }
    await deliver(exchange, venue, () =>
      venue.answer(
        asked,
        faultyBook({
          market: published.get(name) ?? market,
          venue: name,
          now,
          faults: active,
          requestsThisMinute,
        }),
      ),
    )
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => fail(response, error))
  })
  // Node's five seconds would close a connection just as a client that asks each few seconds takes it again.
  server.keepAliveTimeout = 65_000
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  const url = `http://${host}:${address.port}`

  return {
    url,
    baseUrl(venue) {
      if (!venues.has(venue)) throw new UnknownVenueError(venue, [...venues.keys()])
      return `${url}/${venue}`
    },
    faults,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** The venue's name and what is asked of it. */
async function read(request: IncomingMessage): Promise<readonly [string, SimulatedRequest]> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator')
  const [, name = '', ...rest] = pathname.split('/')
  const path = decodeURIComponent(`/${rest.join('/')}`)
  const { method = 'GET', headers } = request
  return [name, { method, path, query: searchParams, headers, body: await bodyOf(request) }]
}

/** Questions are short; the rest is cut off unread. */
const maxBodyLength = 100_000

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) {
    body += String(chunk)
    if (body.length > maxBodyLength) throw new Error('the request is too long for a simulator')
  }
  return body
}

/** The simulator's own failure must not look like a venue's. */
function fail(response: ServerResponse, error: unknown): void {
  const reason = `the venue simulator itself failed: ${String(error)}`
  if (response.headersSent) response.destroy()
  else response.writeHead(500, { 'Content-Type': 'text/plain' }).end(reason)
}

function minuteCounter(): (venue: string, now: number) => number {
  const counts = new Map<string, { readonly minute: number; readonly requests: number }>()
  return (venue, now) => {
    const minute = Math.floor(now / 60_000)
    const before = counts.get(venue)
    const requests = before?.minute === minute ? before.requests + 1 : 1
    counts.set(venue, { minute, requests })
    return requests
  }
}
