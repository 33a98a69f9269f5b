import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { evmChain } from '../../../../lib/adapters/chains/evm.ts'
import { evmEngineAbi } from '../../../../lib/adapters/engines/evm-engine/abi.ts'
import { decodeEngineRevert } from '../../../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { evmLiquidationEvents } from '../../../../lib/adapters/engines/evm-engine/liquidation-events.ts'
import type { Requests, Rpc } from '../../../../lib/adapters/rpc.ts'
import type {
  LiquidationEvent,
  LiquidationEvents,
} from '../../../../lib/domain/liquidation/liquidation-event.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import {
  alice,
  bob,
  carol,
  dave,
  keeper,
  operator,
} from '../../../infra/contracts/evm-engine/actors.ts'
import {
  aMarket,
  type Engine,
  someRules,
  startEngine,
} from '../../../infra/contracts/evm-engine/engine.ts'
import { deposit, e18, setPrice, trade, usd } from '../../../infra/contracts/evm-engine/moves.ts'
import { feedOf } from '../../../infra/contracts/evm-engine/typed-data.ts'
import { wallClock } from '../../chains/keys.ts'

const btc = feedOf('BTC-USD')
let engine: Engine
let back: () => Promise<void>

beforeAll(async () => {
  engine = await startEngine({
    markets: {
      'BTC-USD': aMarket({
        initialMarginBps: 1_000,
        maintenanceMarginBps: 500,
        penaltyBps: 100,
        maxFundingRate: 10n ** 17n,
      }),
    },
    rules: someRules({ smallPosition: usd(100) }),
    epochSeconds: 60,
  })
  for (const who of [alice, carol]) await deposit(engine, who, usd(1_000))
  for (const who of [bob, keeper, dave]) await deposit(engine, who, usd(100_000))
  await setPrice(engine, 'BTC-USD', e18(1_000))
  for (const buyer of [alice, carol])
    await trade(engine, { buyer, seller: bob, size: e18(10), price: e18(1_000) })
  await trade(engine, { buyer: keeper, seller: bob, size: e18(3), price: e18(1_000) })
  await engine.token(dave.address, 'mint', dave.address, usd(4_000))
  await engine.token(dave.address, 'approve', engine.address, usd(4_000))
  await engine.act(dave.address, 'fundInsurance', usd(4_000))
})
afterAll(async () => engine.node.stop())
beforeEach(async () => {
  await back?.()
  back = await engine.save()
})

const chain = () =>
  evmChain({
    name: 'l1',
    rpcUrls: [engine.node.url],
    chainId: 31_337,
    blockSeconds: 1,
    finalityBlocks: 64,
    keys: [],
    clock: wallClock,
    decodeRevert: decodeEngineRevert,
  })

async function told(rpc: Rpc = chain().rpc): Promise<LiquidationEvents> {
  const first = await chain().block(0)
  if (!first) throw new Error('there is no block')
  const ask = evmLiquidationEvents({
    address: engine.address,
    rpc,
    markets: [parseMarket('BTC-USD')],
  })
  return ask(first, await chain().head())
}

async function events(rpc?: Rpc): Promise<readonly LiquidationEvent[]> {
  const answer = await told(rpc)
  if (answer.kind === 'gone') throw new Error('its blocks are gone')
  return answer.events
}

const collateralOf = async (who: { readonly address: string }) =>
  ((await engine.ask('accountOf', who.address)) as readonly [bigint])[0]

const call = (account: `0x${string}`, size: bigint) =>
  encodeFunctionData({ abi: evmEngineAbi, functionName: 'liquidate', args: [account, btc, size] })

/** Less than a half of ten, and odd, so that what it is worth is rounded. */
const some = 4_333_333_333_333_333_333n

test('nothing is told where nobody was liquidated, but what the insurance fund has', async () => {
  expect(await told()).toMatchObject({ kind: 'events', events: [], insuranceFund: usd(4_000) })
})

test('an event tells who, what and for how much, to the unit of both balances', async () => {
  await setPrice(engine, 'BTC-USD', 940_123_456_789_012_345_678n)
  const [theirs, ours] = [await collateralOf(alice), await collateralOf(keeper)]
  await engine.act(keeper.address, 'liquidate', alice.address, btc, some)
  const [event, ...more] = await events()
  if (event?.kind !== 'liquidated') throw new Error('nobody was liquidated')
  expect(more).toEqual([])
  expect(event).toMatchObject({
    account: alice.address.toLowerCase(),
    liquidator: keeper.address.toLowerCase(),
    asset: btc,
    market: 'BTC-USD',
    base: -some,
    price: 940_123_456_789_012_345_678n,
    funding: 0n,
    block: await chain().head(),
  })
  expect(event.penalty).toBeGreaterThan(0n)
  expect((await collateralOf(alice)) - theirs).toBe(
    event.cash - (event.penalty ?? 0n) + event.cover,
  )
  expect((await collateralOf(keeper)) - ours).toBe((event.reward ?? 0n) - event.cash)
})

test('funding that the liquidator’s own holding settles on the way is told apart', async () => {
  await engine.warp(60)
  const epoch = (await engine.ask('currentEpoch')) as bigint
  await engine.act(operator.address, 'tickFunding', epoch, [btc], [10n ** 15n])
  await setPrice(engine, 'BTC-USD', e18(940))
  const before = await collateralOf(keeper)
  await engine.act(keeper.address, 'liquidate', alice.address, btc, some)
  const [event] = await events()
  if (event?.kind !== 'liquidated') throw new Error('nobody was liquidated')
  // Three bitcoin at a thousand dollars, a thousandth of it.
  expect(event.funding).toBe(-usd(3))
  expect((await collateralOf(keeper)) - before).toBe(
    (event.reward ?? 0n) - event.cash + (event.funding ?? 0n),
  )
})

test('of many in one transaction each has its own, and one that was refused has none', async () => {
  await setPrice(engine, 'BTC-USD', e18(920))
  const before = await collateralOf(keeper)
  await engine.act(keeper.address, 'batch', [
    call(alice.address, some),
    call(bob.address, some),
    call(carol.address, some),
  ])
  const found = await events()
  expect(found.map(({ account }) => account)).toEqual(
    [alice, carol].map(({ address }) => address.toLowerCase()),
  )
  expect(new Set(found.map(({ transaction }) => transaction)).size).toBe(1)
  const grown = found.reduce(
    (sum, one) => (one.kind === 'liquidated' ? sum + (one.reward ?? 0n) - one.cash : sum),
    0n,
  )
  expect((await collateralOf(keeper)) - before).toBe(grown)
})

test('what the fund pays for a bankrupt account is told, and what it has left', async () => {
  await setPrice(engine, 'BTC-USD', e18(850))
  await engine.act(keeper.address, 'liquidate', alice.address, btc, e18(10))
  const answer = await told()
  if (answer.kind === 'gone') throw new Error('its blocks are gone')
  const [event] = answer.events
  if (event?.kind !== 'liquidated') throw new Error('nobody was liquidated')
  // Ten bitcoin lost 150 dollars each, of which a thousand was there.
  expect(event.cover).toBe(usd(500))
  expect(event.reward).toBe(0n)
  expect(answer.insuranceFund).toBe(usd(3_500))
})

test('a deleverage tells its counterparty and what the account lost beside the mark', async () => {
  // Six thousand lost of a thousand: five, as much as the fund has not.
  await setPrice(engine, 'BTC-USD', e18(400))
  await engine.act(operator.address, 'deleverage', alice.address, bob.address, btc, e18(10))
  const [event] = await events()
  expect(event).toMatchObject({
    kind: 'deleveraged',
    account: alice.address.toLowerCase(),
    counterparty: bob.address.toLowerCase(),
    base: -e18(10),
  })
  if (event?.kind !== 'deleveraged') throw new Error('nobody was deleveraged')
  expect(await collateralOf(alice)).toBe(0n)
  expect(event.loss).toBe(usd(5_000))
})

test('blocks that go while their transactions are read are no answer', async () => {
  await setPrice(engine, 'BTC-USD', e18(940))
  await engine.act(keeper.address, 'liquidate', alice.address, btc, some)
  const { rpc } = chain()
  const changing: Rpc = {
    ...rpc,
    async values<const R extends Requests>(requests: R) {
      const asksReceipt = requests.some(({ method }) => method === 'eth_getTransactionReceipt')
      if (asksReceipt) {
        await back()
        back = await engine.save()
        await engine.warp(1)
      }
      return rpc.values(requests)
    },
  }
  expect(await told(changing)).toEqual({ kind: 'gone' })
})

test('an event that cannot be read is an error and not left out', async () => {
  await setPrice(engine, 'BTC-USD', e18(940))
  await engine.act(keeper.address, 'liquidate', alice.address, btc, some)
  const { rpc } = chain()
  const cutting: Rpc = {
    ...rpc,
    async values<const R extends Requests>(requests: R) {
      const values = await rpc.values(requests)
      for (const value of values as readonly unknown[])
        for (const log of (value as { logs?: { data: string }[] } | null)?.logs ?? [])
          log.data = log.data.slice(0, -64)
      return values
    },
  }
  await expect(told(cutting)).rejects.toThrow(/data size/iu)
})
