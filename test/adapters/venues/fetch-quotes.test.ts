import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { simulatedMarket } from '../../../infra/local/market/simulated.ts'
import {
  startVenueSimulators,
  type VenueSimulators,
} from '../../../infra/local/venues/start-venue-simulators.ts'
import { fetchQuotes } from '../../../lib/adapters/venues/fetch-quotes.ts'
import { venues } from '../../../lib/adapters/venues/index.ts'
import { parseInstrument } from '../../../lib/domain/instrument.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Clock, QuoteSource } from '../../../lib/ports.ts'

const start = timestamp(1_790_000_000_000)
let now = start
const clock: Clock = { now: () => now, sleep: () => Promise.resolve() }
beforeEach(() => {
  now = start
})

describe('with a server of any behaviour', () => {
  let server: Server
  let requests: {
    readonly url: string
    readonly headers: IncomingMessage['headers']
    readonly port: number | undefined
  }[]
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  let base: string

  beforeEach(async () => {
    requests = []
    server = createServer((request, response) => {
      const { url = '', headers, socket } = request
      requests.push({ url, headers, port: socket.remotePort })
      answer(request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (typeof address !== 'object' || !address) throw new Error('the server has no port')
    base = `http://127.0.0.1:${address.port}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const source = (
    options: { deadlineMs?: number; maxBytes?: number; cutOff?: AbortSignal } = {},
  ): QuoteSource =>
    fetchQuotes({
      venues: venues.map((venue) => ({ venue, baseUrl: base })),
      clock,
      deadlineMs: 5_000,
      maxBytes: 1_000_000,
      userAgent: 'starkeep/test',
      ...options,
    })

  const good = `{"bid":"7","ask":"9","last":"8","volume":{}}`
  test('keeps its connection from tick to tick, and says who it is', async () => {
    answer = always(200, good)
    const quotes = source()
    for (let tick = 0; tick < 3; tick++) await quotes.latest(wanted('gemini:BTC-USD'))
    expect(requests).toHaveLength(3)
    expect(new Set(requests.map(({ port }) => port)).size).toBe(1)
    expect(requests[0]?.headers).toMatchObject({
      'user-agent': 'starkeep/test',
      'accept-encoding': expect.stringContaining('gzip') as string,
    })
  })

  test('dates an answer by its Date less its Age', async () => {
    answer = always(200, good, { Date: 'Mon, 21 Sep 2026 14:13:20 GMT', Age: '3' })
    const { quotes } = await source().latest(wanted('gemini:BTC-USD'))
    expect(quotes).toMatchObject([
      { receivedAt: start, answeredAt: Date.parse('2026-09-21T14:13:17Z') },
    ])
  })

  test.each(['soon', '', '-5'])('does not date an answer with the age "%s"', async (age) => {
    answer = always(200, good, { Age: age })
    const { quotes } = await source().latest(wanted('gemini:BTC-USD'))
    expect(quotes).toMatchObject([{ bid: expect.anything() as object, answeredAt: undefined }])
  })

  describe('a venue that takes so many requests per second', () => {
    const many = Array.from({ length: 14 }, (_, index) => `coinbase:A${index}-USD`)
    const product = '{"bid":"7","ask":"9","price":"8","time":"2026-09-21T14:13:20Z"}'

    test('is asked for the rest a second later', async () => {
      answer = always(200, product)
      const latest = source().latest(wanted(...many))
      while (requests.length < 10) await pause(10)
      await pause(100)
      expect(requests).toHaveLength(10)
      const { quotes, failures } = await latest
      expect([quotes.length, failures]).toEqual([14, []])
    })

    test('is not asked for the rest after the deadline', async () => {
      answer = always(200, product)
      const { quotes, failures } = await source({ deadlineMs: 300 }).latest(wanted(...many))
      expect([quotes.length, requests.length]).toEqual([10, 10])
      expect(failures.map(({ why, detail }) => `${why}: ${detail}`)).toEqual(
        Array.from({ length: 4 }, () => 'timeout: no time was left to ask'),
      )
    })
  })

  test('asks once where many markets want one instrument', async () => {
    answer = always(200, good)
    const { quotes } = await source().latest(wanted('gemini:BTC-USD', 'gemini:BTC-USD'))
    expect([quotes.length, requests.length]).toEqual([1, 1])
  })

  test.each([500, 502, 503, 504])(
    'tries once more after %i, and takes what comes',
    async (status) => {
      answer = (_, response) => {
        if (requests.length === 1) response.writeHead(status).end()
        else response.end(good)
      }
      const { quotes, failures } = await source().latest(wanted('gemini:BTC-USD'))
      expect([quotes.length, failures, requests.length]).toEqual([1, [], 2])
    },
  )

  test('tries no third time', async () => {
    answer = always(503, 'sorry')
    const { failures } = await source().latest(wanted('gemini:BTC-USD'))
    expect(requests).toHaveLength(2)
    expect(failures).toEqual([
      {
        venue: 'gemini',
        why: 'http',
        detail: 'status 503: sorry, asked for BTC-USD',
        instruments: ['BTC-USD'],
      },
    ])
  })

  test('tries once more after a broken connection', async () => {
    answer = (request, response) => {
      if (requests.length === 1) request.socket.destroy()
      else response.end(good)
    }
    const { quotes } = await source().latest(wanted('gemini:BTC-USD'))
    expect([quotes.length, requests.length]).toEqual([1, 2])
  })

  test('tries once more after an answer that breaks off in the middle', async () => {
    answer = (request, response) => {
      if (requests.length > 1) return void response.end(good)
      response.writeHead(200, { 'Content-Length': '1000' }).write(good)
      setImmediate(() => request.socket.destroy())
    }
    const { quotes } = await source().latest(wanted('gemini:BTC-USD'))
    expect([quotes.length, requests.length]).toEqual([1, 2])
  })

  test.each([
    [301, 'http'],
    [400, 'http'],
    [401, 'http'],
    [403, 'region'],
    [404, 'http'],
    [418, 'rate-limited'],
    [422, 'http'],
    [429, 'rate-limited'],
    [451, 'region'],
    // No status of success but 200 has a ticker.
    [204, 'http'],
  ] as const)('asks once where the answer is %i, which is %s', async (status, why) => {
    answer = always(status, status === 204 ? '' : 'no', { Location: `${base}/elsewhere` })
    const { quotes, failures } = await source().latest(wanted('gemini:BTC-USD'))
    expect(quotes).toEqual([])
    expect(failures).toMatchObject([{ venue: 'gemini', why, instruments: ['BTC-USD'] }])
    expect(requests).toHaveLength(1)
  })

  test.each([
    ['a web page', '<html><title>Just a moment...</title></html>'],
    ['nothing', ''],
    ['half an answer', good.slice(0, 20)],
  ])('asks once where the answer is %s with status 200', async (_, body) => {
    answer = always(200, body)
    const { failures } = await source().latest(wanted('gemini:BTC-USD'))
    expect(failures).toMatchObject([{ why: 'unreadable' }])
    expect(requests).toHaveLength(1)
  })

  test('does not read what is not packed as it says', async () => {
    answer = always(200, 'this is no gzip', { 'Content-Encoding': 'gzip' })
    const { failures } = await source().latest(wanted('gemini:BTC-USD'))
    expect(failures).toMatchObject([{ why: 'unreadable' }])
  })

  test('stops at the size limit, also where the answer has no length', async () => {
    answer = (_, response) => {
      const chunk = Buffer.alloc(64 * 1024, ' ')
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) continue
      }
      response.on('drain', more)
      more()
    }
    const { failures } = await source({ maxBytes: 300_000 }).latest(wanted('gemini:BTC-USD'))
    expect(failures).toMatchObject([
      { why: 'too-large', detail: 'the answer is larger than 300000 bytes' },
    ])
    expect(requests).toHaveLength(1)
  })

  test('stops a small answer that unpacks to fifty megabytes', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '))
    expect(bomb.length).toBeLessThan(100_000)
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb)
    }
    const { failures } = await source({ maxBytes: 1_000_000 }).latest(wanted('gemini:BTC-USD'))
    expect(failures).toMatchObject([{ why: 'too-large' }])
  })

  test('does not follow where a venue points', async () => {
    answer = always(302, '', { Location: `${base}/elsewhere` })
    await source().latest(wanted('gemini:BTC-USD'))
    expect(requests.map(({ url }) => url)).toEqual(['/v1/pubticker/btcusd'])
  })

  describe('a venue that asks for a pause', () => {
    test.each([
      ['seconds', '30', 30_000],
      ['a date', new Date(start + 30_000).toUTCString(), 30_000],
      // Most venues count in windows of one to ten seconds.
      ['nothing', undefined, 5_000],
      ['a word', 'later', 5_000],
      ['three days', '259200', 600_000],
    ])('is left alone as long as it says, with %s', async (_, retryAfter, ms) => {
      answer = always(429, '', retryAfter === undefined ? {} : { 'Retry-After': retryAfter })
      const quotes = source()
      expect(await troubleOf(quotes)).toEqual(['rate-limited'])
      now = timestamp(start + ms - 1)
      expect(await troubleOf(quotes)).toEqual(['cooling'])
      expect(requests).toHaveLength(1)
      answer = always(200, good)
      now = timestamp(start + ms)
      expect(await troubleOf(quotes)).toEqual([])
      expect(requests).toHaveLength(2)
    })

    test('is left alone for ten minutes where 403 says so, which is no word of the region', async () => {
      answer = always(403, '403, access too frequent')
      const quotes = source()
      const ask = wanted('bybit:BTC-USDT')
      expect((await quotes.latest(ask)).failures).toMatchObject([{ why: 'rate-limited' }])
      now = timestamp(start + 599_999)
      expect((await quotes.latest(ask)).failures).toMatchObject([{ why: 'cooling' }])
      now = timestamp(start + 600_000)
      await quotes.latest(ask)
      expect(requests).toHaveLength(2)
    })

    test('is left alone by another process that hears of it, and by none for longer than ten minutes', async () => {
      answer = always(429, '', { 'Retry-After': '30' })
      const ask = wanted('gemini:BTC-USD')
      const { rests } = await source().latest(ask)
      expect(rests).toEqual({ gemini: start + 30_000 })
      const other = source()
      expect((await other.latest(ask, rests)).failures).toMatchObject([{ why: 'cooling' }])
      expect(requests).toHaveLength(1)
      now = timestamp(start + 30_000)
      answer = always(200, good)
      const after = await other.latest(ask, rests)
      expect([after.failures, after.rests]).toEqual([[], undefined])
      const wrong = await source().latest(ask, { gemini: timestamp(now + 86_400_000) })
      expect(wrong.rests).toEqual({ gemini: now + 600_000 })
    })

    test('is asked at once where the date is past', async () => {
      answer = always(429, '', { 'Retry-After': new Date(start - 60_000).toUTCString() })
      const quotes = source()
      await troubleOf(quotes)
      expect(await troubleOf(quotes)).toEqual(['rate-limited'])
      expect(requests).toHaveLength(2)
    })

    test('is left alone too where it says so in an answer with status 200', async () => {
      answer = always(200, '{"result":"error","reason":"RateLimited","message":"slow down"}')
      const quotes = source()
      expect(await troubleOf(quotes)).toEqual(['rate-limited'])
      expect(await troubleOf(quotes)).toEqual(['cooling'])
      expect(requests).toHaveLength(1)
    })

    test('does not stop the others', async () => {
      answer = (request, response) => {
        if (request.url?.includes('btcusd')) response.writeHead(429).end()
        else
          response.end(
            '[{"pair":"BTC/USD","bid":"7","ask":"9","last":"8","timestamp":"1790000000"}]',
          )
      }
      const quotes = source()
      await quotes.latest(wanted('gemini:BTC-USD'))
      const both = await quotes.latest(wanted('gemini:BTC-USD', 'bitstamp:BTC-USD'))
      expect(both.quotes.map(({ venue }) => venue)).toEqual(['bitstamp'])
      expect(both.failures).toMatchObject([{ venue: 'gemini', why: 'cooling' }])
    })
  })

  test('is no round where all questions are cut off, and nothing is waited for', async () => {
    answer = (request, response) => {
      if (request.url?.includes('btcusd')) response.end(good)
    }
    const cut = new AbortController()
    const quotes = source({ cutOff: cut.signal })
    setTimeout(() => cut.abort(new Error('stopped by a test')), 100)
    const begun = performance.now()
    await expect(quotes.latest(wanted('gemini:BTC-USD', 'gemini:ETH-USD'))).rejects.toThrow(
      'stopped by a test',
    )
    expect(performance.now() - begun).toBeLessThan(1_000)
    await expect(quotes.latest(wanted('gemini:BTC-USD'))).rejects.toThrow('stopped by a test')
  })

  describe('one deadline for all', () => {
    test('gives what came and says what did not', async () => {
      answer = (request, response) => {
        if (request.url?.includes('btcusd')) response.end(good)
      }
      const { quotes, failures } = await source({ deadlineMs: 150 }).latest(
        wanted('gemini:BTC-USD', 'gemini:ETH-USD', 'bitstamp:BTC-USD'),
      )
      expect(quotes.map(({ instrument }) => instrument)).toEqual(['BTC-USD'])
      expect(failures).toMatchObject([
        { venue: 'gemini', why: 'timeout', instruments: ['ETH-USD'] },
        { venue: 'bitstamp', why: 'timeout' },
      ])
    })

    test('ends also an answer that comes drop by drop, and a pause before the second try', async () => {
      answer = (request, response) => {
        if (request.url?.includes('ethusd')) return void response.writeHead(503).end()
        response.writeHead(200).write('{')
      }
      const { failures } = await source({ deadlineMs: 100 }).latest(
        wanted('gemini:BTC-USD', 'gemini:ETH-USD'),
      )
      expect(failures).toMatchObject([{ why: 'timeout' }, { why: 'http' }])
      expect(requests).toHaveLength(2)
    })

    test('is a new one each time', async () => {
      answer = () => undefined
      const quotes = source({ deadlineMs: 50 })
      await quotes.latest(wanted('gemini:BTC-USD'))
      answer = always(200, good)
      expect((await quotes.latest(wanted('gemini:BTC-USD'))).quotes).toHaveLength(1)
    })
  })

  test('says what is wrong with what is wanted, and asks nobody', async () => {
    const { failures } = await source().latest(wanted('nowhere:BTC-USD', 'coinbase:BTC-USD-PERP'))
    expect(failures.map(({ venue, detail }) => [venue, detail])).toEqual([
      ['nowhere', 'no adapter has this name'],
      ['coinbase', 'the venue trades nothing of this kind'],
    ])
    expect(requests).toEqual([])
  })

  test('never throws, whatever the address', async () => {
    const broken = fetchQuotes({
      venues: venues.map((venue) => ({ venue, baseUrl: 'not an address' })),
      clock,
      deadlineMs: 2_000,
      maxBytes: 1_000,
      userAgent: 'test',
    })
    const { failures } = await broken.latest(wanted('gemini:BTC-USD'))
    expect(failures).toMatchObject([{ why: 'network' }])
  })
})

describe('with the simulated venues', () => {
  let simulators: VenueSimulators
  let source: QuoteSource
  beforeEach(async () => {
    const market = simulatedMarket({ seed: 'fetch' })
    simulators = await startVenueSimulators({ market, clock })
    source = fetchQuotes({
      venues: venues.map((venue) => ({ venue, baseUrl: simulators.baseUrl(venue.name) })),
      clock,
      deadlineMs: 3_000,
      maxBytes: 1_000_000,
      userAgent: 'test',
    })
  })
  afterEach(() => simulators.close())

  test.each([
    [{ fault: 'reset' }, 'network'],
    [{ fault: 'vanish' }, 'network'],
    [{ fault: 'server-error', status: 502 }, 'http'],
    [{ fault: 'rate-limit' }, 'rate-limited'],
    [{ fault: 'region', status: 403 }, 'region'],
    [{ fault: 'region', status: 451 }, 'region'],
    [{ fault: 'html' }, 'unreadable'],
    [{ fault: 'truncated' }, 'unreadable'],
    [{ fault: 'huge', megabytes: 50 }, 'too-large'],
    [{ fault: 'empty' }, 'unreadable'],
  ] as const)('%o is %s, and costs no other venue its price', async (fault, why) => {
    simulators.faults.set('okx', fault)
    const { quotes, failures } = await source.latest(wanted('okx:BTC-USDT', 'bybit:BTC-USDT'))
    expect(quotes.map(({ venue }) => venue)).toEqual(['bybit'])
    expect(failures).toMatchObject([{ venue: 'okx', why, instruments: ['BTC-USDT'] }])
  })

  test.each(['binance', 'binanceus', 'kraken'])(
    '%s, which fails whole for one unknown name, still prices the others',
    async (venue) => {
      const names = ['BTC-USDT', 'NOPE-USDT', 'ETH-USDT', 'GONE-USDT', 'USDC-USDT']
      const known = ['BTC-USDT', 'ETH-USDT', 'USDC-USDT']
      const ask = () => source.latest(wanted(...names.map((name) => `${venue}:${name}`)))
      const first = await ask()
      expect(first.quotes.map(({ instrument }) => instrument).toSorted()).toEqual(known)
      expect(first.failures.flatMap(({ instruments }) => instruments).toSorted()).toEqual([
        'GONE-USDT',
        'NOPE-USDT',
      ])
      // The next time it is one request, however the venue may fail: a fault for one request says so.
      simulators.faults.set(venue, { fault: 'html', requests: 1 })
      expect((await ask()).quotes).toEqual([])
      const third = await ask()
      expect(third.quotes).toHaveLength(3)
      expect(third.failures).toMatchObject([
        { why: 'unreadable', instruments: ['NOPE-USDT', 'GONE-USDT'] },
      ])
      // A name may be listed one day.
      now = timestamp(now + 600_000)
      expect((await ask()).failures).toHaveLength(2)
    },
  )

  test('where no name is known it does not blame the names', async () => {
    const unknown = wanted('kraken:NOPE-USD', 'kraken:GONE-USD')
    await source.latest(unknown)
    expect((await source.latest(unknown)).failures).toMatchObject([
      { detail: 'EQuery:Unknown asset pair, asked for NOPE-USD' },
      { detail: 'EQuery:Unknown asset pair, asked for GONE-USD' },
    ])
  })
})

function wanted(...names: readonly string[]): Parameters<QuoteSource['latest']>[0] {
  return names.map((name) => {
    const [venue = '', instrument = ''] = name.split(':')
    return { venue, instrument: parseInstrument(instrument) }
  })
}

function always(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  return (_, response) => {
    response.writeHead(status, headers).end(body)
  }
}

async function troubleOf(quotes: QuoteSource): Promise<readonly string[]> {
  const { failures } = await quotes.latest(wanted('gemini:BTC-USD'))
  return failures.map(({ why }) => why)
}
