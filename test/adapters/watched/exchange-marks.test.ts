import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import {
  type ExchangeMarksOptions,
  exchangeMarksWatch,
} from '../../../lib/adapters/watched/exchange-marks.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import { type FaultyRest, faultyRest, type RestReply } from './faulty-rest.ts'
import { nothingBefore, realClock } from './places.ts'
import { dydx, extended, hyperliquid, type Numbers, paradex } from './published-samples.ts'
import { watchedSystemContract } from './watched-system-contract.ts'

type Exchange = ExchangeMarksOptions['exchange']

const kinds = [
  {
    exchange: 'extended',
    answers: extended,
    market: 'BTC-USD',
    settings: { 'market:BTC-USD': 'active' },
  },
  {
    exchange: 'paradex',
    answers: paradex,
    market: 'BTC-USD-PERP',
    settings: { 'market:BTC-USD': 'funding for 8 h', exchange: 'ok' },
  },
  {
    exchange: 'dydx-v4',
    answers: dydx,
    market: 'BTC-USD',
    settings: { 'market:BTC-USD': 'active' },
  },
  {
    exchange: 'hyperliquid',
    answers: hyperliquid,
    market: 'BTC',
    settings: { 'market:BTC-USD': 'listed', exchange: 'ok' },
  },
] as const

/** More digits than a float holds. */
const exact: Numbers = {
  mark: '68000.123456789012345678',
  index: '67999.100000000000000001',
  rate: '-0.0000123456789012345678',
}

const open = (exchange: Exchange, url: string, markets: Readonly<Record<string, string>>) =>
  exchangeMarksWatch({
    name: exchange,
    exchange,
    baseUrl: url,
    markets,
    clock: realClock,
    timeoutMs: 1_000,
  })

for (const { exchange, answers, market, settings } of kinds) {
  watchedSystemContract(
    `exchange-marks of ${exchange}`,
    async () => {
      let mark = 68_000
      const rest = await faultyRest((question) =>
        answers(question, { mark: String(mark), index: String(mark), rate: '0.0000125' }),
      )
      return {
        open: () => open(exchange, rest.url, { 'BTC-USD': market }),
        nodes: [rest],
        goOn: async () => {
          mark += 1
        },
        stop: async () => rest.stop(),
      }
    },
    ['marks', 'settings'],
  )

  describe(`the marks of ${exchange}`, () => {
    let rest: FaultyRest
    let numbers = exact
    beforeEach(async () => {
      numbers = exact
      rest = await faultyRest((question) => answers(question, numbers))
    })
    afterEach(async () => rest.stop())

    const look = async (markets: Readonly<Record<string, string>> = { 'BTC-USD': market }) =>
      open(exchange, rest.url, markets).look(nothingBefore, timestamp(Date.now() + 10_000))

    test('are told by our names, to the last digit, with the rate for one hour', async () => {
      const { marks, settings: told, unseen, heads, progress } = await look()
      // By hand: −0.0000123456789012345678 / 8.
      const eighth = '-0.000001543209862654320975'
      expect(marks).toEqual([
        exchange === 'dydx-v4'
          ? { market: 'BTC-USD', mark: exact.index, fundingPerHour: exact.rate }
          : {
              market: 'BTC-USD',
              mark: exact.mark,
              index: exact.index,
              fundingPerHour: exchange === 'paradex' ? eighth : exact.rate,
            },
      ])
      expect(told).toEqual(settings)
      expect({ unseen, heads, progress }).toEqual({ unseen: [], heads: [], progress: [] })
    })

    test('are not told of a market that it does not list, and the other ones neither', async () => {
      const sight = await look({ 'BTC-USD': market, 'NOPE-USD': 'NOPE-PERP' })
      expect(sight.marks).toEqual([])
      expect(reasonOf(sight)).toMatch(/NOPE-PERP|must be a valid ticker/)
    })

    test.each([['0'], ['-1'], ['NaN'], ['Infinity'], [''], ['1,000.5'], ['0x10'], ['68000.1.2']])(
      'are not made of %j',
      async (price) => {
        numbers = { ...exact, mark: price, index: price }
        const sight = await look()
        expect(sight.marks).toEqual([])
        expect(reasonOf(sight)).not.toBe('')
      },
    )

    test('are not made of a number where its documents say text', async () => {
      rest.spoil = (_, truth) =>
        spoiled(truth, `"${exact.mark}"`, '68000.5', `"${exact.index}"`, '68000.5')
      expect((await look()).marks).toEqual([])
    })

    test.each(['1', '-1.5', 'none'])('have no rate of %s', async (rate) => {
      numbers = { ...exact, rate }
      expect((await look()).marks).toEqual([])
    })

    test('take a rate in the form in which servers write small ones', async () => {
      numbers = { ...exact, rate: '8e-07' }
      const [mark] = (await look()).marks
      expect(mark?.fundingPerHour).toBe(exchange === 'paradex' ? '0.0000001' : '0.0000008')
    })

    test.each([
      ['a server’s error', { status: 502, body: 'bad gateway' }, 'status 502: bad gateway'],
      ['JSON that ends early', { body: '{"status":"OK","data":[{"na' }, 'not as documented'],
      ['nothing', { body: '' }, 'not as documented: nothing'],
      ['a list of lists', { body: '['.repeat(100_000) }, 'not as documented'],
    ] as const)('are unseen where it answers with %s', async (_, reply, reason) => {
      rest.spoil = () => reply
      const sight = await look()
      expect(sight.marks).toEqual([])
      expect(reasonOf(sight)).toContain(reason)
      expect(reasonOf(sight)).toContain(new URL(rest.url).host)
    })

    test('are unseen where it takes longer than an answer is waited for', async () => {
      rest.trouble = 'hangs'
      const startedAt = Date.now()
      const sight = await look()
      expect(Date.now() - startedAt).toBeLessThan(3_000)
      expect(reasonOf(sight)).toContain('no whole answer within the deadline')
    })
  })
}

test('a market that Paradex funds every hour needs no reckoning, and one of three hours is as exact as can be', async () => {
  let hours: unknown = 1
  const rest = await faultyRest((question) => {
    const truth = paradex(question, { ...exact, rate: '0.0001' })
    return (
      spoiled(truth, '"funding_period_hours":8', `"funding_period_hours":${String(hours)}`) ?? truth
    )
  })
  const look = async () =>
    open('paradex', rest.url, { 'BTC-USD': 'BTC-USD-PERP' }).look(
      nothingBefore,
      timestamp(Date.now() + 10_000),
    )
  expect((await look()).marks[0]?.fundingPerHour).toBe('0.0001')
  hours = 3
  expect((await look()).marks[0]?.fundingPerHour).toMatch(/^0\.00003{59,60}$/)
  for (const wrong of [0, -8, '"8"', null]) {
    hours = wrong
    expect((await look()).marks).toEqual([])
  }
  await rest.stop()
})

test('what Paradex and Hyperliquid say of themselves is a setting, whatever their markets do', async () => {
  const maintenance = await faultyRest((question) =>
    question.path === '/system/state'
      ? { body: { status: 'maintenance' } }
      : { status: 503, body: 'maintenance' },
  )
  const sight = await open('paradex', maintenance.url, { 'BTC-USD': 'BTC-USD-PERP' }).look(
    nothingBefore,
    timestamp(Date.now() + 10_000),
  )
  expect(sight.settings).toEqual({ exchange: 'maintenance' })
  expect(sight.unseen.map(({ part }) => part)).toEqual([
    'marks',
    'settings',
    'level:funding-index:BTC-USD',
    'level:insurance-fund',
  ])
  await maintenance.stop()

  const special = await faultyRest((question) => {
    const truth = hyperliquid(question, exact)
    return spoiled(truth, '"specialStatuses":null', '"specialStatuses":["postOnly"]') ?? truth
  })
  const other = await open('hyperliquid', special.url, { 'BTC-USD': 'BTC' }).look(
    nothingBefore,
    timestamp(Date.now() + 10_000),
  )
  expect(other.settings['exchange']).toBe('["postOnly"]')
  await special.stop()
})

test('a market that is delisted is a setting that changes', async () => {
  const rest = await faultyRest((question) => hyperliquid(question, exact))
  const { settings } = await open('hyperliquid', rest.url, { 'OLD-USD': 'OLD' }).look(
    nothingBefore,
    timestamp(Date.now() + 10_000),
  )
  expect(settings['market:OLD-USD']).toBe('delisted')
  await rest.stop()
})

test('a list of names that is longer than its numbers belongs to none of them', async () => {
  const rest = await faultyRest((question) => {
    const truth = hyperliquid(question, exact)
    return spoiled(truth, '"universe":[', '"universe":[{"name":"NEW"},') ?? truth
  })
  const sight = await open('hyperliquid', rest.url, { 'BTC-USD': 'BTC' }).look(
    nothingBefore,
    timestamp(Date.now() + 10_000),
  )
  expect(sight.marks).toEqual([])
  expect(reasonOf(sight)).toContain('3 names for 2 markets')
  await rest.stop()
})

test('dYdX tells no mark of a market whose oracle has no price yet', async () => {
  const rest = await faultyRest((question) => {
    const truth = dydx(question, exact)
    return spoiled(truth, `"${exact.index}"`, 'null', 'ACTIVE', 'INITIALIZING') ?? truth
  })
  const sight = await open('dydx-v4', rest.url, { 'BTC-USD': 'BTC-USD' }).look(
    nothingBefore,
    timestamp(Date.now() + 10_000),
  )
  expect(reasonOf(sight)).toContain('the oracle has none yet, it is INITIALIZING')
  await rest.stop()
})

test('each is asked at its usual address unless another one is given, and by a name of its own', async () => {
  const rest = await faultyRest((question) => extended(question, exact))
  await open('extended', rest.url, { 'BTC-USD': 'BTC-USD' }).look(
    nothingBefore,
    timestamp(Date.now() + 10_000),
  )
  // Extended answers nobody who has no name.
  expect(rest.asked.map(({ headers }) => headers['user-agent'])).toEqual(['starkeep'])
  await rest.stop()
})

function reasonOf({ unseen }: SystemSight): string {
  return unseen.find(({ part }) => part === 'marks')?.reason ?? ''
}

/** Undefined where the answer has none of it. */
function spoiled(truth: RestReply, ...replacements: readonly string[]): RestReply | undefined {
  const text = JSON.stringify(truth.body)
  let changed = text
  for (let at = 0; at < replacements.length; at += 2)
    changed = changed.replaceAll(replacements[at] ?? '', replacements[at + 1] ?? '')
  return changed === text ? undefined : { ...truth, body: changed }
}
