import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { operator } from './actors.ts'
import { aMarket, type Engine, someRules, startEngine } from './engine.ts'
import { Model } from './model.ts'
import { anUpdate, e18, tradeArguments, usd } from './moves.ts'
import { names, people, step, type Step, symbols } from './random-step.ts'
import { feedOf } from './typed-data.ts'

const rules = someRules({
  tradeFeeBps: 3,
  liquidatorShareBps: 6_000,
  closeFactorBps: 4_000,
  smallPosition: usd(50),
})
const market = aMarket({
  initialMarginBps: 500,
  maintenanceMarginBps: 300,
  penaltyBps: 150,
  maxPriceAgeSeconds: 86_400,
  maxFundingRate: 10n ** 17n,
})

let engine: Engine
beforeAll(async () => {
  engine = await startEngine({
    markets: Object.fromEntries(symbols.map((symbol) => [symbol, market])),
    rules,
    epochSeconds: 60,
  })
  for (const { address } of people) {
    await engine.token(address, 'mint', address, 10n ** 30n)
    await engine.token(address, 'approve', engine.address, 2n ** 256n - 1n)
  }
})
afterAll(async () => engine.node.stop())

/** How often each came about, so that the test cannot pass by doing nothing. */
const done = new Map<string, number>()
const told = (what: string) => done.set(what, (done.get(what) ?? 0) + 1)

test('whatever anybody does, the engine does what the rules say, and no value comes from nowhere', async () => {
  const law = fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 45 }), async (steps) => {
    const back = await engine.save()
    const model = await begun()
    for (const one of steps) {
      await take(one, model)
      await compare(model)
    }
    await back()
  })
  // One seed, so that the counts below do not depend on luck; any other may be tried.
  await fc.assert(law, { numRuns: 20, seed: 1, endOnFailure: true })
  for (const kind of [
    'trade',
    'liquidate',
    'deleverage',
    'withdraw',
    'cover',
    'MarginTooLow',
    'NotLiquidatable',
    'InsuranceFundShort',
  ])
    expect([kind, (done.get(kind) ?? 0) > 0]).toEqual([kind, true])
}, 60_000)

async function begun(): Promise<Model> {
  const model = new Model({
    initialBps: 500n,
    maintenanceBps: 300n,
    penaltyBps: 150n,
    shareBps: 6_000n,
    closeBps: 4_000n,
    feeBps: 3n,
    small: usd(50),
  })
  for (const [at, { address }] of people.entries()) {
    const amount = usd(at === 0 ? 1_000_000 : 200)
    await engine.act(address, 'deposit', address, amount)
    model.deposit(nameOf(at), amount)
  }
  for (const symbol of symbols) await price(model, symbol, e18(1_000))
  return model
}

async function price(model: Model, symbol: string, wire: bigint): Promise<void> {
  await engine.warp(1)
  const update = await anUpdate(engine, { symbol, prices: [wire] })
  await engine.act(operator.address, 'pushPrices', [update])
  model.price.set(symbol, wire)
}

async function take(one: Step, model: Model): Promise<void> {
  const symbol = 'market' in one ? (symbols[one.market] ?? '') : ''
  const now = model.price.get(symbol) ?? 0n
  switch (one.kind) {
    case 'price':
      return price(model, symbol, (now * BigInt(one.permille)) / 1_000n + one.odd + 1n)
    case 'fund': {
      await engine.warp(60)
      const epoch = await engine.ask('currentEpoch')
      await engine.act(operator.address, 'tickFunding', epoch, [feedOf(symbol)], [one.rate])
      return model.fund(symbol, one.rate)
    }
    case 'deposit':
      await engine.act(addressOf(0), 'deposit', addressOf(one.who), one.amount)
      return model.deposit(nameOf(one.who), one.amount)
    case 'gift':
      await engine.act(addressOf(0), 'fundInsurance', one.amount)
      model.insurance += one.amount
      return
    case 'withdraw': {
      const { value, initial } = model.worth(nameOf(one.who))
      const free = value - initial
      const amount = free > 0n ? (free * BigInt(one.percent)) / 100n + 1n : 1n
      const call = [addressOf(one.who), 'withdraw', amount, addressOf(one.who)] as const
      // A bankrupt account's debt is somebody's profit that has no tokens: the last one finds none.
      if ((await engine.balanceOf(engine.address)) < amount) return
      return both('withdraw', call, model, (m) => m.withdraw(nameOf(one.who), amount))
    }
    case 'trade': {
      const other = (one.buyer + one.apart) % people.length
      const at18 = (now * BigInt(1_000 + one.off)) / 1_000n + 1n
      const poorer =
        [one.buyer, other]
          .map((who) => model.worth(nameOf(who)).value)
          .toSorted((a, b) => (a < b ? -1 : 1))[0] ?? 0n
      const size =
        ((poorer > usd(1) ? poorer : usd(1)) * BigInt(one.leverage) * 10n ** 30n) / at18 + 1n
      const [buyer, seller] = [people[one.buyer], people[other]]
      if (!buyer || !seller) throw new RangeError('there is nobody')
      const args = await tradeArguments(engine, { buyer, seller, symbol, size, price: at18 })
      return both('trade', [operator.address, 'trade', ...args], model, (m) =>
        m.trade({
          buyer: nameOf(one.buyer),
          seller: nameOf(other),
          market: symbol,
          size,
          price: at18,
        }),
      )
    }
    case 'liquidate': {
      const { who, symbol: where } = chosen(
        model,
        one.who,
        (worth) => worth.value < worth.maintenance,
      )
      const by = who !== 0 && one.by % 2 === 0 ? 0 : one.by
      const size = sized(model, who, where, one.percent)
      const before = model.worth(nameOf(who))
      const fund = model.insurance
      const args = [addressOf(who), feedOf(where), size]
      await both('liquidate', [addressOf(by), 'liquidate', ...args], model, (m) =>
        m.liquidate(nameOf(by), nameOf(who), where, size),
      )
      if (model.insurance < fund) told('cover')
      return notWorse(who, before)
    }
    case 'deleverage': {
      const { who, symbol: where } = chosen(model, one.who, (worth) => worth.value < 0n)
      const size = sized(model, who, where, one.percent)
      const before = model.worth(nameOf(who))
      const opposite = opponents(model, who, where)
      const against = opposite[one.against % Math.max(opposite.length, 1)] ?? one.against
      const args = [addressOf(who), addressOf(against), feedOf(where), size]
      await both('deleverage', [operator.address, 'deleverage', ...args], model, (m) =>
        m.deleverage(nameOf(who), nameOf(against), where, size),
      )
      return notWorse(who, before)
    }
  }
}

/** One of the positions whose holder is in trouble, where there is one, or else any. */
function chosen(
  model: Model,
  which: number,
  inTrouble: (worth: { value: bigint; maintenance: bigint }) => boolean,
): { readonly who: number; readonly symbol: string } {
  const all = names.flatMap((name, who) =>
    [...model.holder(name).held.keys()].map((symbol) => ({ who, symbol })),
  )
  const troubled = all.filter(({ who }) => inTrouble(model.worth(nameOf(who))))
  const from = troubled.length > 0 ? troubled : all
  return from[which % Math.max(from.length, 1)] ?? { who: 1, symbol: 'BTC-USD' }
}

function opponents(model: Model, who: number, symbol: string): readonly number[] {
  const { size } = model.holding(nameOf(who), symbol)
  return [...names.keys()].filter((other) => model.holding(nameOf(other), symbol).size * size < 0n)
}

/** The same on both: done, or refused for the same reason. A refused move leaves the model as it was. */
async function both(
  kind: string,
  [from, name, ...args]: readonly [`0x${string}`, string, ...unknown[]],
  model: Model,
  move: (trial: Model) => string | undefined,
): Promise<void> {
  const trial = model.copy()
  const expected = move(trial)
  told(expected ?? kind)
  if (expected !== undefined) {
    const reason = await engine.refusal(from, name, ...args)
    expect(`${kind} ${reason.split('(')[0]}`).toBe(`${kind} ${expected}`)
    return
  }
  await engine.act(from, name, ...args)
  model.become(trial)
}

/** A liquidated account has at least as much for each unit that it must have. */
async function notWorse(
  who: number,
  before: { value: bigint; maintenance: bigint },
): Promise<void> {
  const after = (await engine.ask('marginOf', addressOf(who))) as {
    value: bigint
    maintenance: bigint
  }
  expect(after.value * before.maintenance >= before.value * after.maintenance).toBe(true)
}

/** The whole state of the contract, against the model and against itself. */
async function compare(model: Model): Promise<void> {
  const questions = [
    ['insuranceFund', []],
    ['fundingPool', []],
    ...people.flatMap(({ address }) => [
      ['accountOf', [address]],
      ['marginOf', [address]],
      ...symbols.map((symbol) => ['position', [address, feedOf(symbol)]]),
    ]),
  ] as unknown as readonly (readonly [string, readonly unknown[]])[]
  const [insurance, pool, ...rest] = (await engine.views(questions)) as [
    bigint,
    bigint,
    ...unknown[],
  ]
  expect({ insurance, pool }).toEqual({ insurance: model.insurance, pool: model.pool })
  const sizes = symbols.map(() => 0n)
  let cash = 0n
  let unsettled = 0n
  const each = 2 + symbols.length
  for (const [at0, name] of names.entries()) {
    const [account, margin, ...held] = rest.slice(at0 * each, at0 * each + each)
    const [collateral] = account as [bigint]
    expect([name, collateral, margin]).toEqual([name, model.holder(name).cash, model.worth(name)])
    cash += collateral
    for (const [which, symbol] of symbols.entries()) {
      const { size, cost, fundingIndex } = held[which] as {
        size: bigint
        cost: bigint
        fundingIndex: bigint
      }
      const mine = model.holder(name).held.get(symbol)
      expect([symbol, size, cost]).toEqual([symbol, mine?.size ?? 0n, mine?.cost ?? 0n])
      expect([symbol, fundingIndex]).toEqual([symbol, mine?.index ?? 0n])
      sizes[which] = (sizes[which] ?? 0n) + size
      const due = ((fundingIndex - (model.index.get(symbol) ?? 0n)) * size) / 10n ** 30n
      unsettled += size === 0n ? 0n : due
    }
  }
  // Every unit of money is somebody's, and every long is somebody's short.
  expect(await engine.balanceOf(engine.address)).toBe(cash + insurance + pool)
  expect(sizes).toEqual(symbols.map(() => 0n))
  expect(insurance >= 0n).toBe(true)
  // What is owed but not settled, truncated instead of rounded down: at most a unit for each position.
  expect(pool - unsettled >= -BigInt(people.length * symbols.length)).toBe(true)
}

function sized(model: Model, who: number, symbol: string, share: number): bigint {
  const { size } = model.holding(nameOf(who), symbol)
  return ((size < 0n ? -size : size) * BigInt(share)) / 100n + (share > 100 ? 1n : 0n) || 1n
}

function nameOf(who: number): string {
  return names[who] ?? ''
}

function addressOf(who: number): `0x${string}` {
  const found = people[who]
  if (!found) throw new RangeError(`there is no person ${who}`)
  return found.address
}
