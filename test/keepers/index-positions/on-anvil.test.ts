import { afterAll, beforeAll, expect, test } from 'vitest'

import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import { decodeEngineRevert } from '../../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { evmEngine } from '../../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { accountIn } from '../../../lib/domain/positions/book.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { indexPositions } from '../../../lib/keepers/index-positions/index-positions.ts'
import { keepPositions } from '../../../lib/keepers/index-positions/keep-positions.ts'
import type { PositionBooks } from '../../../lib/ports.ts'
import { wallClock } from '../../adapters/chains/keys.ts'
import { memoryBooks } from '../../adapters/positions/memory-books.ts'
import { alice, bob, carol, keeper, operator } from '../../infra/contracts/evm-engine/actors.ts'
import {
  aMarket,
  type Engine,
  someRules,
  startEngine,
} from '../../infra/contracts/evm-engine/engine.ts'
import { deposit, e18, setPrice, trade, usd } from '../../infra/contracts/evm-engine/moves.ts'
import { feedOf } from '../../infra/contracts/evm-engine/typed-data.ts'
import { replays } from '../replay/replays.ts'

let contract: Engine
beforeAll(async () => {
  contract = await startEngine({
    markets: { 'BTC-USD': aMarket({ maxPriceAgeSeconds: 86_400 }) },
    rules: someRules(),
    epochSeconds: 60,
  })
})
afterAll(async () => contract.node.stop())

/** A process of its own each time, which compares everybody with the contract. */
function slots(store: ReturnType<typeof memoryStore>, books: PositionBooks) {
  let slot = 0
  return async () => {
    const options = {
      name: 'l1',
      rpcUrls: [contract.node.url],
      chainId: 31_337,
      blockSeconds: 1,
      finalityBlocks: 64,
      keys: [],
      clock: wallClock,
      decodeRevert: decodeEngineRevert,
    }
    const chain = evmChain(options)
    const engine = evmEngine({
      name: 'evm',
      chain: 'l1',
      account: operator.address,
      address: contract.address,
      rpc: chain.rpc,
      chainId: 31_337,
      markets: [parseMarket('BTC-USD')],
    })
    const index = replays(
      indexPositions({
        clock: wallClock,
        store,
        books,
        chains: { l1: chain },
        engines: { evm: engine },
        shares: 3,
      }),
    )
    slot += 1
    const now = wallClock.now()
    const until = timestamp(now + 30_000)
    const decision = index.decide(await index.observe({ subject: 'evm', slot, slotAt: now, until }))
    for (const action of decision.actions)
      if (action.kind === 'keep-positions') await keepPositions({ positions: books, store }, action)
    return decision.outcome
  }
}

test('deposits, trades, funding, a liquidation and a reorganisation leave the index as the contract is', async () => {
  const store = memoryStore({ clock: wallClock })
  const books = memoryBooks(store, wallClock)
  const look = slots(store, books)
  const kept = async (who: string) => {
    const read = await books.read('evm')
    return read?.book && accountIn(read.book, who.toLowerCase())
  }
  const steps: readonly (() => Promise<unknown>)[] = [
    async () => setPrice(contract, 'BTC-USD', e18(1_000)),
    async () => deposit(contract, alice, usd(120)),
    async () => deposit(contract, bob, usd(5_000)),
    async () => deposit(contract, keeper, usd(5_000)),
    async () => trade(contract, { buyer: alice, seller: bob, size: e18(1), price: e18(1_000) }),
    async () => {
      await contract.warp(60)
      const epoch = await contract.ask('currentEpoch')
      return contract.act(operator.address, 'tickFunding', epoch, [feedOf('BTC-USD')], [e18(0.001)])
    },
    async () => setPrice(contract, 'BTC-USD', e18(900)),
    async () =>
      contract.act(keeper.address, 'liquidate', alice.address, feedOf('BTC-USD'), e18(0.5)),
  ]
  for (const [at, step] of steps.entries()) {
    await step()
    const outcome = await look()
    expect([at, outcome.reason, outcome.detail]).toEqual([at, 'followed', outcome.detail])
  }
  const liquidated = await kept(alice.address)
  expect(liquidated?.holdings.map(({ balance }) => balance)).toEqual([e18(0.5)])
  expect((await kept(keeper.address))?.holdings.map(({ balance }) => balance)).toEqual([e18(0.5)])

  const back = await contract.save()
  await deposit(contract, carol, usd(7))
  await look()
  expect((await kept(carol.address))?.collateral).toBe(usd(7))
  await back()
  await contract.node.rpc('anvil_mine', '0x1')
  await deposit(contract, carol, usd(9))
  await deposit(contract, bob, usd(1))
  await contract.node.rpc('anvil_mine', '0x3')
  const outcome = await look()
  expect(outcome.reason).toBe('followed')
  expect(outcome.detail).toContain('went back to block')
  expect((await kept(carol.address))?.collateral).toBe(usd(9))
}, 60_000)
