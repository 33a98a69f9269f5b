import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { LedgerRow } from '../../lib/domain/pnl/ledger-row.ts'
import {
  actor,
  alice,
  bob,
  carol,
  dave,
  operator,
  stranger,
} from '../infra/contracts/evm-engine/actors.ts'
import {
  aMarket,
  type Engine,
  someRules,
  startEngine,
} from '../infra/contracts/evm-engine/engine.ts'
import { deposit, e18, setPrice, trade, usd } from '../infra/contracts/evm-engine/moves.ts'
import { feedOf } from '../infra/contracts/evm-engine/typed-data.ts'
import { giveEther, keeperOnAnvil, seen } from './liquidation-on-anvil-world.ts'

const btc = feedOf('BTC-USD')
const [dora, emil, fritz] = [actor('dora'), actor('emil'), actor('fritz')]
let contract: Engine
let back: (() => Promise<void>) | undefined

/** Ten bitcoin each: Alice and Dora with ten times leverage, Emil with five, Carol with two. Bob and Fritz are short. */
beforeAll(async () => {
  contract = await startEngine({
    operators: [operator.address, actor('keeper').address],
    markets: {
      'BTC-USD': aMarket({
        initialMarginBps: 1_000,
        maintenanceMarginBps: 500,
        penaltyBps: 100,
        maxPriceAgeSeconds: 86_400,
      }),
    },
    rules: someRules({ smallPosition: usd(100) }),
  })
  await giveEther(contract, 'keeper')
  await setPrice(contract, 'BTC-USD', e18(1_000))
  const money = [
    [alice, 1_000],
    [dora, 1_000],
    [emil, 2_000],
    [carol, 5_000],
    [bob, 100_000],
    [fritz, 100_000],
    [stranger, 100_000],
    [actor('keeper'), 100_000],
  ] as const
  for (const [who, amount] of money) await deposit(contract, who, usd(amount))
  for (const buyer of [alice, dora, emil])
    await trade(contract, { buyer, seller: bob, size: e18(10), price: e18(1_000) })
  await trade(contract, { buyer: carol, seller: fritz, size: e18(10), price: e18(1_000) })
  await fundInsurance(usd(300))
})
afterAll(async () => contract.node.stop())
beforeEach(async () => {
  await back?.()
  back = await contract.save()
})

async function fundInsurance(amount: bigint): Promise<void> {
  await contract.token(dave.address, 'mint', dave.address, amount)
  await contract.token(dave.address, 'approve', contract.address, amount)
  await contract.act(dave.address, 'fundInsurance', amount)
}

const fund = async () => (await contract.ask('insuranceFund')) as bigint
const addressOf = ({ address }: { readonly address: string }) => address.toLowerCase()

/** Slots of the job, a second apart, until one finds nothing more to do. */
async function untilQuiet(it: ReturnType<typeof keeperOnAnvil>, job: 'liquidate' | 'deleverage') {
  for (let slots = 0; slots < 40; slots += 1) {
    await contract.warp(1)
    const end = await it[job]()
    await it.advance()
    if (end.kind === 'done' && end.reason !== 'liquidated' && end.reason !== 'deleveraged') {
      await contract.warp(1)
      await it.advance()
      return end
    }
  }
  throw new Error('it never finds nothing to do')
}

const sum = (all: readonly bigint[]) => all.reduce((total, one) => total + one, 0n)

describe('in a crash', () => {
  test('whoever is below its margin is liquidated, our balance grows by what was decided, and nobody else is touched', async () => {
    const it = keeperOnAnvil(contract)
    const before = { ours: await it.collateral(), fund: await fund() }
    const [emils, carols, bobs] = await Promise.all(
      [emil, carol, bob].map(async (who) => seen(contract, who)),
    )
    await setPrice(contract, 'BTC-USD', 943_210_987_654_321_098_765n)
    await untilQuiet(it, 'liquidate')

    const parts = await it.liquidated()
    expect(new Set(parts.map(({ account }) => account))).toEqual(
      new Set([alice, dora].map(addressOf)),
    )
    expect(sum(parts.map(({ reward }) => reward))).toBeGreaterThan(0n)
    expect((await it.collateral()) - before.ours).toBe(
      sum(parts.map(({ reward, cash }) => reward - cash)),
    )
    expect((await fund()) - before.fund).toBe(
      sum(parts.map(({ penalty, reward, cover }) => penalty - reward - cover)),
    )
    for (const who of [alice, dora]) {
      const { value, maintenance } = await seen(contract, who)
      expect(value).toBeGreaterThanOrEqual(maintenance)
    }
    for (const [who, was] of [
      [emil, emils],
      [carol, carols],
      [bob, bobs],
    ] as const) {
      const { size, collateral } = await seen(contract, who)
      expect([size, collateral]).toEqual([was?.size, was?.collateral])
    }
  })

  test('the fund pays as far as it has money and never more, and the rest is deleveraged against a winner', async () => {
    const it = keeperOnAnvil(contract)
    const others = [carol, fritz]
    const were = await Promise.all(others.map(async (who) => seen(contract, who)))
    await setPrice(contract, 'BTC-USD', e18(870))
    // Each has 300 dollars less than nothing, and the fund has 300 for both.
    await untilQuiet(it, 'liquidate')
    const left = await fund()
    expect(left).toBeGreaterThanOrEqual(0n)
    expect(left).toBeLessThan(usd(10))
    const owed = await Promise.all([alice, dora].map(async (who) => seen(contract, who)))
    expect(owed.some(({ value, size }) => value < 0n && size > 0n)).toBe(true)

    await untilQuiet(it, 'deleverage')
    for (const who of [alice, dora]) {
      const { value, size } = await seen(contract, who)
      // What rounding took of the account is all that it may lack.
      expect([size, value >= 0n || -value <= 10n]).toEqual([0n, true])
    }
    expect(await fund()).toBe(left)
    const parts = await it.deleveraged()
    expect(new Set(parts.map(({ counterparty }) => counterparty))).toEqual(
      new Set([addressOf(bob)]),
    )
    const now = await Promise.all(others.map(async (who) => seen(contract, who)))
    expect(now.map(({ size, collateral }) => [size, collateral])).toEqual(
      were.map(({ size, collateral }) => [size, collateral]),
    )
  })
})

/** Each of ten tries cost a thousandth of the fee token, at 940 dollars, and all brought something. */
async function withBooks(leastProfitUsd: number) {
  const it = keeperOnAnvil(contract, { settings: { leastProfitUsd } })
  const fee = { token: 'ETH', paid: 10n ** 15n, usd: undefined }
  for (let row = 0; row < 10; row += 1) {
    const won = { id: `${row}`, at: 0, kind: 'won', event: {}, work: undefined, fee }
    await it.store.ledger.add('dex', won as unknown as LedgerRow)
  }
  await setPrice(contract, 'BTC-USD', e18(940))
  return it
}

describe('a liquidator who asks for a profit', () => {
  // Half of each position is 4,700 dollars; of the penalty of 1 % half is the liquidator's. 19 tries of 20 are reckoned to win.
  const afterGas = 23.5 - (0.94 * 20) / 19

  test('takes what leaves it after gas, and lets each transaction cost no more than that', async () => {
    const it = await withBooks(afterGas - 0.01)
    await it.liquidate()
    await it.advance()
    const parts = await it.liquidated()
    expect(parts.map(({ account }) => account).toSorted()).toEqual(
      [alice, dora].map(addressOf).toSorted(),
    )
    // What is left of 23.5 dollars without the profit, for a try that wins 19 times of 20, at 940 dollars.
    const most = (((0.94 * 20) / 19 + 0.01) * 0.95) / 940
    for (const { worth = 0n } of parts) expect(Number(worth) / 1e18).toBeCloseTo(most, 9)
  })

  test('and leaves what does not', async () => {
    const it = await withBooks(afterGas + 0.01)
    expect(await it.liquidate()).toMatchObject({
      kind: 'done',
      reason: 'nothing-possible',
      detail: expect.stringContaining('2 not: reward') as string,
    })
    expect(await it.workOf()).toEqual([])
  })
})

describe('between our look and our transaction’s block', () => {
  test('somebody else is first: the others of the same transaction are liquidated all the same', async () => {
    const it = keeperOnAnvil(contract)
    await setPrice(contract, 'BTC-USD', e18(940))
    const before = await seen(contract, dora)
    it.beforeBroadcast = async () =>
      contract.act(stranger.address, 'liquidate', alice.address, btc, e18(5))
    await it.liquidate()
    await it.advance()
    const [alices, doras] = await Promise.all([alice, dora].map((who) => seen(contract, who)))
    expect(alices?.size).toBe(e18(5))
    expect(doras?.size).toBeLessThan(before.size)
    const [{ state } = {}, ...more] = await it.workOf()
    expect(more).toEqual([])
    expect(state?.kind === 'included' && (state.reverted ?? 'not reverted')).toBe('not reverted')
  })

  test('an account is healed: it keeps all that it has', async () => {
    const it = keeperOnAnvil(contract)
    await setPrice(contract, 'BTC-USD', e18(940))
    it.beforeBroadcast = async () => deposit(contract, alice, usd(5_000))
    const before = await seen(contract, alice)
    await it.liquidate()
    await it.advance()
    const { size, collateral } = await seen(contract, alice)
    expect([size, collateral]).toEqual([before.size, before.collateral + usd(5_000)])
    expect((await seen(contract, dora)).size).toBeLessThan(e18(10))
  })

  test('one that is healed before we sign is left out of the transaction', async () => {
    const it = keeperOnAnvil(contract)
    await setPrice(contract, 'BTC-USD', e18(940))
    await it.liquidate(async () => deposit(contract, alice, usd(5_000)))
    await it.advance()
    const parts = await it.liquidated()
    expect(parts.map(({ account }) => account)).toEqual([addressOf(dora)])
    const [work] = await it.workOf()
    expect(work?.state).toMatchObject({
      kind: 'included',
      left: [{ account: addressOf(alice), why: 'refused' }],
    })
  })

  test('a counterparty has closed its position: nobody loses anything in that slot, and the next one asks another', async () => {
    const it = keeperOnAnvil(contract)
    await setPrice(contract, 'BTC-USD', e18(800))
    await untilQuiet(it, 'liquidate')
    const was = await seen(contract, alice)
    it.beforeBroadcast = async () => {
      // Bob buys all that he is short of from Fritz, who is short of all of it then.
      const { size } = await seen(contract, bob)
      await trade(contract, { buyer: bob, seller: fritz, size: -size, price: e18(800) })
    }
    await it.deleverage()
    await it.advance()
    const alices = await seen(contract, alice)
    expect([alices.size, alices.collateral]).toEqual([was.size, was.collateral])
    expect((await seen(contract, bob)).size).toBe(0n)
    await untilQuiet(it, 'deleverage')
    const parts = await it.deleveraged()
    const [last] = parts.slice(-1)
    expect(last?.counterparty).toBe(addressOf(fritz))
    expect((await seen(contract, alice)).size).toBe(0n)
  })
})
