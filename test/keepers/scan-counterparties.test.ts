import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import type {
  CoreLiquidationLook,
  EvmLiquidationLook,
  LiquidationLook,
  StarkexLiquidationLook,
} from '../../lib/domain/liquidation/liquidation-look.ts'
import type { Account, Holding } from '../../lib/domain/margin/account.ts'
import type { AdlRule } from '../../lib/domain/margin/adl-ranking.ts'
import { accountIn, accountsOf, type Book, emptyBook } from '../../lib/domain/positions/book.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
import { dice } from '../bench/many-accounts.ts'
import { firstOfAll } from '../domain/liquidation/model/all-counterparties.ts'

/** Far more than the scan has rows for in one account. */
const assets = Array.from({ length: 34 }, (_, at) => `0x${at + 1}`)
const shared = {
  block: { number: 1, hash: '0x1', time: timestamp(0) },
  paused: false,
  from: timestamp(0),
  markets: {},
  dollar: 1_000_000n,
} as const

/** Numbers of one seed: whole ones from `from` up to `to`, and one of a list. */
function luck(seed: number) {
  const next = dice(seed, 1)
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    whole,
    in: (share: number): boolean => next() < share,
    of: <T>(...list: readonly [T, ...T[]]): T => list[whole(0, list.length - 1)] ?? list[0],
  }
}

type Luck = ReturnType<typeof luck>
type Prices = Readonly<Record<string, number>>

/** Of each asset in whole units; a few are not told in some ticks. */
function pricesBy(chance: Luck): Prices {
  const told = assets.filter((_, at) => at > 1 || chance.in(0.9))
  return Object.fromEntries(told.map((asset) => [asset, chance.whole(80, 120)]))
}

type World = {
  readonly name: string
  readonly look: (prices: Prices, chance: Luck) => LiquidationLook
  /** So many smallest units of an asset, and of the collateral, are one. */
  readonly coin: bigint
  readonly cash: bigint
  readonly indexScale: bigint
  readonly hasCosts: boolean
}

const evm: World = {
  name: 'evm-engine',
  coin: 10n ** 18n,
  cash: 10n ** 6n,
  indexScale: 10n ** 18n,
  hasCosts: true,
  look: (prices, chance): EvmLiquidationLook => ({
    ...shared,
    kind: 'evm-engine',
    book: {
      unit: 10n ** 30n,
      marks: marksOf(prices, (price) => ({
        price: BigInt(price) * 10n ** 18n,
        fundingIndex: BigInt(chance.whole(-2, 2)) * 10n ** 17n,
        initialMarginBps: 1_000n,
        maintenanceMarginBps: 500n,
        penaltyBps: 100n,
      })),
    },
    rules: { liquidatorShareBps: 0n, closeFactorBps: 0n, smallPosition: 0n },
    insuranceFund: 0n,
    liquidator: { id: 'me', collateral: 0n, holdings: [] },
  }),
}

const core: World = {
  name: 'starknet-perpetual',
  coin: 10n ** 6n,
  cash: 10n ** 6n,
  indexScale: 1n << 32n,
  hasCosts: true,
  look: (prices, chance): CoreLiquidationLook => ({
    ...shared,
    kind: 'starknet-perpetual',
    generation: chance.of('A', 'C', 'D'),
    marks: marksOf(prices, (price, at) => ({
      kind: at % 3 === 2 ? 'spot' : 'synthetic',
      price: BigInt(price) << 28n,
      fundingIndex: at % 3 === 2 ? 0n : BigInt(chance.whole(-2, 2)) << 30n,
      riskFactorTiers: [10n, 100n, 500n],
      firstTierBoundary: 10n ** 8n,
      tierSize: 10n ** 9n,
    })),
    insuranceFund: 0n,
    liquidator: undefined,
    blocked: undefined,
  }),
}

const starkex: World = {
  name: 'StarkEx',
  coin: 10n ** 6n,
  cash: 10n ** 6n,
  indexScale: 1n << 32n,
  hasCosts: false,
  look: (prices, chance): StarkexLiquidationLook => ({
    ...shared,
    kind: 'starkex',
    accountsAt: timestamp(0),
    marks: marksOf(prices, (price) => ({
      price: BigInt(price) << 32n,
      fundingIndex: BigInt(chance.whole(-2, 2)) << 30n,
      segments: [{ upperBound: 1n << 95n, riskFactor: 1n << 29n }],
      segmentedBy: 'balance',
    })),
    liquidator: undefined,
  }),
}

function marksOf<M>(
  prices: Prices,
  mark: (price: number, at: number) => M,
): Readonly<Record<string, M>> {
  return Object.fromEntries(
    Object.entries(prices).map(([asset, price], at) => [asset, mark(price, at)]),
  )
}

/** Mostly in the first assets, and often as good as another one; some have less than nothing, to the last unit or far. */
function anybody(id: string, chance: Luck, { coin, cash, indexScale, hasCosts }: World): Account {
  const count = chance.in(0.02) ? 33 : chance.whole(1, 3)
  const first = count > 3 ? 0 : chance.whole(0, 2)
  const holdings = Array.from({ length: count }, (_, step): Holding => {
    const size = BigInt(chance.of(-1, 1) * chance.whole(1, 5))
    const odd = chance.in(0.3) ? BigInt(chance.whole(0, 999)) : 0n
    const entry = chance.whole(70, 130)
    const isSpot = (first + step) % 3 === 2
    // Of some units' worth: one more or less decides whether that is a profit.
    if (hasCosts && coin > cash && chance.in(0.2)) {
      const balance = (size * 15n * coin) / cash / 1_000n
      return {
        asset: assets[first + step] ?? '',
        balance,
        fundingIndex: 0n,
        cost: size + (size > 0n ? 0n : -1n),
      }
    }
    return {
      asset: assets[first + step] ?? '',
      balance: size * coin + odd,
      fundingIndex: isSpot ? 0n : (BigInt(chance.whole(-3, 3)) * indexScale) / 10n,
      ...(hasCosts && chance.in(0.9) && { cost: size * BigInt(entry) * cash }),
    }
  })
  const spent = holdings.reduce((sum, { balance }) => sum + (balance * 100n * cash) / coin, 0n)
  const left = chance.in(0.4) ? BigInt(chance.whole(-2, 2)) : BigInt(chance.whole(-30, 200)) * cash
  return { id, collateral: left - spent, holdings }
}

test.each([evm, core, starkex])(
  'on $name the first to be asked are those whom a look at all accounts finds, in the same order, whatever became of them',
  (world) => {
    const count = { asked: 0, left: 0 }
    const property = fc.property(
      fc.nat(),
      fc.constantFrom<AdlRule>('bitmex', 'hyperliquid', 'dydx'),
      (seed, rule) => {
        const chance = luck(seed)
        const scan = accountScan(openScan)
        const names = Array.from({ length: chance.whole(5, 260) }, (_, at) => `${(at * 7) % 1_000}`)
        const table = new Map(names.map((id) => [id, anybody(id, chance, world)]))
        let book: Book = {
          ...emptyBook({ number: 1, hash: '0x1' }, []),
          table: {
            size: table.size,
            get: (id) => table.get(id),
            ids: () => table.keys(),
            all: () => table.values(),
          },
        }
        let look = world.look(pricesBy(chance), chance)
        for (let tick = 0; tick < 4; tick += 1) {
          if (chance.in(0.7)) look = world.look(pricesBy(chance), chance)
          const touched = Array.from({ length: chance.whole(0, 30) }, () => {
            const id = chance.of('new', ...names)
            return [id, chance.in(0.2) ? undefined : anybody(id, chance, world)] as const
          })
          // A block is taken back now and then, with all that it did.
          const earlier = chance.in(0.25) ? [] : [...book.changed]
          book = { ...book, changed: new Map([...earlier, ...touched]) }
          const losers = Array.from({ length: chance.whole(1, 3) }, () => chance.of('x', ...names))
          const bankrupt = losers.flatMap((id) => accountIn(book, id) ?? []).map(withLittle)
          const view = { look, bankrupt, rule, slot: chance.whole(0, 1_000) }
          const wanted = firstOfAll(accountsOf(book), view)
          expect(scan.counterparties('dex', book, view)).toEqual(wanted)
          count.asked += wanted.length
          count.left += table.size - wanted.length
        }
      },
    )
    fc.assert(property, { numRuns: 150 })
    // Neither nobody nor everybody.
    expect(count.asked).toBeGreaterThan(5_000)
    expect(count.left).toBeGreaterThan(5_000)
  },
  60_000,
)

/** Little is needed for them, so that the first few do. */
function withLittle(account: Account): Account {
  const holdings = account.holdings.slice(0, 2).map((one) => ({
    ...one,
    balance: one.balance > 0n ? 1n : -1n,
  }))
  return { ...account, holdings }
}
