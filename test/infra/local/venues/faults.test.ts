import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { gunzipSync } from 'node:zlib'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { MarketModel } from '../../../../infra/local/market/market.ts'
import { UnknownVenueError } from '../../../../infra/local/venues/faults.ts'
import { venueSimulators } from '../../../../infra/local/venues/index.ts'
import { startVenueSimulators } from '../../../../infra/local/venues/start-venue-simulators.ts'
import type { VenueSimulators } from '../../../../infra/local/venues/start-venue-simulators.ts'
import { Decimal } from '../../../../lib/domain/decimal.ts'
import { instrumentName, parseInstrument } from '../../../../lib/domain/instrument.ts'
import { timestamp } from '../../../../lib/domain/time.ts'

const start = timestamp(1_767_323_045_000)
const ticker = '/api/v5/market/ticker?instId=BTC-USDT'

let now = start
let venues: VenueSimulators
beforeEach(async () => {
  now = start
  venues = await startVenueSimulators({ market: secondsMarket(), clock: { now: () => now } })
})
afterEach(() => venues.close())

describe('a healthy simulator', () => {
  test('tells the market with the clock’s time in body and header', async () => {
    const { status, headers, body } = await get('okx', ticker)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json')
    expect(headers.date).toBe(new Date(start).toUTCString())
    expect(JSON.parse(body)).toMatchObject({
      data: [{ bidPx: '1', askPx: '3', ts: String(start) }],
    })
  })

  test('packs its answer only for those who take it', async () => {
    const plain = await get('okx', ticker)
    const packed = await get('okx', ticker, { headers: { 'accept-encoding': 'gzip, deflate' } })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(packed.bytes).toString()).toBe(plain.body)
  })

  test('answers for no venue that it does not know', async () => {
    expect(await get('', '/nowhere/api')).toMatchObject({ status: 404 })
    expect(() => venues.baseUrl('nowhere')).toThrow(UnknownVenueError)
    expect(() => venues.faults.set('nowhere', { fault: 'timeout' })).toThrow(UnknownVenueError)
  })

  test('counts requests by the minute', async () => {
    expect([await usedWeight(), await usedWeight()]).toEqual(['2', '4'])
    now = timestamp(start + 60_000)
    expect(await usedWeight()).toBe('2')
  })

  test('closes with connections open and requests waiting', async () => {
    const other = await startVenueSimulators({ market: secondsMarket(), clock: { now: () => now } })
    const idle = connect(Number(new URL(other.url).port), '127.0.0.1')
    await once(idle, 'connect')
    other.faults.set('okx', { fault: 'timeout' })
    const waiting = get('okx', ticker, {}, other).catch(codeOf)
    // A second request on another connection: once it is answered, the first has been taken.
    await get('kraken', '/0/public/Time', {}, other)
    const ended = once(idle, 'close')
    await other.close()
    expect(await waiting).toBe('ECONNRESET')
    await ended
    await expect(get('kraken', '/0/public/Time', {}, other)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })
})

describe('faults of the wire', () => {
  test('timeout: the request is taken and never answered', async () => {
    venues.faults.set('okx', { fault: 'timeout' })
    const patience = new AbortController()
    const answered = get('okx', ticker, { signal: patience.signal }).catch(codeOf)
    // The other venues of the same server go on, long after this one should have answered.
    for (let i = 0; i < 20; i++)
      expect(await get('kraken', '/0/public/Time')).toMatchObject({ status: 200 })
    patience.abort()
    expect(await answered).toBe('ABORT_ERR')
  })

  test('reset: the connection breaks', async () => {
    venues.faults.set('okx', { fault: 'reset' })
    expect(await rawAnswer('okx', ticker)).toBe('ECONNRESET')
  })

  test('vanish: the connection closes without a word', async () => {
    venues.faults.set('okx', { fault: 'vanish' })
    expect(await rawAnswer('okx', ticker)).toBe('')
  })

  test('server-error: any 5xx, for so many requests or for ever', async () => {
    venues.faults.set('okx', { fault: 'server-error', status: 502, requests: 2 })
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await get('okx', ticker)).status)
    expect(statuses).toEqual([502, 502, 200])
    expect(venues.faults.list()).toEqual([])
    venues.faults.set('okx', { fault: 'server-error' })
    for (let i = 0; i < 3; i++) expect(await get('okx', ticker)).toMatchObject({ status: 503 })
  })

  test.each(venueSimulators.map(({ name }) => name))(
    'rate-limit: %s answers 429 with Retry-After',
    async (venue) => {
      venues.faults.set(venue, { fault: 'rate-limit', retryAfterSeconds: 17 })
      const answer = await get(venue, '/')
      expect(answer.status).toBe(429)
      expect(answer.headers['retry-after']).toBe('17')
    },
  )

  test.each([403, 451] as const)('region: %i with a page', async (status) => {
    venues.faults.set('okx', { fault: 'region', status })
    const answer = await get('okx', ticker)
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('text/html')
  })

  test('html: a page with status 200', async () => {
    venues.faults.set('okx', { fault: 'html' })
    const { status, body } = await get('okx', ticker)
    expect(status).toBe(200)
    expect(body).toMatch(/^<html>/)
  })

  test('truncated: half of the body as if it were all', async () => {
    const whole = await get('okx', ticker)
    venues.faults.set('okx', { fault: 'truncated' })
    const half = await get('okx', ticker)
    expect(half.status).toBe(200)
    expect(half.body).toBe(whole.body.slice(0, Math.floor(whole.body.length / 2)))
    expect(() => void JSON.parse(half.body)).toThrow(SyntaxError)
  })

  test('huge: megabytes of it, or few bytes that unpack to megabytes', async () => {
    venues.faults.set('okx', { fault: 'huge', megabytes: 2 })
    const plain = await get('okx', ticker)
    expect(plain.bytes.length).toBe(2 * 1024 * 1024)
    const packed = await get('okx', ticker, { headers: { 'accept-encoding': 'gzip' } })
    expect(packed.bytes.length).toBeLessThan(20_000)
    expect(gunzipSync(packed.bytes).length).toBe(2 * 1024 * 1024)
  })

  test('huge: a client may stop reading', async () => {
    venues.faults.set('okx', { fault: 'huge', megabytes: 500 })
    const cut = await new Promise<number>((resolve, reject) => {
      const asking = request(`${venues.baseUrl('okx')}${ticker}`, (answer) => {
        answer.once('data', (chunk: Buffer) => {
          answer.destroy()
          resolve(chunk.length)
        })
      })
      asking.once('error', reject)
      asking.end()
    })
    expect(cut).toBeGreaterThan(0)
    expect(await get('kraken', '/0/public/Time')).toMatchObject({ status: 200 })
  })
})

describe('faults of the truth', () => {
  test('freeze with current times: old prices, new times', async () => {
    venues.faults.set('okx', { fault: 'freeze' })
    now = timestamp(start + 60_000)
    expect(await row()).toMatchObject({ bidPx: '1', ts: String(now) })
    venues.faults.clear('okx')
    expect(await row()).toMatchObject({ bidPx: '61', ts: String(now) })
  })

  test('freeze with frozen times: the same body again, under a new Date', async () => {
    const before = await get('bybit', '/v5/market/tickers?category=spot')
    venues.faults.set('bybit', { fault: 'freeze', times: 'frozen' })
    now = timestamp(start + 60_000)
    const after = await get('bybit', '/v5/market/tickers?category=spot')
    expect(after.body).toBe(before.body)
    expect(after.headers.date).toBe(new Date(now).toUTCString())
  })

  test('freeze of one instrument: the others move on', async () => {
    venues.faults.set('okx', { fault: 'freeze', times: 'frozen', instruments: ['BTC-USDT'] })
    now = timestamp(start + 60_000)
    expect(await row()).toMatchObject({ bidPx: '1', ts: String(start) })
    expect(await row('ETH-USDT')).toMatchObject({ bidPx: '61', ts: String(now) })
  })

  test('lie: every price times a factor, exactly', async () => {
    venues.faults.set('okx', { fault: 'lie', factor: '1.05' })
    expect(await row()).toMatchObject({ bidPx: '1.05', askPx: '3.15', last: '2.1' })
  })

  test('skew: header, envelope and quotes move together', async () => {
    venues.faults.set('bitget', { fault: 'skew', ms: -90_000 })
    const { headers, body } = await get('bitget', '/api/v2/spot/market/tickers?symbol=BTCUSDT')
    expect(headers.date).toBe(new Date(start - 90_000).toUTCString())
    expect(JSON.parse(body)).toMatchObject({
      requestTime: start - 90_000,
      data: [{ bidPr: '1', ts: String(start - 90_000) }],
    })
  })

  test('vanish of one instrument: the venue does not know it any more', async () => {
    venues.faults.set('coinbase', { fault: 'vanish', instruments: ['BTC-USD'] })
    expect(await get('coinbase', '/products/BTC-USD/ticker')).toMatchObject({ status: 404 })
    expect(await get('coinbase', '/products/ETH-USD/ticker')).toMatchObject({ status: 200 })
  })

  test('empty: the sides are there and say nothing', async () => {
    venues.faults.set('okx', { fault: 'empty', instruments: ['BTC-USDT'] })
    expect(await row()).toMatchObject({ bidPx: '', askPx: '', last: '' })
    expect(await row('ETH-USDT')).toMatchObject({ bidPx: '1' })
  })

  test('several at once: a liar with a slow clock', async () => {
    venues.faults.set('okx', { fault: 'lie', factor: '2' })
    venues.faults.set('okx', { fault: 'skew', ms: -5000 })
    expect(await row()).toMatchObject({ bidPx: '2', ts: String(start - 5000) })
  })

  test('a fault set again replaces itself', async () => {
    venues.faults.set('okx', { fault: 'lie', factor: '2' })
    venues.faults.set('okx', { fault: 'lie', factor: '3' })
    expect(await row()).toMatchObject({ bidPx: '3' })
  })
})

describe('faults over HTTP', () => {
  test('are set, listed and cleared', async () => {
    const set = await post({ venue: 'okx', fault: 'lie', factor: '1.1' })
    expect(set.status).toBe(200)
    await post({ venue: 'kraken', fault: 'skew', ms: 5 })
    const lie = { venue: 'okx', fault: 'lie', factor: '1.1', since: start }
    const skew = { venue: 'kraken', fault: 'skew', ms: 5, since: start }
    expect(JSON.parse((await get('', '/faults')).body)).toEqual([skew, lie])
    const left = await get('', '/faults?venue=kraken', { method: 'DELETE' })
    expect(JSON.parse(left.body)).toEqual([lie])
    expect(JSON.parse((await get('', '/faults', { method: 'DELETE' })).body)).toEqual([])
  })

  test.each([
    ['an unknown venue', { venue: 'nowhere', fault: 'timeout' }, 'nowhere'],
    ['an unknown fault', { venue: 'okx', fault: 'sleepy' }, 'fault'],
    ['a fault without what it needs', { venue: 'okx', fault: 'lie' }, 'factor'],
    ['a lie that is no number', { venue: 'okx', fault: 'lie', factor: 'big' }, 'factor'],
    ['a lie of nothing', { venue: 'okx', fault: 'lie', factor: '0.0' }, 'factor'],
    ['a field too many', { venue: 'okx', fault: 'timeout', ms: 5 }, 'ms'],
    ['no venue', { fault: 'timeout' }, 'venue'],
  ])('are refused with a reason: %s', async (_, body, named) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain(named)
    expect(venues.faults.list()).toEqual([])
  })

  test('are refused where they are not JSON, or another method', async () => {
    expect(await get('', '/faults', { method: 'POST', body: 'x' })).toMatchObject({ status: 400 })
    expect(await get('', '/faults', { method: 'PUT' })).toMatchObject({ status: 405 })
  })
})

/** OKX's row for one instrument. */
async function row(instId = 'BTC-USDT'): Promise<unknown> {
  const { body } = await get('okx', `/api/v5/market/ticker?instId=${instId}`)
  return (JSON.parse(body) as { data: unknown[] }).data[0]
}

function post(body: object): Promise<Answer> {
  return get('', '/faults', { method: 'POST', body: JSON.stringify(body) })
}

async function usedWeight(): Promise<unknown> {
  const { headers } = await get('binance', '/api/v3/ticker/24hr?symbol=BTCUSDT')
  return headers['x-mbx-used-weight-1m']
}

/** Every venue shows BTC and ETH; bid, last and ask are the seconds since the start, plus 1, 2 and 3. */
function secondsMarket(): MarketModel {
  const names = ['BTC-USDT', 'ETH-USDT', 'BTC-USD', 'ETH-USD']
  const covered = venueSimulators.flatMap(({ name: venue }) =>
    names.map((name) => ({ venue, instrument: parseInstrument(name) })),
  )
  return {
    covers: () => covered,
    quote(_, instrument, at) {
      if (!names.includes(instrumentName(instrument))) return undefined
      const seconds = new Decimal((at - start) / 1000)
      return {
        bid: seconds.plus(1),
        last: seconds.plus(2),
        ask: seconds.plus(3),
        lastTradeAt: at,
        quoteAt: at,
      }
    },
  }
}

type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly body: string
}

type Asking = {
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

/** One request on a connection of its own, with nothing unpacked. */
async function get(
  venue: string,
  path: string,
  asking: Asking = {},
  from = venues,
): Promise<Answer> {
  const base = venue === '' ? from.url : from.baseUrl(venue)
  const { body, ...options } = asking
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'test', ...options.headers }
    const sent = request(`${base}${path}`, { ...options, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () => {
        const bytes = Buffer.concat(chunks)
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          bytes,
          body: bytes.toString(),
        })
      })
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

/** All bytes until the connection ends, or the error that ended it. */
async function rawAnswer(venue: string, path: string): Promise<string> {
  const { hostname, port, pathname } = new URL(venues.baseUrl(venue))
  const socket = connect(Number(port), hostname)
  socket.write(`GET ${pathname}${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
  return new Promise((resolve) => {
    let bytes = ''
    socket.on('data', (chunk) => (bytes += chunk.toString()))
    socket.once('end', () => {
      socket.destroy()
      resolve(bytes)
    })
    socket.once('error', (error) => {
      resolve(codeOf(error))
    })
  })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
