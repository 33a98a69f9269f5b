import { describe, expect, test } from 'vitest'

import { Decimal } from '../../lib/domain/decimal.ts'
import { oraclePricesTick } from '../../lib/domain/oracle-prices-tick.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import { fundingIntent } from '../../lib/keepers/settle-funding.ts'
import { fundingProcess } from './funding-process.ts'
import { btc, epochSeconds, eth, someSettings } from './funding-world.ts'
import { laneOnStarkex } from './lane/lane-on-starkex.ts'

const [btcAsset, ethAsset] = [0x4254432d3130000000000000000000n, 0x4554482d3900000000000000000000n]

/** A keeper that settles funding, and an exchange that was told a price of 100 for both markets. */
async function aWorld() {
  const it = await laneOnStarkex({}, { timeoutMs: 5_000 })
  const { clock, gateway, store } = it
  clock.pass(epochSeconds * 1000 - (clock.now() % (epochSeconds * 1000)))
  const { chain, engines, account } = it.process()
  const engine = engines['perps']
  if (!engine) throw new Error('there is one')
  const settings = someSettings()
  const keeping = fundingProcess({ clock, chain, engine, account, store, settings })
  return {
    ...it,
    ...keeping,
    engine,
    row: async () => it.lane(),

    async push(round = 100) {
      await it.add(round)
      await advanceLane(keeping.lane)
    },

    /** So many slots, of a minute each, with a premium. */
    async pass(slots: number, premium: string) {
      for (let done = 0; done < slots; done += 1) {
        clock.pass(60_000)
        await keeping.publish({ 'oracle-1': premium })
        await keeping.slot()
      }
    },

    indices: () => gateway.exchange.state().indices,
    fundingTicks: () =>
      gateway.exchange.requests().filter(({ tx }) => tx.type === 'FUNDING_TICK').length,
  }
}

// 100 USD at 1e10 and 1e9 smallest units each, of 1e6 in a dollar, scale 2^32, rounded half up by hand.
const [btcPrice, ethPrice] = [42_949_673n, 429_496_730n]

/** Of an index, in a part of an epoch; rounded towards zero. */
function change(price: bigint, rate: Decimal, seconds: number): bigint {
  const exact = rate.mul(String(price)).mul(seconds).div(epochSeconds)
  return BigInt(exact.toFixed(0, Decimal.ROUND_DOWN))
}

describe('on a StarkEx exchange', () => {
  test('every epoch is told once, and the indexes are what the rates make of the prices', async () => {
    const it = await aWorld()
    await it.push()
    await it.pass(1, '0.0001')
    expect([...it.indices()]).toEqual([
      [btcAsset, 0n],
      [ethAsset, 0n],
    ])
    // Nine slots of the epoch are left; its first had no vote before.
    await it.pass(9, '0.0001')
    const part = new Decimal('0.0001').mul(9).div(10)
    // The first tick was 540 s ago, the next one a whole epoch after that.
    const first = [btcPrice, ethPrice].map((price) => change(price, part, 540))
    expect([...it.indices().values()]).toEqual(first)
    await it.pass(10, '-0.0001')
    const mean = new Decimal('0.0001').sub(new Decimal('0.0009')).div(10)
    const second = [btcPrice, ethPrice].map((price) => change(price, mean, 600))
    expect([...it.indices().values()]).toEqual(first.map((one, at) => one + (second[at] ?? 0n)))
    expect(it.fundingTicks()).toBe(3)
    expect((await it.engine.state()).fundingIndexes).toEqual({
      [btc]: it.indices().get(btcAsset),
      [eth]: it.indices().get(ethAsset),
    })
  })

  test('a rate beyond what a second may move is told as 95 % of that', async () => {
    const it = await aWorld()
    await it.push()
    await it.pass(20, '0.04')
    // Twice 1,120 · price · seconds / 2^32, rounded down, and 95 % of it: 540 s and 600 s.
    const most = [540n, 600n].map((seconds) => {
      const cap = (1_120n * btcPrice * seconds) / 2n ** 32n
      return (cap * 95n) / 100n
    })
    expect(it.indices().get(btcAsset)).toBe((most[0] ?? 0n) + (most[1] ?? 0n))
    expect(it.fundingTicks()).toBe(3)
  })

  test('nothing is told before a market has a price', async () => {
    const it = await aWorld()
    await it.pass(3, '0.0001')
    expect(it.gateway.exchange.firstUnused()).toBe(0)
    await it.push()
    await it.pass(1, '0.0001')
    expect(it.indices().size).toBe(2)
  })

  test('a tick that the gateway refuses is tried again in the next slot, at a new id', async () => {
    const it = await aWorld()
    await it.push()
    const code = 'INVALID_FUNDING_TICK_RATE'
    it.clock.pass(60_000)
    it.gateway.faults.set({ fault: 'code', code, requests: 1 })
    await it.publish({ 'oracle-1': '0' })
    await it.slot()
    await it.settle()
    expect(it.fundingTicks()).toBe(0)
    await it.pass(1, '0')
    expect(it.fundingTicks()).toBe(1)
    const round = Math.floor(it.clock.now() / 1000 / epochSeconds)
    const tries = await Promise.all(
      [1, 2].map(async (attempt) =>
        it.store.intents.get(fundingIntent({ engine: 'perps', round, attempt })),
      ),
    )
    expect(tries.map((one) => one?.state.kind)).toEqual(['failed', 'settled'])
    expect(tries[0]?.state).toMatchObject({ reason: `${code}: as it was told to` })
  })

  test('a lost answer does not settle an epoch twice', async () => {
    const it = await aWorld()
    await it.push()
    it.clock.pass(60_000)
    await it.publish({ 'oracle-1': '0.0001' })
    it.gateway.faults.set({ fault: 'drop-answer', after: true, requests: 2 })
    await it.slot()
    await it.settle()
    await it.pass(2, '0.0001')
    expect(it.fundingTicks()).toBe(1)
    expect((await it.row())?.toldFunding?.map(({ market, index }) => `${market} ${index}`)).toEqual(
      ['BTC-USD 0', 'ETH-USD 0'],
    )
  })

  test('the time of a tick is never before the exchange’s, whatever our clock says', async () => {
    const it = await aWorld()
    await it.push()
    it.clock.pass(60_000)
    const now = Math.floor(it.clock.now() / 1000)
    // As a tick of another worker of the lane, whose clock is ahead, leaves it.
    const tx = oraclePricesTick([], timestamp((now + 20) * 1000))
    it.gateway.exchange.add(`{"tx_id":1,"tx":${tx}}`)
    const row = await it.row()
    if (!row) throw new Error('it has sent')
    const toldTime = timestamp((now + 20) * 1000)
    await it.store.lanes.write({ ...row, toldTime, nextNonce: 2, version: row.version + 1 })
    await it.publish({ 'oracle-1': '0' })
    await it.slot()
    await it.settle()
    expect(it.gateway.exchange.state().fundingTime).toBe(BigInt(now + 20))
  })
})
