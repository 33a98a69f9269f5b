import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { keepersInTurn } from '../../lib/domain/liquidation/keeper-turns.ts'
import { actor, bob, dave } from '../infra/contracts/evm-engine/actors.ts'
import {
  aMarket,
  type Engine,
  someRules,
  startEngine,
} from '../infra/contracts/evm-engine/engine.ts'
import { deposit, e18, setPrice, trade, usd } from '../infra/contracts/evm-engine/moves.ts'
import { giveEther, type KeeperOnAnvil, keeperOnAnvil, seen } from './liquidation-on-anvil-world.ts'

const names = ['keeper', 'rival']
const keepers = names.map((name) => addressOf(actor(name)))
const people = Array.from({ length: 10 }, (_, at) => actor(`person ${at}`))
const staggerSeconds = 5
let contract: Engine
let back: (() => Promise<void>) | undefined

/** Ten people, each long of ten bitcoin at ten times leverage. */
beforeAll(async () => {
  contract = await startEngine({
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
  await setPrice(contract, 'BTC-USD', e18(1_000))
  for (const name of names) {
    await giveEther(contract, name)
    await deposit(contract, actor(name), usd(100_000))
  }
  await deposit(contract, bob, usd(1_000_000))
  for (const buyer of people) {
    await deposit(contract, buyer, usd(1_000))
    await trade(contract, { buyer, seller: bob, size: e18(10), price: e18(1_000) })
  }
  await contract.token(dave.address, 'mint', dave.address, usd(1_000))
  await contract.token(dave.address, 'approve', contract.address, usd(1_000))
  await contract.act(dave.address, 'fundInsurance', usd(1_000))
})
afterAll(async () => contract.node.stop())
beforeEach(async () => {
  await back?.()
  back = await contract.save()
})

function addressOf({ address }: { readonly address: string }): string {
  return address.toLowerCase()
}

function aKeeper(name: string): KeeperOnAnvil {
  const self = addressOf(actor(name))
  return keeperOnAnvil(contract, { name, settings: { keepers: { keepers, self, staggerSeconds } } })
}

/** A slot of each, every second. */
async function run(them: readonly KeeperOnAnvil[], seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await contract.warp(1)
    for (const one of them) {
      await one.liquidate()
      await one.advance()
    }
  }
}

async function unhealthy(): Promise<number> {
  const all = await Promise.all(people.map(async (one) => seen(contract, one)))
  return all.filter(({ value, maintenance }) => value < maintenance).length
}

async function takenBy(keeper: KeeperOnAnvil): Promise<readonly string[]> {
  return (await keeper.liquidated()).map(({ account }) => account)
}

const firstOf = (one: string) => keepersInTurn(one, keepers)[0]

describe('two keepers that do not talk', () => {
  test('each have their own accounts, and nobody tries what the other does', async () => {
    const [a, b] = [aKeeper('keeper'), aKeeper('rival')]
    await setPrice(contract, 'BTC-USD', e18(945))
    await run([a, b], 2 * staggerSeconds)
    expect(await unhealthy()).toBe(0)
    const [ours, theirs] = [await takenBy(a), await takenBy(b)]
    const everybody = people.map(addressOf)
    expect(ours.toSorted()).toEqual(
      everybody.filter((one) => firstOf(one) === keepers[0]).toSorted(),
    )
    expect(theirs.toSorted()).toEqual(
      everybody.filter((one) => firstOf(one) === keepers[1]).toSorted(),
    )
    const work = [...(await a.workOf()), ...(await b.workOf())]
    expect(work.filter(({ state }) => state.kind === 'failed')).toEqual([])
    expect(work.filter(({ state }) => 'left' in state)).toEqual([])
  })

  test('leave nothing undone where one of them dies', async () => {
    const [a, b] = [aKeeper('keeper'), aKeeper('rival')]
    const everybody = people.map(addressOf)
    const mine = everybody.filter((one) => firstOf(one) === keepers[0])
    await run([a, b], 3)
    await setPrice(contract, 'BTC-USD', e18(945))
    await run([a], staggerSeconds - 1)
    expect((await takenBy(a)).toSorted()).toEqual(mine.toSorted())
    expect(await unhealthy()).toBe(everybody.length - mine.length)
    await run([a], 2)
    expect(await unhealthy()).toBe(0)
    expect((await takenBy(a)).toSorted()).toEqual(everybody.toSorted())
  })

  test('wait for nobody where an account has less than nothing', async () => {
    const a = aKeeper('keeper')
    await setPrice(contract, 'BTC-USD', e18(899))
    await run([a], 1)
    // A hundred dollars less than nothing in all, of which the fund pays ten times ten.
    expect((await takenBy(a)).toSorted()).toEqual(people.map(addressOf).toSorted())
  })

  test('one that is gone is not waited for any more after three accounts', async () => {
    const a = aKeeper('keeper')
    const theirs = people.filter((one) => firstOf(addressOf(one)) === keepers[1])
    expect(theirs.length).toBeGreaterThanOrEqual(3)
    await setPrice(contract, 'BTC-USD', e18(945))
    await run([a], staggerSeconds + 2)
    const before = (await takenBy(a)).length
    expect(before).toBe(people.length)
    // Deeper: what is left of each falls below its requirement again.
    await setPrice(contract, 'BTC-USD', e18(905))
    expect(await unhealthy()).toBe(people.length)
    await run([a], 1)
    expect((await takenBy(a)).length).toBe(before + people.length)
  })
})
