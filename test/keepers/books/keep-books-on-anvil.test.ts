import { keccak256, stringToHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import { decodeEngineRevert } from '../../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { evmEngine } from '../../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { openScan } from '../../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { lanePolicyOf } from '../../../lib/domain/lane-policy.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import type { LedgerRow } from '../../../lib/domain/pnl/ledger-row.ts'
import { applyBlocks } from '../../../lib/domain/positions/apply-blocks.ts'
import { emptyBook } from '../../../lib/domain/positions/book.ts'
import { fullCheck } from '../../../lib/domain/positions/check-plan.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { accountScan } from '../../../lib/keepers/account-scan.ts'
import { keepBooks } from '../../../lib/keepers/books/keep-books.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { liquidate } from '../../../lib/keepers/liquidate.ts'
import { performer } from '../../../lib/keepers/perform.ts'
import { runKeeper } from '../../../lib/keepers/run-keeper.ts'
import type { PositionBooks } from '../../../lib/ports.ts'
import { evmKey } from '../../adapters/chains/keys.ts'
import {
  actor,
  alice,
  bob,
  carol,
  dave,
  keeper,
  stranger,
} from '../../infra/contracts/evm-engine/actors.ts'
import {
  aMarket,
  type Engine,
  someRules,
  startEngine,
} from '../../infra/contracts/evm-engine/engine.ts'
import { deposit, e18, setPrice, trade, usd } from '../../infra/contracts/evm-engine/moves.ts'
import { feedOf } from '../../infra/contracts/evm-engine/typed-data.ts'
import { movedClock } from '../lane/lane-in-memory.ts'
import { replays } from '../replay/replays.ts'

const btc = feedOf('BTC-USD')
const [dora, emil] = ['dora', 'emil'].map(actor)
const market = parseMarket('BTC-USD')
let contract: Engine

beforeAll(async () => {
  contract = await startEngine({
    markets: {
      'BTC-USD': aMarket({
        initialMarginBps: 1_000,
        maintenanceMarginBps: 500,
        penaltyBps: 100,
        maxPriceAgeSeconds: 86_400,
        maxFundingRate: 10n ** 17n,
      }),
    },
    rules: someRules({ smallPosition: usd(100) }),
    epochSeconds: 60,
  })
  await contract.node.rpc('anvil_setBalance', keeper.address, '0xde0b6b3a7640000')
})
afterAll(async () => contract.node.stop())

function aWorld() {
  const clock = { ...movedClock(), now: () => timestamp(Number(contract.now()) * 1_000) }
  const evm = evmChain({
    name: 'l1',
    rpcUrls: [contract.node.url],
    chainId: 31_337,
    blockSeconds: 3_600,
    finalityBlocks: 3,
    keys: [evmKey(keccak256(stringToHex('keeper')))],
    clock,
    decodeRevert: decodeEngineRevert,
  })
  let beforeBroadcast: (() => Promise<unknown>) | undefined
  const chain = {
    ...evm,
    async broadcast(bytes: string) {
      await beforeBroadcast?.()
      return evm.broadcast(bytes)
    },
  }
  const engine = evmEngine({
    name: 'dex',
    chain: 'l1',
    account: keeper.address,
    address: contract.address,
    rpc: chain.rpc,
    chainId: 31_337,
    markets: [market],
  })
  const store = memoryStore({ clock })
  const lane: LaneWorld = {
    id: `l1/${keeper.address}`,
    account: keeper.address,
    chain,
    engines: { dex: engine },
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify: () => undefined,
  }
  /** All that the contract has told until now. */
  const books: PositionBooks = {
    async read() {
      const [first, head] = await Promise.all([chain.block(0), chain.head()])
      const found = first && (await engine.positions?.events(first, head))
      if (!first || found?.kind !== 'events') throw new Error('the accounts cannot be read')
      const book = applyBlocks(emptyBook(first, []), found.blocks, found.through)
      return { version: 1, book, check: fullCheck(undefined, 1) }
    },
    write: async () => 'written',
  }
  const engines = { dex: engine }
  const perform = performer({
    ports: { clock, store, engines, oracles: [], positions: books },
    laneOf: () => lane,
    messenger: {
      clock,
      incidents: store.incidents,
      desk: store.desk,
      rules: {},
      channels: {},
      routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
      notify: () => undefined,
    },
    notify: () => undefined,
  })
  const settings = {
    dex: {
      policy: { mostPerSlot: 200, mostNotionalUsd: 1_000_000, leastRewardUsd: 1 },
      recovery: { graceSeconds: 0, stageSeconds: 0, mostWaitSeconds: 0 },
      freshness: { maxHeadBlocks: 5, maxIndexLagSeconds: 60 },
    },
  }
  const laneOf = () => lane
  const keepers = {
    liquidate: replays(
      liquidate({
        clock,
        store,
        books,
        scan: accountScan(openScan),
        engines,
        laneOf,
        everySeconds: 1,
        settings,
        runs: () => false,
        nodes: [],
        feeMarkets: {},
      }),
    ),
    books: replays(
      keepBooks({
        clock,
        store,
        engines,
        chains: { l1: chain },
        nodes: [],
        laneOf,
        feeMarkets: { l1: market },
      }),
    ),
  }
  let slot = 0
  const slotNow = () => {
    slot += 1
    const now = clock.now()
    return { subject: 'dex', slot, slotAt: now, until: timestamp(now + 60_000) }
  }
  const run = { clock, store, worker: 'w', notify: () => undefined, maxLateMs: 60_000, perform }
  return {
    chain,
    store,
    async liquidate(between: () => Promise<unknown> = async () => undefined) {
      // Somebody may come between what we signed and the block that it goes into.
      beforeBroadcast = between
      await runKeeper(run, keepers.liquidate, slotNow())
      beforeBroadcast = undefined
    },
    book: async () => runKeeper(run, keepers.books, slotNow()),
    advance: async () => advanceLane(lane),
    rows: async () => store.ledger.recent('dex', 1_000),
  }
}

const collateralOf = async (who: { readonly address: string }) =>
  ((await contract.ask('accountOf', who.address)) as readonly [bigint])[0]

const etherOf = async (who: { readonly address: string }) =>
  BigInt((await contract.node.rpc('eth_getBalance', who.address, 'latest')) as string)

async function beFinal(it: ReturnType<typeof aWorld>): Promise<void> {
  for (let block = 0; block < 10; block += 1) {
    await contract.warp(2)
    await it.advance()
  }
}

function of<Kind extends LedgerRow['kind']>(rows: readonly LedgerRow[], kind: Kind) {
  return rows.filter((row): row is Extract<LedgerRow, { kind: Kind }> => row.kind === kind)
}

test('the liquidator’s balance grows by exactly what the books say, through a crash, a race and a reorganisation', async () => {
  const it = aWorld()
  const poor = [alice, carol, dora, emil].filter((one) => one !== undefined)
  for (const who of poor) await deposit(contract, who, usd(1_000))
  for (const who of [bob, keeper, stranger, dave]) await deposit(contract, who, usd(100_000))
  await contract.token(dave.address, 'mint', dave.address, usd(4_000))
  await contract.token(dave.address, 'approve', contract.address, usd(4_000))
  await contract.act(dave.address, 'fundInsurance', usd(4_000))
  await setPrice(contract, 'BTC-USD', e18(1_000))
  for (const buyer of poor)
    await trade(contract, { buyer, seller: bob, size: e18(10), price: e18(1_000) })
  const before = { usd: await collateralOf(keeper), ether: await etherOf(keeper) }
  await beFinal(it)
  await it.book()

  // A crash. Somebody is first at Carol, before we look.
  await setPrice(contract, 'BTC-USD', 940_123_456_789_012_345_678n)
  const half = e18(5)
  await contract.act(stranger.address, 'liquidate', carol.address, btc, half)
  await contract.warp(61)
  const back = await contract.save()
  await it.liquidate()
  await it.advance()
  expect(await collateralOf(keeper)).not.toBe(before.usd)
  // The block of our first liquidations is gone, and nothing of them was booked.
  await back()
  expect(await collateralOf(keeper)).toBe(before.usd)
  await it.book()
  expect(of(await it.rows(), 'won')).toEqual([])
  await beFinal(it)
  await it.book()
  const first = of(await it.rows(), 'won')
  expect(new Set(first.map(({ event }) => event.account))).toEqual(
    new Set([alice, dora, emil].map((who) => who?.address.toLowerCase())),
  )

  // Deeper, with odd sizes left; of ours one was somebody else's a moment before.
  await setPrice(contract, 'BTC-USD', 899_987_654_321_098_765_432n)
  await it.liquidate(async () => {
    await contract.act(stranger.address, 'liquidate', alice.address, btc, e18(2.5))
  })
  await beFinal(it)
  await it.book()

  const rows = await it.rows()
  const won = of(rows, 'won')
  const [lost, ...noMore] = of(rows, 'no-effect')
  const missed = of(rows, 'missed')
  expect(won.length).toBeGreaterThan(first.length)
  expect(noMore).toEqual([])
  expect(lost).toMatchObject({ account: alice.address.toLowerCase(), outcome: 'lost' })
  expect(missed.map(({ event, why }) => [event.account, why])).toEqual([
    [alice.address.toLowerCase(), 'raced'],
    [carol.address.toLowerCase(), 'idle'],
  ])
  const booked = won.reduce(
    (sum, { event }) => sum + (event.reward ?? 0n) - event.cash + (event.funding ?? 0n),
    0n,
  )
  expect((await collateralOf(keeper)) - before.usd).toBe(booked)
  const fees = [...won, ...of(rows, 'no-effect')].reduce(
    (sum, { fee }) => sum + (fee.paid ?? 0n),
    0n,
  )
  expect(fees).toBeGreaterThan(0n)
  expect(before.ether - (await etherOf(keeper))).toBe(fees)
  for (const { work, fee } of won) {
    expect(work).toMatchObject({ attempts: 1, slippage: { cash: 0n } })
    expect(fee.usd?.price).toBeDefined()
  }
  expect((await it.store.ledger.cursor('dex'))?.fund).toBe(await contract.ask('insuranceFund'))

  // Booked again, whether from the same place or from the beginning, there is nothing new.
  await it.book()
  expect(await it.rows()).toEqual(rows)
}, 60_000)
