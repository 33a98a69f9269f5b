import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { CoreOffer } from '../../../lib/domain/liquidation/core-offer.ts'
import { coreWishes } from '../../../lib/domain/liquidation/core-wishes.ts'
import type { CoreLiquidationLook } from '../../../lib/domain/liquidation/liquidation-look.ts'
import { planCoreDeleverage } from '../../../lib/domain/liquidation/plan-core-deleverage.ts'
import {
  type CoreTerms,
  planCoreLiquidations,
} from '../../../lib/domain/liquidation/plan-core-liquidations.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { judgeDeleverage } from '../../../lib/domain/margin/starknet-deleverage.ts'
import { judgeLiquidation } from '../../../lib/domain/margin/starknet-liquidation.ts'
import {
  type CoreMark,
  coreMargin,
  holdingValue,
} from '../../../lib/domain/margin/starknet-margin.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const assets = ['0x2', '0x3', '0x4'] as const
const now = timestamp(1_764_000_000_000)

const mark: fc.Arbitrary<CoreMark> = fc.record({
  kind: fc.constant('synthetic' as const),
  price: fc.bigInt(1n << 20n, 1n << 36n),
  fundingIndex: fc.bigInt(-(1n << 33n), 1n << 33n),
  riskFactorTiers: fc.constantFrom([10n], [10n, 25n, 50n], [50n, 100n, 200n]),
  firstTierBoundary: fc.constantFrom(1_000_000n, 10n ** 9n),
  tierSize: fc.constantFrom(1_000_000n, 10n ** 9n),
})

const someBalance = fc.oneof(fc.bigInt(-(10n ** 7n), -1n), fc.bigInt(1n, 10n ** 7n))

/** Holdings, and how much is left of the account in thousandths of what it holds. */
const person = fc.record({
  sizes: fc.tuple(...assets.map(() => fc.option(someBalance, { nil: undefined }))),
  permille: fc.bigInt(-60n, 120n),
})

const world = fc.record({
  marks: fc.tuple(...assets.map(() => mark)),
  generation: fc.constantFrom('A' as const, 'C' as const, 'D' as const),
  people: fc.array(person, { minLength: 1, maxLength: 12 }),
  fund: fc.bigInt(0n, 10n ** 9n),
  terms: fc.record({
    feeBps: fc.bigInt(0n, 500n),
    discountBps: fc.bigInt(0n, 300n),
    targetBps: fc.constantFrom(10_000n, 11_000n, 20_000n),
  }),
})

type World = typeof world extends fc.Arbitrary<infer One> ? One : never

function lookOf({ marks, generation, fund }: World): CoreLiquidationLook {
  return {
    kind: 'starknet-perpetual',
    generation,
    block: { number: 1, hash: '0x1', time: now },
    paused: false,
    from: timestamp(0),
    markets: Object.fromEntries(assets.map((asset) => [asset, parseMarket('BTC-USD')])),
    dollar: 1_000_000n,
    insuranceFund: fund,
    blocked: undefined,
    liquidator: undefined,
    marks: Object.fromEntries(assets.map((asset, at) => [asset, marks[at] as CoreMark])),
  }
}

function accountsIn({ people }: World, look: CoreLiquidationLook): readonly Account[] {
  return people.map(({ sizes, permille }, at) => {
    const holdings = assets.flatMap((asset, place) => {
      const held = sizes[place]
      const fundingIndex = look.marks[asset]?.fundingIndex ?? 0n
      return held === undefined ? [] : [{ asset, balance: held, fundingIndex }]
    })
    const values = holdings.map(({ asset, balance }) =>
      holdingValue(balance, look.marks[asset]?.price ?? 0n),
    )
    const net = values.reduce((sum, one) => sum + one, 0n)
    const gross = values.reduce((sum, one) => sum + (one < 0n ? -one : one), 0n)
    return { id: String(1_000 + at), collateral: (gross * permille) / 1_000n - net, holdings }
  })
}

function offersOn(accounts: readonly Account[], look: CoreLiquidationLook): readonly CoreOffer[] {
  return coreWishes(accounts, look).map((wish, at) => ({
    order: {
      position: '100',
      ...wish,
      collateral: '0x1',
      fee: 0n,
      expiration: 2_000_000_000n,
      salt: BigInt(at),
      publicKey: '0x1',
      signature: { r: 1n, s: 1n },
    },
    filled: 0n,
  }))
}

const rich: Account = { id: '100', collateral: 10n ** 15n, holdings: [] }

function planned(given: World, terms: CoreTerms = given.terms) {
  const look = lookOf(given)
  const accounts = accountsIn(given, look)
  const offers = offersOn(accounts, look)
  const plan = planCoreLiquidations({
    look,
    candidates: accounts,
    inFlight: new Set(),
    resting: new Set(),
    budgetPermille: 1_000,
    policy: { mostPerSlot: 50, mostNotionalUsd: 1e9, leastRewardUsd: 0 },
    slot: 7,
    offers,
    liquidators: [rich],
    terms,
  })
  return { look, accounts, offers, plan }
}

test('the contract takes each part in its turn, no fee is above the ceiling, and nobody is left worse than before by fees', () => {
  const count = { parts: 0, bankrupt: 0, healed: 0 }
  const law = fc.property(world, (given) => {
    const { look, accounts, offers, plan } = planned(given)
    let liquidator = rich
    const filled = new Map<bigint, bigint>()
    for (const part of plan.parts) {
      const { order, base, cash, penalty, reward, cover, asset } = part
      const account = accounts.find(({ id }) => id === part.account)
      expect(order).toBeDefined()
      if (!order || !account) return
      const before = coreMargin(account, look.marks, look.generation)
      const used = filled.get(order.salt) ?? 0n
      const verdict = judgeLiquidation({
        generation: look.generation,
        marks: look.marks,
        liquidated: account,
        liquidator,
        asset,
        base,
        quote: cash - reward,
        liquidatedFee: penalty - reward,
        liquidatorFee: 0n,
        interestLiquidated: 0n,
        interestLiquidator: 0n,
        order: { ...order, isInCollateral: true, isExpired: false, filled: used },
      })
      expect(verdict).toMatchObject({ kind: 'accepted' })
      if (verdict.kind !== 'accepted' || before.kind === 'unknown') return
      liquidator = verdict.counterparty
      filled.set(order.salt, used + (base < 0n ? -base : base))
      const worth = cash < 0n ? -cash : cash
      expect((penalty - reward) * 10_000n).toBeLessThanOrEqual(worth * given.terms.feeBps)
      // Never more than a millionth beyond the mark.
      expect(reward).toBeGreaterThanOrEqual(-worth / 1_000_000n - 1n)
      const after = coreMargin(verdict.position, look.marks, look.generation)
      if (after.kind === 'unknown') return
      const isBankrupt = before.value < 0n
      expect(isBankrupt ? penalty - reward : 0n).toBe(0n)
      // An order's limit is a fraction: what it rounds of dust.
      expect(isBankrupt ? reward : 0n).toBeLessThanOrEqual(1n)
      // Fees leave no debt, and a debt that a liquidation leaves the fund is good for.
      expect(after.value).toBeGreaterThanOrEqual(isBankrupt ? before.value - 1n : 0n)
      expect(cover).toBe(
        verdict.position.holdings.length === 0 && after.value < 0n ? -after.value : 0n,
      )
      count.parts += 1
      count.bankrupt += isBankrupt ? 1 : 0
      count.healed += after.value >= after.requirement ? 1 : 0
    }
    const owed = plan.parts.reduce((sum, { cover }) => sum + cover, 0n)
    const paid = plan.parts.reduce((sum, { penalty, reward }) => sum + penalty - reward, 0n)
    expect(owed).toBeLessThanOrEqual(look.insuranceFund + paid)
    expect(offers.length).toBeLessThanOrEqual(2 * assets.length)
  })
  fc.assert(law, { numRuns: 700 })
  expect(count.parts).toBeGreaterThan(600)
  expect(count.bankrupt).toBeGreaterThan(20)
  expect(count.healed).toBeGreaterThan(250)
})

test('an account with something left and a price for all of it is never left alone', () => {
  let found = 0
  const law = fc.property(world, (given) => {
    const { look, accounts, plan } = planned(given)
    const taken = new Set(plan.parts.map(({ account }) => account))
    for (const account of accounts) {
      const margin = coreMargin(account, look.marks, look.generation)
      if (margin.kind === 'unknown' || margin.value < 0n || margin.value >= margin.requirement)
        continue
      // Of a few dollars the millionth beyond the mark does not cover all roundings.
      const dust = account.holdings.every(({ asset, balance }) => {
        const value = holdingValue(balance, look.marks[asset]?.price ?? 0n)
        return (value < 0n ? -value : value) < 3_000_000n
      })
      if (dust) continue
      expect(taken).toContain(account.id)
      found += 1
    }
  })
  fc.assert(law, { numRuns: 700 })
  expect(found).toBeGreaterThan(150)
})

test('the contract takes each part of a deleverage in its turn, and never more is closed than there is', () => {
  const count = { parts: 0, closed: 0, noQuote: 0 }
  const law = fc.property(
    world,
    fc.constantFrom('bitmex', 'hyperliquid', 'dydx'),
    (given, rule) => {
      const look = lookOf(given)
      const accounts = accountsIn(given, look)
      const valueOf = (account: Account) => {
        const margin = coreMargin(account, look.marks, look.generation)
        return margin.kind === 'margin' ? margin.value : 0n
      }
      const bankrupt = accounts.filter((one) => valueOf(one) < 0n)
      const plan = planCoreDeleverage(
        {
          look,
          bankrupt,
          counterparties: accounts.filter((one) => valueOf(one) >= 0n),
          inFlight: new Set(),
          rule,
          mostPerSlot: 50,
          slot: 3,
        },
        new Set(),
      )
      const left = new Map(accounts.map((one) => [one.id, one]))
      for (const {
        account,
        counterparty,
        asset,
        size,
        base = 0n,
        quote = 0n,
        loss,
      } of plan.parts) {
        const [one, other] = [left.get(account), left.get(counterparty)]
        expect(base < 0n ? -base : base).toBe(size)
        if (!one || !other) throw new Error('nobody knows them')
        const verdict = judgeDeleverage({
          generation: look.generation,
          marks: look.marks,
          deleveraged: one,
          deleverager: other,
          asset,
          base,
          quote,
          interestDeleveraged: 0n,
          interestDeleverager: 0n,
        })
        expect(verdict).toMatchObject({ kind: 'accepted' })
        if (verdict.kind !== 'accepted') return
        // What one side loses by the mark the other gains, up to the rounding of two values.
        expect(valueOf(verdict.position) - valueOf(one) - loss).toBeLessThanOrEqual(2n)
        left.set(account, verdict.position)
        left.set(counterparty, verdict.counterparty)
        count.parts += 1
      }
      for (const { account, asset, needed, missing, excess, chosen, hasNoQuote } of plan.records) {
        expect(chosen.reduce((sum, one) => sum + one.size, 0n)).toBe(needed - missing)
        expect(excess).toBe(0n)
        const held = left.get(account)?.holdings.find((one) => one.asset === asset)?.balance ?? 0n
        expect(held < 0n ? -held : held).toBe(missing)
        count.closed += missing === 0n ? 1 : 0
        count.noQuote += hasNoQuote ? 1 : 0
      }
    },
  )
  fc.assert(law, { numRuns: 700 })
  expect(count.parts).toBeGreaterThan(250)
  expect(count.closed).toBeGreaterThan(100)
  expect(count.noQuote).toBeGreaterThan(0)
})
