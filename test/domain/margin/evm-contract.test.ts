import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import {
  judgeEvmDeleverage,
  judgeEvmLiquidation,
  liquidatableSize,
} from '../../../lib/domain/margin/evm-liquidation.ts'
import { type EvmBook, evmMargin } from '../../../lib/domain/margin/evm-margin.ts'
import { operator } from '../../infra/contracts/evm-engine/actors.ts'
import {
  aMarket,
  type Engine,
  someRules,
  startEngine,
} from '../../infra/contracts/evm-engine/engine.ts'
import { anUpdate, e18, tradeArguments, usd } from '../../infra/contracts/evm-engine/moves.ts'
import { people, symbols } from '../../infra/contracts/evm-engine/random-step.ts'
import { feedOf } from '../../infra/contracts/evm-engine/typed-data.ts'

// The rules read the deployed contract's own state, and must say what it says of it: no model stands between them.

const rules = { liquidatorShareBps: 6_000, closeFactorBps: 4_000, smallPosition: usd(50) }
const wide = {
  liquidatorShareBps: BigInt(rules.liquidatorShareBps),
  closeFactorBps: BigInt(rules.closeFactorBps),
  smallPosition: rules.smallPosition,
}
const bps = { initialMarginBps: 500, maintenanceMarginBps: 300, penaltyBps: 150 }
const feeds = symbols.map(feedOf)

let engine: Engine
beforeAll(async () => {
  const market = aMarket({ ...bps, maxPriceAgeSeconds: 86_400, maxFundingRate: 10n ** 17n })
  engine = await startEngine({
    markets: Object.fromEntries(symbols.map((symbol) => [symbol, market])),
    rules: someRules(rules),
    epochSeconds: 60,
  })
  for (const [at, { address }] of people.entries()) {
    await engine.token(address, 'mint', address, 10n ** 30n)
    await engine.token(address, 'approve', engine.address, 2n ** 256n - 1n)
    await engine.act(address, 'deposit', address, usd(at === 0 ? 100_000 : 200))
  }
})
afterAll(async () => engine.node.stop())

type Seen = {
  readonly book: EvmBook
  readonly insuranceFund: bigint
  readonly accounts: readonly Account[]
  readonly margins: readonly unknown[]
}

/** All that the contract tells of everybody, in one block. */
async function look(): Promise<Seen> {
  const each = 2 + feeds.length
  const questions = people.flatMap(({ address }) => [
    ['accountOf', [address]] as const,
    ['marginOf', [address]] as const,
    ...feeds.map((feed) => ['position', [address, feed]] as const),
  ])
  const [insuranceFund, snapshot, ...rest] = await engine.views([
    ['insuranceFund', []],
    ['snapshot', [feeds]],
    ...questions,
  ])
  const [, , markets] = snapshot as [boolean, unknown, readonly MarketView[]]
  return {
    insuranceFund: insuranceFund as bigint,
    book: { unit: 10n ** 30n, marks: Object.fromEntries(markets.map(markOf)) },
    margins: people.map((_, at) => rest[at * each + 1]),
    accounts: people.map(({ address }, at) => {
      const [cash, , ...held] = rest.slice(at * each, at * each + each)
      return accountOf(address, cash as [bigint], held as Held[])
    }),
  }
}

type MarketView = {
  readonly mark: { readonly price: bigint }
  readonly funding: { readonly index: bigint }
}
type Held = { readonly size: bigint; readonly cost: bigint; readonly fundingIndex: bigint }

function markOf({ mark, funding }: MarketView, at: number) {
  const told = {
    price: mark.price,
    fundingIndex: funding.index,
    initialMarginBps: BigInt(bps.initialMarginBps),
    maintenanceMarginBps: BigInt(bps.maintenanceMarginBps),
    penaltyBps: BigInt(bps.penaltyBps),
  }
  return [symbols[at] ?? '', told] as const
}

function accountOf(id: string, [collateral]: readonly [bigint], held: readonly Held[]): Account {
  const holdings = held.map(({ size: balance, cost, fundingIndex }, at) => ({
    asset: symbols[at] ?? '',
    balance,
    cost,
    fundingIndex,
  }))
  return { id, collateral, holdings: holdings.filter(({ balance }) => balance !== 0n) }
}

const move = fc.record({
  trades: fc.array(
    fc.record({
      who: fc.integer({ min: 1, max: people.length - 1 }),
      market: fc.nat(symbols.length - 1),
      leverage: fc.integer({ min: 3, max: 18 }),
      isLong: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  prices: fc.tuple(...symbols.map(() => fc.integer({ min: 880, max: 1_130 }))),
  rate: fc.bigInt(-(10n ** 15n), 10n ** 15n),
  gift: fc.option(fc.bigInt(1n, usd(300))),
  percent: fc.constantFrom(1, 17, 40, 100, 101),
})
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never

async function price(symbol: string, wire: bigint): Promise<void> {
  await engine.warp(1)
  const update = await anUpdate(engine, { symbol, prices: [wire] })
  await engine.act(operator.address, 'pushPrices', [update])
}

/** People trade with the first one, who has plenty; then prices and funding move. */
async function happen({ trades, prices, rate, gift }: Move): Promise<void> {
  for (const symbol of symbols) await price(symbol, e18(1_000))
  for (const { who, market, leverage, isLong } of trades) {
    const [maker, taker] = [people[0], people[who]]
    if (!maker || !taker) throw new RangeError('there is nobody')
    const size = e18((200 * leverage) / 1_000)
    const sides = isLong ? { buyer: taker, seller: maker } : { buyer: maker, seller: taker }
    const deal = { ...sides, symbol: symbols[market] ?? '', size, price: e18(1_000) }
    const call = [operator.address, 'trade', ...(await tradeArguments(engine, deal))] as const
    if ((await engine.refusal(...call)) === 'nothing') await engine.act(...call)
  }
  const [rich] = people
  if (gift !== null && rich) await engine.act(rich.address, 'fundInsurance', gift)
  for (const [at, symbol] of symbols.entries()) await price(symbol, e18(prices[at] ?? 1_000))
  await engine.warp(60)
  const epoch = await engine.ask('currentEpoch')
  await engine.act(operator.address, 'tickFunding', epoch, [feeds[0]], [rate])
}

const done = new Map<string, number>()

test('the rules say of the deployed contract what it says itself, and foresee what it leaves', async () => {
  let accounts = 0
  const law = fc.asyncProperty(move, async (one) => {
    const back = await engine.save()
    await happen(one)
    const seen = await look()
    for (const [at, account] of seen.accounts.entries()) {
      const { kind, requirement, ...rest } = { requirement: 0n, ...evmMargin(account, seen.book) }
      expect([kind, { ...rest, maintenance: requirement }]).toEqual(['margin', seen.margins[at]])
      accounts += 1
    }
    await judged(seen, one)
    await back()
  })
  await fc.assert(law, { numRuns: 60, seed: 7, endOnFailure: true })
  expect(accounts).toBe(300)
  for (const kind of [
    'liquidated',
    'deleveraged',
    'NotLiquidatable',
    'SizeTooLarge',
    'NotBankrupt',
  ])
    expect([kind, (done.get(kind) ?? 0) > 0]).toEqual([kind, true])
}, 40_000)

/** Everybody’s every holding, liquidated and deleveraged by the first one: foreseen, asked, and where it is taken, done. */
async function judged(seen: Seen, { percent }: Move): Promise<void> {
  const [first, ...others] = seen.accounts
  if (!first) throw new RangeError('there is nobody')
  for (const account of others)
    for (const { asset, balance } of account.holdings) {
      const size = ((balance < 0n ? -balance : balance) * BigInt(percent)) / 100n
      const call = { ...seen, account, asset, size }
      await most(seen, account, asset)
      const liquidation = judgeEvmLiquidation({ ...call, rules: wide, liquidator: first })
      const after =
        liquidation.kind === 'accepted'
          ? [liquidation.account, liquidation.liquidator]
          : liquidation.reason
      await tried([first.id, 'liquidate', account.id, feedOf(asset), size], after)
      const deleverage = judgeEvmDeleverage({ ...call, counterparty: first })
      const left =
        deleverage.kind === 'accepted'
          ? [deleverage.account, deleverage.counterparty]
          : deleverage.reason
      await tried([operator.address, 'deleverage', account.id, first.id, feedOf(asset), size], left)
    }
}

async function most({ book }: Seen, account: Account, asset: string): Promise<void> {
  const margin = evmMargin(account, book)
  const mark = book.marks[asset]
  const held = account.holdings.find((one) => one.asset === asset)?.balance ?? 0n
  if (margin.kind === 'unknown' || !mark) throw new Error(`${asset} has no price`)
  const isHealthy = margin.value >= margin.requirement
  const size = isHealthy
    ? 0n
    : liquidatableSize(margin, held, { mark, rules: wide, unit: book.unit })
  expect(await engine.ask('liquidatableSize', account.id, feedOf(asset))).toBe(size)
}

async function tried(
  [from, name, ...args]: readonly [string, string, ...unknown[]],
  foreseen: readonly Account[] | string,
): Promise<void> {
  const call = [from as `0x${string}`, name, ...args] as const
  const refusal = (await engine.refusal(...call)).split('(')[0] ?? ''
  if (typeof foreseen === 'string') {
    expect([name, refusal]).toEqual([name, foreseen])
    done.set(foreseen, (done.get(foreseen) ?? 0) + 1)
    return
  }
  expect([name, refusal]).toEqual([name, 'nothing'])
  const back = await engine.save()
  await engine.act(...call)
  const { accounts } = await look()
  for (const account of foreseen)
    expect(accounts.find(({ id }) => id === account.id)).toEqual(inOrder(account))
  await back()
  done.set(`${name}d`, (done.get(`${name}d`) ?? 0) + 1)
}

function inOrder(account: Account): Account {
  return { ...account, holdings: account.holdings.toSorted((a, b) => (a.asset < b.asset ? -1 : 1)) }
}
