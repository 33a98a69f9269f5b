import { hashTypedData } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { engineRules, marketRules } from '../../../../infra/contracts/evm-engine/deploy.ts'
import { alice, bob, carol, operator, stranger } from './actors.ts'
import { aMarket, type Engine, governor, someRules, startEngine } from './engine.ts'
import { anOrder, deposit, e18, setPrice, trade, tradeArguments, usd } from './moves.ts'
import { domainOf, feedOf, types } from './typed-data.ts'

let engine: Engine
let back: () => Promise<void>
const market = aMarket({ initialMarginBps: 1_000, maintenanceMarginBps: 500 })
beforeAll(async () => {
  const many = Array.from({ length: 33 }, (_, at) => [`M${at}-USD`, market] as const)
  engine = await startEngine({
    markets: { 'BTC-USD': market, 'ETH-USD': market, ...Object.fromEntries(many) },
    rules: someRules({ tradeFeeBps: 5 }),
  })
  for (const who of [alice, bob, carol]) await deposit(engine, who, usd(1_000))
  await setPrice(engine, 'BTC-USD', e18(100))
})
afterAll(async () => engine.node.stop())
beforeEach(async () => {
  await back?.()
  back = await engine.save()
})

const btc = feedOf('BTC-USD')
const price = e18(100)
const cashOf = async (who: { address: string }) =>
  ((await engine.ask('accountOf', who.address)) as [bigint, string[]])[0]
const positionOf = async (who: { address: string }) =>
  (await engine.ask('position', who.address, btc)) as { size: bigint; cost: bigint }
const refused = async (...args: readonly unknown[]) =>
  engine.refusal(operator.address, 'trade', ...args)

describe('a trade', () => {
  test('gives one what the other gives, and the fund both fees', async () => {
    const events = await trade(engine, { buyer: alice, seller: bob, size: e18(3), price })
    expect(await positionOf(alice)).toMatchObject({ size: e18(3), cost: usd(300) })
    expect(await positionOf(bob)).toMatchObject({ size: -e18(3), cost: -usd(300) })
    expect(await cashOf(alice)).toBe(usd(700 - 0.15))
    expect(await cashOf(bob)).toBe(usd(1_300 - 0.15))
    expect(await engine.ask('insuranceFund')).toBe(usd(0.3))
    expect(events.at(-1)).toMatchObject({
      name: 'Traded',
      args: {
        feedId: btc,
        buyer: alice.address,
        seller: bob.address,
        size: e18(3),
        price,
        fee: usd(0.15),
      },
    })
    expect(events.filter(({ name }) => name === 'PositionChanged').map(({ args }) => args)).toEqual(
      [
        {
          account: alice.address,
          feedId: btc,
          size: e18(3),
          cost: usd(300),
          fundingIndex: 0n,
          collateral: usd(699.85),
        },
        {
          account: bob.address,
          feedId: btc,
          size: -e18(3),
          cost: -usd(300),
          fundingIndex: 0n,
          collateral: usd(1_299.85),
        },
      ],
    )
  })

  test('fills orders bit by bit, and never beyond their size', async () => {
    const buy = await anOrder(engine, alice, { size: e18(3) })
    const sell = await anOrder(engine, bob, { size: -e18(5) })
    await engine.act(operator.address, 'trade', buy, sell, e18(2), price)
    const hash = await engine.ask('orderHash', buy.order)
    expect(await engine.ask('filled', hash)).toBe(e18(2))
    expect(await refused(buy, sell, e18(1) + 1n, price)).toBe(
      `OrderOverfilled(${alice.address}, ${e18(1) + 1n}, ${e18(1)})`,
    )
    await engine.act(operator.address, 'trade', buy, sell, e18(1), price)
    expect(await refused(buy, sell, 1n, price)).toBe(`OrderOverfilled(${alice.address}, 1, 0)`)
    const other = await anOrder(engine, carol, { size: e18(9) })
    expect(await refused(other, sell, e18(2) + 1n, price)).toBe(
      `OrderOverfilled(${bob.address}, ${e18(2) + 1n}, ${e18(2)})`,
    )
  })

  test('needs the initial margin of both, to the unit', async () => {
    // 10 % margin and 0.05 % fee of the notional: 1,000 / 0.1005 / 100 units.
    expect(await need(e18(99.502487))).toBe('nothing')
    expect(await need(e18(99.502488))).toMatch(/^MarginTooLow\(/)
  })

  test('lets an account below the initial margin shrink its position but not turn or grow it', async () => {
    await trade(engine, { buyer: alice, seller: bob, size: e18(90), price })
    await setPrice(engine, 'BTC-USD', e18(96))
    const deal = { buyer: bob, seller: alice, price: e18(96) }
    // 640 is left of 1,000 (and fees), the initial margin is 864, the maintenance margin 432.
    const sells = async (size: number) =>
      refused(...(await tradeArguments(engine, { ...deal, size: e18(size) })))
    expect(await sells(1)).toBe('nothing')
    expect(await sells(90)).toBe('nothing')
    expect(await sells(200)).toMatch(/^MarginTooLow/)
    const grows = { buyer: alice, seller: bob, size: 10n ** 9n, price: e18(96) }
    expect(await refused(...(await tradeArguments(engine, grows)))).toMatch(/^MarginTooLow/)
  })

  test('lets no account shrink at a price that leaves it less healthy', async () => {
    await trade(engine, { buyer: alice, seller: bob, size: e18(90), price })
    await setPrice(engine, 'BTC-USD', e18(92))
    // 275.5 of value for 414 of maintenance; selling a tenth may cost a tenth of that.
    const sells = async (at: number) =>
      refused(
        ...(await tradeArguments(engine, {
          buyer: bob,
          seller: alice,
          size: e18(9),
          price: e18(at),
        })),
      )
    expect(await sells(89)).toBe('nothing')
    expect(await sells(88.8)).toMatch(/^MarginTooLow/)
  })

  test('lets no account that has nothing left run up a debt by closing what is worth nothing', async () => {
    const dust = { size: 10n ** 6n, price }
    await trade(engine, { buyer: carol, seller: bob, ...dust })
    await engine.act(carol.address, 'withdraw', usd(1_000) - 2n, carol.address)
    expect(await engine.ask('marginOf', carol.address)).toEqual({
      value: 0n,
      initial: 0n,
      maintenance: 0n,
    })
    const deal = { buyer: bob, seller: carol, ...dust }
    expect(await refused(...(await tradeArguments(engine, deal)))).toBe(
      `MarginTooLow(${carol.address}, -1, 0)`,
    )
  })

  test('turns a position, whose cost then begins anew', async () => {
    await trade(engine, { buyer: alice, seller: bob, size: e18(4), price })
    await trade(engine, { buyer: bob, seller: alice, size: e18(1), price: e18(120) })
    expect(await positionOf(alice)).toMatchObject({ size: e18(3), cost: usd(300) })
    await trade(engine, { buyer: bob, seller: alice, size: e18(5), price: e18(110) })
    expect(await positionOf(alice)).toMatchObject({ size: -e18(2), cost: -usd(220) })
    await trade(engine, { buyer: alice, seller: bob, size: e18(2), price })
    expect(await positionOf(alice)).toMatchObject({ size: 0n, cost: 0n })
    expect(await engine.ask('accountOf', alice.address)).toMatchObject([expect.anything(), []])
  })

  test('is matched by an operator only', async () => {
    const args = await tradeArguments(engine, { buyer: alice, seller: bob, size: 1n, price })
    expect(await engine.refusal(stranger.address, 'trade', ...args)).toBe(
      `NotOperator(${stranger.address})`,
    )
  })

  test('in a market that only shrinks may neither open, grow nor turn a position', async () => {
    await trade(engine, { buyer: alice, seller: bob, size: e18(4), price })
    const closed = marketRules({ ...market, status: 'reduce-only' })
    await engine.act(governor, 'setMarkets', [btc], [closed])
    const deal = async (buyer: typeof alice, seller: typeof alice, size: number) =>
      refused(...(await tradeArguments(engine, { buyer, seller, size: e18(size), price })))
    expect(await deal(bob, alice, 4)).toBe('nothing')
    expect(await deal(bob, alice, 5)).toBe(`MarketReduceOnly(BTC-USD, ${bob.address})`)
    expect(await deal(alice, bob, 1)).toBe(`MarketReduceOnly(BTC-USD, ${alice.address})`)
    expect(await deal(carol, alice, 1)).toBe(`MarketReduceOnly(BTC-USD, ${carol.address})`)
  })

  test('with a stale price is refused', async () => {
    await engine.warp(121)
    const args = await tradeArguments(engine, { buyer: alice, seller: bob, size: 1n, price })
    expect(await refused(...args)).toMatch(/^StalePrice\(BTC-USD, /)
  })

  test('leaves no account with more positions than a margin test can afford', async () => {
    const deal = async (at: number) => {
      const symbol = `M${at}-USD`
      await setPrice(engine, symbol, e18(1))
      const terms = { buyer: alice, seller: bob, symbol, size: e18(1), price: e18(1) }
      return tradeArguments(engine, terms)
    }
    for (let at = 0; at < 32; at += 1)
      await engine.act(operator.address, 'trade', ...(await deal(at)))
    // A block's gas is far away.
    expect(engine.gasOfLast()).toBeLessThan(1_500_000)
    expect(await refused(...(await deal(32)))).toBe(`TooManyPositions(${alice.address}, 32)`)
  })
})

describe('a pair of orders is refused', () => {
  test('never for its own sake', async () => {
    expect(await pair()).toBe('nothing')
  })

  test('in different markets, or one that is not listed', async () => {
    expect(await pair({}, { feedId: feedOf('ETH-USD') })).toBe('OrdersDiffer(BTC-USD, ETH-USD)')
    const feedId = feedOf('DOGE-USD')
    expect(await pair({ feedId }, { feedId })).toBe('UnknownMarket(DOGE-USD)')
  })

  test('of one account', async () => {
    const buy = await anOrder(engine, alice, { size: e18(1) })
    const sell = await anOrder(engine, alice, { size: -e18(1) })
    expect(await refused(buy, sell, 1n, price)).toBe(`SameAccount(${alice.address})`)
  })

  test('on the wrong side', async () => {
    expect(await pair({ size: -e18(1) })).toBe(`OrderWrongSide(${alice.address}, ${-e18(1)})`)
    expect(await pair({}, { size: e18(1) })).toBe(`OrderWrongSide(${bob.address}, ${e18(1)})`)
    expect(await pair({ size: 0n })).toBe(`OrderWrongSide(${alice.address}, 0)`)
  })

  test('for nothing, or for more than can be held', async () => {
    const size = 2n ** 112n
    const buy = await anOrder(engine, alice, { size })
    const sell = await anOrder(engine, bob, { size: -size })
    expect(await refused(buy, sell, 0n, price)).toBe('ZeroAmount()')
    expect(await refused(buy, sell, 1n, 0n)).toBe('ZeroAmount()')
    expect(await refused(buy, sell, size, price)).toBe(`SizeOutOfRange(BTC-USD, ${size})`)
  })

  test('after its last second', async () => {
    expect(await pair({ expiry: engine.now() })).toBe('nothing')
    const expiry = engine.now() - 1n
    expect(await pair({ expiry })).toBe(`OrderExpired(${alice.address}, ${expiry})`)
  })

  test('at a price worse than either wants', async () => {
    expect(await pair({ price }, { price })).toBe('nothing')
    expect(await pair({ price: price - 1n })).toBe(
      `OrderPriceBroken(${alice.address}, ${price}, ${price - 1n})`,
    )
    expect(await pair({}, { price: price + 1n })).toBe(
      `OrderPriceBroken(${bob.address}, ${price}, ${price + 1n})`,
    )
  })

  test('at a higher fee than agreed', async () => {
    expect(await pair({ maxFeeBps: 5 }, { maxFeeBps: 5 })).toBe('nothing')
    expect(await pair({ maxFeeBps: 4 })).toBe(`OrderFeeTooHigh(${alice.address}, 5, 4)`)
  })

  test('where somebody else signed', async () => {
    expect(await pair({ by: stranger })).toBe(`InvalidOrderSignature(${alice.address})`)
    const buy = await anOrder(engine, alice, { size: e18(1) })
    const sell = await anOrder(engine, bob, { size: -e18(1) })
    const bent = { ...buy, order: { ...buy.order, nonce: buy.order.nonce + 1n } }
    expect(await refused(bent, sell, 1n, price)).toBe(`InvalidOrderSignature(${alice.address})`)
    expect(await refused({ ...buy, v: 29 }, sell, 1n, price)).toBe(
      `InvalidOrderSignature(${alice.address})`,
    )
    const nobody = '0x0000000000000000000000000000000000000000'
    const forged = { ...buy, r: `0x${'00'.repeat(32)}`, order: { ...buy.order, account: nobody } }
    expect(await refused(forged, sell, 1n, price)).toBe(`InvalidOrderSignature(${nobody})`)
  })

  test('once it was cancelled by its owner, alone or with all before it', async () => {
    const buy = await anOrder(engine, alice, { size: e18(1) })
    const sell = await anOrder(engine, bob, { size: -e18(1) })
    expect(await engine.refusal(stranger.address, 'cancelOrder', buy.order)).toBe(
      `NotOrderOwner(${stranger.address}, ${alice.address})`,
    )
    await engine.act(alice.address, 'cancelOrder', buy.order)
    expect(await refused(buy, sell, 1n, price)).toBe(`OrderOverfilled(${alice.address}, 1, 0)`)
    const { nonce } = sell.order
    await engine.act(bob.address, 'raiseLeastNonce', nonce + 1n)
    const other = await anOrder(engine, alice, { size: e18(1) })
    expect(await refused(other, sell, 1n, price)).toBe(
      `OrderNonceTooLow(${bob.address}, ${nonce}, ${nonce + 1n})`,
    )
    expect(await engine.refusal(bob.address, 'raiseLeastNonce', nonce)).toMatch(/^OrderNonceTooLow/)
  })
})

test('an order’s hash is the one of its typed data', async () => {
  const { order } = await anOrder(engine, alice, { size: -7n })
  const typed = {
    domain: domainOf(engine.domain),
    types,
    primaryType: 'Order',
    message: order,
  } as const
  expect(await engine.ask('orderHash', order)).toBe(hashTypedData(typed))
})

test('the fee is what the governor last set', async () => {
  await engine.act(governor, 'setEngineRules', engineRules(someRules({ tradeFeeBps: 100 })))
  await trade(engine, { buyer: alice, seller: bob, size: e18(1), price })
  expect(await engine.ask('insuranceFund')).toBe(usd(2))
})

const need = async (size: bigint) =>
  refused(...(await tradeArguments(engine, { buyer: alice, seller: bob, size, price })))

const pair = async (
  buy: Parameters<typeof anOrder>[2] = {},
  sell: Parameters<typeof anOrder>[2] = {},
) =>
  refused(
    await anOrder(engine, alice, { size: e18(1), ...buy }),
    await anOrder(engine, bob, { size: -e18(1), ...sell }),
    e18(1),
    price,
  )
