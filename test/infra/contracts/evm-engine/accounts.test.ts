import { zeroAddress } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { alice, bob, stranger } from './actors.ts'
import { aMarket, type Engine, someRules, startEngine } from './engine.ts'
import { deposit, e18, setPrice, trade, usd } from './moves.ts'
import { feedOf } from './typed-data.ts'

let engine: Engine
let back: () => Promise<void>
beforeAll(async () => {
  const market = aMarket({ initialMarginBps: 1_000, maintenanceMarginBps: 500 })
  engine = await startEngine({
    markets: { 'BTC-USD': market, 'ETH-USD': market },
    rules: someRules(),
  })
})
afterAll(async () => engine.node.stop())
beforeEach(async () => {
  await back?.()
  back = await engine.save()
})

const btc = feedOf('BTC-USD')
const collateralOf = async (who: { address: string }) =>
  ((await engine.ask('accountOf', who.address)) as [bigint, string[]])[0]

describe('a deposit', () => {
  test('is credited to whom it is for, and the tokens are there', async () => {
    await engine.token(bob.address, 'mint', bob.address, usd(5))
    await engine.token(bob.address, 'approve', engine.address, usd(5))
    const events = await engine.act(bob.address, 'deposit', alice.address, usd(5))
    expect(events.at(-1)).toEqual({
      name: 'Deposited',
      args: { account: alice.address, from: bob.address, amount: usd(5) },
    })
    expect(await collateralOf(alice)).toBe(usd(5))
    expect(await engine.balanceOf(engine.address)).toBe(usd(5))
  })

  test('is of something, to somebody, and paid', async () => {
    const as = async (...args: readonly unknown[]) =>
      engine.refusal(stranger.address, 'deposit', ...args)
    expect(await as(alice.address, 0n)).toBe('ZeroAmount()')
    expect(await as(zeroAddress, 1n)).toBe('ZeroAddress()')
    expect(await as(alice.address, 1n)).toBe(
      `TransferFailed(${String(await engine.ask('collateralToken'))})`,
    )
  })
})

describe('a withdrawal', () => {
  beforeEach(async () => {
    await deposit(engine, alice, usd(1_000))
    await deposit(engine, bob, usd(1_000))
  })
  test('pays whom the account says', async () => {
    const events = await engine.act(alice.address, 'withdraw', usd(400), stranger.address)
    expect(events.at(-1)).toEqual({
      name: 'Withdrawn',
      args: { account: alice.address, to: stranger.address, amount: usd(400) },
    })
    expect(await engine.balanceOf(stranger.address)).toBe(usd(400))
    expect(await collateralOf(alice)).toBe(usd(600))
  })

  test('without positions takes all that is there, needs no price, and not one unit more', async () => {
    expect(await withdraw(usd(1_000))).toBe('nothing')
    expect(await withdraw(usd(1_000) + 1n)).toBe(`MarginTooLow(${alice.address}, -1, 0)`)
  })

  test('leaves the initial margin, to the unit', async () => {
    await setPrice(engine, 'BTC-USD', e18(1_000))
    await trade(engine, { buyer: alice, seller: bob, size: e18(2), price: e18(1_000) })
    // 10 % of 2,000 stays.
    expect(await withdraw(usd(800))).toBe('nothing')
    expect(await withdraw(usd(800) + 1n)).toBe(
      `MarginTooLow(${alice.address}, ${usd(200) - 1n}, ${usd(200)})`,
    )
  })

  test('may take unrealised profit', async () => {
    await setPrice(engine, 'BTC-USD', e18(1_000))
    await trade(engine, { buyer: alice, seller: bob, size: e18(2), price: e18(1_000) })
    await setPrice(engine, 'BTC-USD', e18(1_200))
    expect(await withdraw(usd(1_160))).toBe('nothing')
    expect(await withdraw(usd(1_160) + 1n)).toMatch(/^MarginTooLow/)
  })

  test('with positions needs a fresh price, inclusive of its last second', async () => {
    await setPrice(engine, 'BTC-USD', e18(1_000))
    await trade(engine, { buyer: alice, seller: bob, size: e18(2), price: e18(1_000) })
    const at = engine.now()
    await engine.warp(120)
    expect(await withdraw(1n)).toBe('nothing')
    await engine.warp(1)
    expect(await withdraw(1n)).toBe(`StalePrice(BTC-USD, ${at}, 120)`)
  })

  test('is of something and to somebody else than the engine', async () => {
    expect(await withdraw(0n)).toBe('ZeroAmount()')
    expect(await withdraw(1n, zeroAddress)).toBe('ZeroAddress()')
    expect(await withdraw(1n, engine.address)).toBe('ZeroAddress()')
  })
})

describe('an account’s margin', () => {
  test('sums up cash, positions and requirements over markets', async () => {
    await deposit(engine, alice, usd(1_000))
    await deposit(engine, bob, usd(1_000))
    await setPrice(engine, 'BTC-USD', e18(1_000))
    await setPrice(engine, 'ETH-USD', e18(100))
    await trade(engine, { buyer: alice, seller: bob, size: e18(2), price: e18(1_000) })
    const symbol = 'ETH-USD'
    await trade(engine, { buyer: bob, seller: alice, symbol, size: e18(5), price: e18(100) })
    await setPrice(engine, 'BTC-USD', e18(900))
    await setPrice(engine, 'ETH-USD', e18(80))
    // Lost 200 on two BTC, won 100 on five ETH sold; 1,800 + 400 are held.
    expect(await engine.ask('marginOf', alice.address)).toEqual({
      value: usd(900),
      initial: usd(220),
      maintenance: usd(110),
    })
    expect(await engine.ask('accountValue', bob.address)).toBe(usd(1_100))
    expect(await engine.ask('marginRequirement', bob.address)).toBe(usd(110))
    expect(await engine.ask('isLiquidatable', alice.address)).toBe(false)
    const [, feeds] = (await engine.ask('accountOf', alice.address)) as [bigint, string[]]
    expect(feeds).toEqual([btc, feedOf('ETH-USD')])
    expect(await engine.ask('position', alice.address, btc)).toEqual({
      size: e18(2),
      cost: usd(2_000),
      fundingIndex: 0n,
    })
  })

  test('is rounded against the holder, long or short', async () => {
    await deposit(engine, alice, usd(1))
    await deposit(engine, bob, usd(1))
    await setPrice(engine, 'BTC-USD', e18(1))
    // A millionth of a millionth: its value is far below the token's unit.
    await trade(engine, { buyer: alice, seller: bob, size: 10n ** 6n, price: e18(1) })
    const long = (await engine.ask('marginOf', alice.address)) as Record<string, bigint>
    const short = (await engine.ask('marginOf', bob.address)) as Record<string, bigint>
    // The buyer paid a unit and holds what rounds to none; the seller got none and owes what rounds to one.
    expect(long).toEqual({ value: usd(1) - 1n, initial: 0n, maintenance: 0n })
    expect(short).toEqual({ value: usd(1) - 1n, initial: 1n, maintenance: 1n })
    expect(await engine.ask('insuranceFund')).toBe(1n)
  })
})

describe('the insurance fund', () => {
  test('takes gifts and gives nothing back', async () => {
    await engine.token(bob.address, 'mint', bob.address, usd(7))
    await engine.token(bob.address, 'approve', engine.address, usd(7))
    expect(await engine.act(bob.address, 'fundInsurance', usd(7))).toEqual([
      { name: 'InsuranceFundChanged', args: { balance: usd(7) } },
    ])
    expect(await engine.ask('insuranceFund')).toBe(usd(7))
    expect(await engine.balanceOf(engine.address)).toBe(usd(7))
    expect(await engine.refusal(bob.address, 'withdraw', 1n, bob.address)).toMatch(/^MarginTooLow/)
  })
})

const withdraw = async (amount: bigint, to: string = stranger.address) =>
  engine.refusal(alice.address, 'withdraw', amount, to)
