import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { alice, bob, carol, operator, stranger } from './actors.ts'
import { aMarket, type Engine, genesis, someRules, startEngine } from './engine.ts'
import { deposit, e18, setPrice, trade, usd } from './moves.ts'
import { feedOf } from './typed-data.ts'

let engine: Engine
let back: () => Promise<void>
beforeAll(async () => {
  const market = aMarket({ maxFundingRate: 10n ** 16n })
  engine = await startEngine({
    markets: { 'BTC-USD': market, 'ETH-USD': market },
    rules: someRules(),
  })
  for (const who of [alice, bob, carol]) await deposit(engine, who, usd(10_000))
  await setPrice(engine, 'BTC-USD', e18(1_000))
})
afterAll(async () => engine.node.stop())
beforeEach(async () => {
  await back?.()
  back = await engine.save()
})

const btc = feedOf('BTC-USD')
const first = genesis / 3_600n
const refused = async (...args: readonly unknown[]) =>
  engine.refusal(operator.address, 'tickFunding', ...args)
const tick = async (epoch: bigint, rate: bigint) =>
  engine.act(operator.address, 'tickFunding', epoch, [btc], [rate])
const valueOf = async (who: { address: string }) =>
  (await engine.ask('accountValue', who.address)) as bigint

describe('a funding tick', () => {
  test('adds rate times price to the index, rounded down', async () => {
    expect(await tick(first, -3n)).toEqual([
      { name: 'FundingTicked', args: { feedId: btc, epoch: first, rate: -3n, index: -3_000n } },
    ])
    await engine.warp(3_600)
    await setPrice(engine, 'BTC-USD', e18(0.5))
    const [event] = await tick(first + 1n, -3n)
    // -1.5 more.
    expect(event?.args['index']).toBe(-3_002n)
  })

  test('is for the epoch that is now, once', async () => {
    for (const epoch of [first - 1n, first + 1n])
      expect(await refused(epoch, [btc], [0n])).toBe(`WrongEpoch(${epoch}, ${first})`)
    await tick(first, 1n)
    expect(await refused(first, [btc], [1n])).toBe(`FundingAlreadyTicked(BTC-USD, ${first})`)
    await engine.warp(3_599)
    expect(await engine.ask('currentEpoch')).toBe(first + 1n)
    await setPrice(engine, 'BTC-USD', e18(1_000))
    expect(await refused(first, [btc], [1n])).toBe(`WrongEpoch(${first}, ${first + 1n})`)
    expect(await refused(first + 1n, [btc, btc], [1n, 1n])).toBe(
      `FundingAlreadyTicked(BTC-USD, ${first + 1n})`,
    )
    await tick(first + 1n, 1n)
  })

  test('that nobody made is not made up for', async () => {
    await tick(first, 0n)
    await engine.warp(3_600 * 5)
    await setPrice(engine, 'BTC-USD', e18(1_000))
    await tick(first + 5n, 1n)
    for (const epoch of [first + 3n, first + 4n])
      expect(await refused(epoch, [btc], [0n])).toMatch(/^WrongEpoch/)
  })

  test('keeps to the market’s cap, both ways', async () => {
    const cap = 10n ** 16n
    expect(await refused(first, [btc], [cap])).toBe('nothing')
    expect(await refused(first, [btc], [-cap])).toBe('nothing')
    for (const rate of [cap + 1n, -cap - 1n])
      expect(await refused(first, [btc], [rate])).toBe(
        `FundingRateTooHigh(BTC-USD, ${rate}, ${cap})`,
      )
  })

  test('is an operator’s, for listed markets with fresh prices, one rate each', async () => {
    expect(await engine.refusal(stranger.address, 'tickFunding', first, [btc], [0n])).toBe(
      `NotOperator(${stranger.address})`,
    )
    expect(await refused(first, [btc], [])).toBe('LengthMismatch(1, 0)')
    expect(await refused(first, [], [])).toBe('EmptyBatch()')
    expect(await refused(first, [feedOf('DOGE-USD')], [0n])).toBe('UnknownMarket(DOGE-USD)')
    expect(await refused(first, [btc, feedOf('ETH-USD')], [0n, 0n])).toBe(
      'StalePrice(ETH-USD, 0, 120)',
    )
  })
})

describe('funding', () => {
  test('moves from longs to shorts when the rate is above zero, before anybody is touched', async () => {
    await trade(engine, { buyer: alice, seller: bob, size: e18(2), price: e18(1_000) })
    await tick(first, 10n ** 15n)
    // 0.1 % of 2,000.
    expect(await valueOf(alice)).toBe(usd(9_998))
    expect(await valueOf(bob)).toBe(usd(10_002))
    const [cash] = (await engine.ask('accountOf', alice.address)) as [bigint]
    expect(cash).toBe(usd(8_000))
  })

  test('is settled when a position changes, and only since it was last settled', async () => {
    await tick(first, 10n ** 15n)
    await trade(engine, { buyer: alice, seller: bob, size: e18(2), price: e18(1_000) })
    expect(await valueOf(alice)).toBe(usd(10_000))
    await engine.warp(3_600)
    await setPrice(engine, 'BTC-USD', e18(1_000))
    await tick(first + 1n, -(10n ** 15n))
    const events = await trade(engine, {
      buyer: carol,
      seller: alice,
      size: e18(1),
      price: e18(1_000),
    })
    expect(events.filter(({ name }) => name === 'FundingSettled')).toEqual([
      { name: 'FundingSettled', args: { account: alice.address, feedId: btc, payment: usd(2) } },
    ])
    expect(await engine.ask('fundingPool')).toBe(-usd(2))
    expect(await valueOf(alice)).toBe(usd(10_002))
    expect(await valueOf(carol)).toBe(usd(10_000))
  })

  test('is rounded against each side, so that the pool is never short once all have settled', async () => {
    const law = fc.asyncProperty(
      fc.record({
        rates: fc.array(fc.bigInt(-(10n ** 16n), 10n ** 16n), { minLength: 1, maxLength: 4 }),
        price: fc.bigInt(1n, 10n ** 22n),
        size: fc.bigInt(1n, 10n ** 18n),
        share: fc.bigInt(1n, 100n),
      }),
      async ({ rates, price, size, share }) => {
        const restore = await engine.save()
        await setPrice(engine, 'BTC-USD', price)
        const part = (size * share) / 100n || 1n
        await trade(engine, { buyer: alice, seller: bob, size: part, price })
        await trade(engine, { buyer: carol, seller: bob, size, price })
        const before = await Promise.all([alice, bob, carol].map(valueOf))
        let index = 0n
        for (const rate of rates) {
          const epoch = (engine.now() + 3_599n) / 3_600n
          await engine.warp(epoch * 3_600n - engine.now())
          await setPrice(engine, 'BTC-USD', price)
          await tick(epoch, rate)
          index += floor(rate * price, 10n ** 18n)
        }
        const after = await Promise.all([alice, bob, carol].map(valueOf))
        const paid = after.map((value, at) => value - (before[at] ?? 0n))
        expect(paid).toEqual(
          [part, -part - size, size].map((held) => floor(-index * held, 10n ** 30n)),
        )
        await trade(engine, { buyer: bob, seller: alice, size: part, price })
        await trade(engine, { buyer: bob, seller: carol, size, price })
        const pool = (await engine.ask('fundingPool')) as bigint
        // At most a unit for each of the settlements that rounded.
        expect(pool >= 0n && pool <= 4n).toBe(true)
        await restore()
      },
    )
    await fc.assert(law, { numRuns: 25 })
  })
})

/** By way of truncation and remainder's sign, unlike the contract. */
function floor(a: bigint, b: bigint): bigint {
  return (a - (((a % b) + b) % b)) / b
}
