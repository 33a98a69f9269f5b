import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { engineRules, marketRules } from '../../../../infra/contracts/evm-engine/deploy.ts'
import { alice, bob, carol, dave, keeper, operator, stranger } from './actors.ts'
import { aMarket, type Engine, governor, someRules, startEngine } from './engine.ts'
import { deposit, e18, setPrice, trade, usd } from './moves.ts'
import { feedOf } from './typed-data.ts'

let engine: Engine
let back: () => Promise<void>
const market = aMarket({ initialMarginBps: 1_000, maintenanceMarginBps: 500, penaltyBps: 100 })
const rules = someRules({ smallPosition: usd(100) })
beforeAll(async () => {
  engine = await startEngine({ markets: { 'BTC-USD': market, 'ETH-USD': market }, rules })
  await deposit(engine, alice, usd(1_000))
  for (const who of [bob, keeper, dave]) await deposit(engine, who, usd(100_000))
  await setPrice(engine, 'BTC-USD', e18(1_000))
  await setPrice(engine, 'ETH-USD', e18(100))
  // Ten times leverage: ten bitcoin with a thousand dollars.
  await trade(engine, { buyer: alice, seller: bob, size: e18(10), price: e18(1_000) })
})
afterAll(async () => engine.node.stop())
beforeEach(async () => {
  await back?.()
  back = await engine.save()
})

const btc = feedOf('BTC-USD')
const marginOf = async (who: { address: string }) =>
  (await engine.ask('marginOf', who.address)) as {
    value: bigint
    maintenance: bigint
    initial: bigint
  }
const sizeOf = async (who: { address: string }) =>
  ((await engine.ask('position', who.address, btc)) as { size: bigint }).size
const liquidate = async (size: bigint, by = keeper) =>
  engine.act(by.address, 'liquidate', alice.address, btc, size)
const refused = async (size: bigint, by = keeper) =>
  engine.refusal(by.address, 'liquidate', alice.address, btc, size)
const fund = async (amount: bigint) => {
  await engine.token(dave.address, 'mint', dave.address, amount)
  await engine.token(dave.address, 'approve', engine.address, amount)
  await engine.act(dave.address, 'fundInsurance', amount)
}
const deleverage = async (size: bigint, { by = operator, against = bob } = {}) =>
  engine.refusal(by.address, 'deleverage', alice.address, against.address, btc, size)

describe('an account', () => {
  test('is liquidatable below its maintenance margin, and not at it', async () => {
    // value 1000 - 10 x, requirement 5 % of 10 (1000 - x): equal where x = 500 / 9.5.
    await setPrice(engine, 'BTC-USD', e18(947.368422))
    expect(await engine.ask('isLiquidatable', alice.address)).toBe(false)
    const { value, maintenance } = await marginOf(alice)
    expect(await refused(1n)).toBe(`NotLiquidatable(${alice.address}, ${value}, ${maintenance})`)
    expect(await engine.ask('liquidatableSize', alice.address, btc)).toBe(0n)
    await setPrice(engine, 'BTC-USD', e18(947.368421))
    expect(await engine.ask('isLiquidatable', alice.address)).toBe(true)
    expect(await refused(1n)).toBe('nothing')
  })

  test('is exactly at the edge still healthy', async () => {
    await engine.act(
      governor,
      'setMarkets',
      [btc],
      [marketRules({ ...market, initialMarginBps: 2_000, maintenanceMarginBps: 1_000 })],
    )
    expect(await marginOf(alice)).toMatchObject({ value: usd(1_000), maintenance: usd(1_000) })
    expect(await refused(1n)).toMatch(/^NotLiquidatable/)
    await setPrice(engine, 'BTC-USD', e18(1_000) - 1n)
    expect(await refused(1n)).toBe('nothing')
  })
})

describe('a liquidation', () => {
  test('takes over at the mark, for a penalty that liquidator and fund share', async () => {
    await setPrice(engine, 'BTC-USD', e18(940))
    // Value 400, requirement 470. Half of the position: 4,700 at 1 % is 47.
    expect(await engine.ask('liquidatableSize', alice.address, btc)).toBe(e18(5))
    const events = await liquidate(e18(5))
    expect(events.at(-1)).toEqual({
      name: 'Liquidated',
      args: {
        account: alice.address,
        liquidator: keeper.address,
        feedId: btc,
        size: -e18(5),
        price: e18(940),
        penalty: usd(47),
        reward: usd(23.5),
        cover: 0n,
      },
    })
    expect(await marginOf(alice)).toMatchObject({ value: usd(353), maintenance: usd(235) })
    expect(await marginOf(keeper)).toMatchObject({ value: usd(100_023.5) })
    expect(await engine.ask('insuranceFund')).toBe(usd(23.5))
    expect(await sizeOf(keeper)).toBe(e18(5))
    expect(await engine.ask('isLiquidatable', alice.address)).toBe(false)
    // The reward is no part of what the position cost.
    expect(await engine.ask('position', keeper.address, btc)).toMatchObject({ cost: usd(4_700) })
  })

  test('takes a short over as well', async () => {
    await deposit(engine, carol, usd(1_000))
    await trade(engine, { buyer: bob, seller: carol, size: e18(10), price: e18(1_000) })
    await setPrice(engine, 'BTC-USD', e18(1_050))
    await engine.act(keeper.address, 'liquidate', carol.address, btc, e18(5))
    // Lost 500, then 1 % of 5,250.
    expect(await marginOf(carol)).toMatchObject({ value: usd(447.5), maintenance: usd(262.5) })
    expect(await sizeOf(carol)).toBe(-e18(5))
    expect(await sizeOf(keeper)).toBe(-e18(5))
  })

  test('takes no more than half, unless the account is far gone or the rest small', async () => {
    await setPrice(engine, 'BTC-USD', e18(940))
    expect(await refused(e18(5) + 1n)).toBe(
      `SizeTooLarge(${alice.address}, BTC-USD, ${e18(5) + 1n}, ${e18(5)})`,
    )
    // Value 240 of 462 required is still more than half, 230 of 461.5 is not.
    await setPrice(engine, 'BTC-USD', e18(924))
    expect(await refused(e18(10))).toMatch(/^SizeTooLarge/)
    await setPrice(engine, 'BTC-USD', e18(923))
    expect(await refused(e18(10))).toBe('nothing')
    const small = engineRules({ ...rules, smallPosition: usd(9_400) })
    await engine.act(governor, 'setEngineRules', small)
    await setPrice(engine, 'BTC-USD', e18(940))
    expect(await refused(e18(10))).toBe('nothing')
  })

  test('penalises no more than leaves the account as healthy as it was', async () => {
    await setPrice(engine, 'BTC-USD', e18(902))
    // Value 20, requirement 451; 1 % of 9,020 would be 90.2.
    await liquidate(e18(2))
    const { value, maintenance } = await marginOf(alice)
    // A fifth of the position for a fifth of the value, which is less than the penalty.
    expect(value).toBe(usd(16))
    expect(maintenance).toBe(usd(360.8))
    await liquidate(e18(8))
    expect(await marginOf(alice)).toMatchObject({ value: 0n, maintenance: 0n })
    expect(await engine.ask('insuranceFund')).toBe(usd(10))
  })

  test('of a bankrupt account costs the fund what it lacks, and no penalty', async () => {
    await fund(usd(150))
    await setPrice(engine, 'BTC-USD', e18(890))
    // 100 are lacking.
    const events = await liquidate(e18(4))
    expect(events.at(-1)?.args).toMatchObject({ penalty: 0n, reward: 0n, cover: usd(40) })
    expect(await marginOf(alice)).toMatchObject({ value: -usd(60) })
    await liquidate(e18(6))
    expect(await marginOf(alice)).toMatchObject({ value: 0n, maintenance: 0n })
    expect(await engine.ask('insuranceFund')).toBe(usd(50))
  })

  test('is refused where the fund cannot pay for it', async () => {
    await fund(usd(99))
    await setPrice(engine, 'BTC-USD', e18(890))
    expect(await refused(e18(10))).toBe(`InsuranceFundShort(${usd(100)}, ${usd(99)})`)
    expect(await refused(e18(9))).toBe('nothing')
  })

  test('needs a liquidator with the initial margin for what he takes', async () => {
    await setPrice(engine, 'BTC-USD', e18(940))
    // 10 % of 4,700, less the reward of 23.5 that he has then.
    await deposit(engine, carol, usd(446.5) - 1n)
    expect(await refused(e18(5), carol)).toBe(
      `MarginTooLow(${carol.address}, ${usd(470) - 1n}, ${usd(470)})`,
    )
    await deposit(engine, carol, 1n)
    expect(await refused(e18(5), carol)).toBe('nothing')
  })

  test('may shrink the liquidator’s own position', async () => {
    await setPrice(engine, 'BTC-USD', e18(940))
    await engine.act(bob.address, 'liquidate', alice.address, btc, e18(5))
    expect(await sizeOf(bob)).toBe(-e18(5))
  })

  test('is of another account, of something, that it has, by a fresh price', async () => {
    await setPrice(engine, 'BTC-USD', e18(940))
    expect(await refused(1n, alice)).toBe(`SameAccount(${alice.address})`)
    expect(await refused(0n)).toBe('ZeroAmount()')
    expect(await refused(e18(10) + 1n)).toBe(
      `SizeTooLarge(${alice.address}, BTC-USD, ${e18(10) + 1n}, ${e18(10)})`,
    )
    const as = async (feed: string) =>
      engine.refusal(keeper.address, 'liquidate', alice.address, feedOf(feed), 1n)
    expect(await as('ETH-USD')).toBe(`SizeTooLarge(${alice.address}, ETH-USD, 1, 0)`)
    expect(await as('DOGE-USD')).toBe('UnknownMarket(DOGE-USD)')
    await engine.warp(121)
    expect(await refused(1n)).toMatch(/^StalePrice\(BTC-USD/)
  })

  test('is done in any market of a cross-margined account', async () => {
    const symbol = 'ETH-USD'
    await deposit(engine, alice, usd(100))
    await trade(engine, { buyer: alice, seller: bob, symbol, size: e18(10), price: e18(100) })
    await setPrice(engine, 'ETH-USD', e18(50))
    await setPrice(engine, 'BTC-USD', e18(980))
    // 1,100 - 200 - 500 against 490 + 25.
    await engine.act(keeper.address, 'liquidate', alice.address, btc, e18(5))
    expect(await marginOf(alice)).toMatchObject({ value: usd(351), maintenance: usd(270) })
  })

  test('counts funding that is not settled yet', async () => {
    await setPrice(engine, 'BTC-USD', e18(950))
    expect(await refused(1n)).toMatch(/^NotLiquidatable/)
    const epoch = (await engine.ask('currentEpoch')) as bigint
    // 0.5 % of 9,500.
    await engine.act(operator.address, 'tickFunding', epoch, [btc], [5n * 10n ** 15n])
    expect(await marginOf(alice)).toMatchObject({ value: usd(452.5), maintenance: usd(475) })
    await liquidate(e18(5))
    expect(await engine.ask('fundingPool')).toBe(usd(47.5))
    expect(await marginOf(alice)).toMatchObject({ value: usd(405) })
  })
})

describe('deleveraging', () => {
  beforeEach(async () => setPrice(engine, 'BTC-USD', e18(890)))

  test('closes at the price that leaves the bankrupt account with nothing, against a winner', async () => {
    const args = [alice.address, bob.address, btc, e18(10)]
    const events = await engine.act(operator.address, 'deleverage', ...args)
    expect(events.at(-1)).toEqual({
      name: 'Deleveraged',
      args: {
        account: alice.address,
        counterparty: bob.address,
        feedId: btc,
        size: -e18(10),
        // 900 each, where the mark is 890.
        cash: usd(9_000),
        loss: usd(100),
      },
    })
    expect(await marginOf(alice)).toMatchObject({ value: 0n })
    expect(await marginOf(bob)).toMatchObject({ value: usd(101_000), maintenance: 0n })
  })

  test('of a part takes that part of the loss', async () => {
    await engine.act(operator.address, 'deleverage', alice.address, bob.address, btc, e18(3))
    expect(await marginOf(alice)).toMatchObject({ value: -usd(70) })
    expect(await sizeOf(alice)).toBe(e18(7))
    expect(await sizeOf(bob)).toBe(-e18(7))
  })

  test('waits while the fund can pay', async () => {
    await fund(usd(30))
    expect(await deleverage(e18(3))).toBe(`InsuranceFundPays(${usd(30)}, ${usd(30)})`)
    expect(await deleverage(e18(3) + 10n ** 12n)).toBe('nothing')
  })

  test('is an operator’s while the fund has anything, and then anybody’s', async () => {
    expect(await deleverage(e18(10), { by: stranger })).toBe('nothing')
    await fund(1n)
    expect(await deleverage(e18(10), { by: stranger })).toBe(`NotOperator(${stranger.address})`)
    expect(await deleverage(e18(10))).toBe('nothing')
  })

  test('is of bankrupt accounts only', async () => {
    await setPrice(engine, 'BTC-USD', e18(900))
    expect(await deleverage(e18(10))).toBe(`NotBankrupt(${alice.address}, 0)`)
    await setPrice(engine, 'BTC-USD', e18(900) - 1n)
    expect(await deleverage(e18(10))).toBe('nothing')
  })

  test('needs an opposite position that is large enough', async () => {
    expect(await deleverage(e18(1), { against: dave })).toBe(
      `NotOpposite(${alice.address}, ${dave.address}, BTC-USD)`,
    )
    await trade(engine, { buyer: dave, seller: keeper, size: e18(1), price: e18(890) })
    expect(await deleverage(e18(1), { against: dave })).toMatch(/^NotOpposite/)
    await setPrice(engine, 'BTC-USD', e18(889))
    expect(await deleverage(e18(1), { against: keeper })).toBe('nothing')
    expect(await deleverage(e18(2), { against: keeper })).toBe(
      `SizeTooLarge(${keeper.address}, BTC-USD, ${e18(2)}, ${e18(1)})`,
    )
    expect(await deleverage(e18(11))).toMatch(/^SizeTooLarge/)
    expect(await deleverage(1n, { against: alice })).toBe(`SameAccount(${alice.address})`)
    expect(await deleverage(0n)).toBe('ZeroAmount()')
  })

  test('spares whom the price has not favoured', async () => {
    await trade(engine, { buyer: dave, seller: keeper, size: e18(1), price: e18(890) })
    expect(await deleverage(e18(1), { against: keeper })).toBe(
      `NotProfitable(${keeper.address}, BTC-USD, 0)`,
    )
    await setPrice(engine, 'BTC-USD', e18(891))
    expect(await deleverage(e18(1), { against: keeper })).toBe(
      `NotProfitable(${keeper.address}, BTC-USD, ${-usd(1)})`,
    )
  })

  test('leaves the counterparty healthy, or it is not done', async () => {
    // Carol sells just above the mark, with just enough: what she wins is less than what she would lose.
    await deposit(engine, carol, usd(90))
    await trade(engine, { buyer: dave, seller: carol, size: e18(1), price: e18(891) })
    await setPrice(engine, 'BTC-USD', e18(600))
    await engine.act(carol.address, 'withdraw', usd(90 + 291 - 60), carol.address)
    expect(await marginOf(carol)).toMatchObject({ value: usd(60), maintenance: usd(30) })
    // Alice lacks 3,000: 300 for each bitcoin.
    expect(await deleverage(e18(1), { against: carol })).toBe(
      `CounterpartyUnfit(${carol.address}, ${-usd(240)}, 0)`,
    )
    expect(await deleverage(e18(0.01), { against: carol })).toBe('nothing')
  })

  test('needs fresh prices', async () => {
    await engine.warp(121)
    expect(await deleverage(e18(1))).toMatch(/^StalePrice/)
  })
})
