import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { MarketModel } from '../../../../infra/local/market/market.ts'
import { simulatedMarket } from '../../../../infra/local/market/simulated.ts'
import {
  startVenueSimulators,
  type VenueSimulators,
} from '../../../../infra/local/venues/start-venue-simulators.ts'
import { exchangeMarksWatch } from '../../../../lib/adapters/watched/exchange-marks.ts'
import { Decimal } from '../../../../lib/domain/decimal.ts'
import { parseInstrument } from '../../../../lib/domain/instrument.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import { nothingBefore, realClock } from '../../../adapters/watched/places.ts'

/** Nothing moves while it is asked. */
const now = timestamp(1_790_000_000_123)

let market: MarketModel
let simulators: VenueSimulators
beforeEach(async () => {
  market = simulatedMarket({ seed: 'published' })
  simulators = await startVenueSimulators({ market, clock: { now: () => now } })
})
afterEach(async () => simulators.close())

const look = async (markets: Readonly<Record<string, string>> = { 'BTC-USD': 'BTC-USD' }) =>
  exchangeMarksWatch({
    name: 'extended',
    exchange: 'extended',
    baseUrl: `${simulators.baseUrl('extended')}/api/v1`,
    markets,
    clock: realClock,
  }).look(nothingBefore, timestamp(Date.now() + 10_000))

const numberOf = (text: string | undefined) => Number(text)

describe('the exchange that is only watched', () => {
  test('publishes what the market is, so that nobody is told of it', async () => {
    const [mark] = (await look()).marks
    const { venue } = market
      .covers()
      .find(
        ({ instrument: { base, quote, kind } }) =>
          base === 'BTC' && quote === 'USD' && kind === 'spot',
      ) ?? { venue: '' }
    const quote = market.quote(venue, parseInstrument('BTC-USD'), now)
    const middle = quote?.bid?.plus(quote.ask ?? 0).div(2)
    expect(mark).toEqual({
      market: 'BTC-USD',
      mark: middle?.toFixed(),
      index: middle?.toFixed(),
      // No premium: the interest of 0.01 % for eight hours.
      fundingPerHour: '0.0000125',
    })
  })

  test('may lie about its marks alone, and its funding follows', async () => {
    const [honest] = (await look()).marks
    simulators.faults.set('extended', {
      fault: 'lie',
      factor: '1.05',
      instruments: ['BTC-USD-PERP'],
    })
    const [lying] = (await look()).marks
    expect(lying?.index).toBe(honest?.index)
    expect(lying?.mark).toBe(new Decimal(honest?.mark ?? 0).times('1.05').toFixed())
    // (0.05 − 0.0005) / 8
    expect(numberOf(lying?.fundingPerHour)).toBeCloseTo(0.0061875, 8)
    simulators.faults.clear()
    expect((await look()).marks).toEqual([honest])
  })

  test('does not list what it does not trade', async () => {
    const sight = await look({ 'BTC-USD': 'BTC-USD', 'NOPE-USD': 'NOPE-USD' })
    expect(sight.unseen.map(({ reason }) => reason).join()).toContain('NOPE-USD: it is not listed')
  })

  test.each([
    [{ fault: 'server-error' }, 'status 503'],
    [{ fault: 'rate-limit' }, 'status 429'],
    [{ fault: 'html' }, 'not as documented'],
    [{ fault: 'truncated' }, 'not as documented'],
    [{ fault: 'reset' }, 'ECONNRESET'],
    [{ fault: 'huge' }, 'larger than'],
    [{ fault: 'empty' }, 'it is not listed'],
  ] as const)('fails as venues do: %j', async (fault, reason) => {
    simulators.faults.set('extended', fault)
    const sight = await look()
    expect(sight.marks).toEqual([])
    expect(sight.unseen.map((one) => one.reason).join()).toContain(reason)
  })

  test('tells the same of one market alone, and answers nobody without a name', async () => {
    const url = `${simulators.baseUrl('extended')}/api/v1/info/markets`
    const [mark] = (await look()).marks
    const stats = (await (await fetch(`${url}/BTC-USD/stats`)).json()) as {
      data: { markPrice: string }
    }
    expect(stats.data.markPrice).toBe(mark?.mark)
    expect((await fetch(`${url}/NOPE-USD/stats`)).status).toBe(404)
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405)
    const all = (await (await fetch(url)).json()) as { data: readonly { name: string }[] }
    expect(all.data.map(({ name }) => name)).toContain('ETH-USD')
  })
})
