import { largestEvmPart } from '../liquidation/evm-part.ts'
import { type Account, healthOf } from '../margin/account.ts'
import { type EvmLiquidationRules, liquidatableSize } from '../margin/evm-liquidation.ts'
import { type EvmBook, evmMargin, evmValue } from '../margin/evm-margin.ts'

/** What an exchange is stressed by: its accounts and marks as they are, and its rules. */
export type StressedBook = {
  readonly accounts: readonly Account[]
  readonly book: EvmBook
  readonly rules: EvmLiquidationRules
  readonly insuranceFund: bigint
}

export type Shock = {
  /** The market as holdings name it; undefined where all move together. */
  readonly asset: string | undefined
  /** Below zero for a fall. */
  readonly permille: number
}

/** What one jump of prices does. Money is in the collateral's smallest units. */
export type StressResult = {
  readonly shock: Shock
  /** Accounts that are not healthy after it and were before, and the value of all their positions. */
  readonly falls: number
  readonly notional: bigint
  /** Of all that are not healthy. */
  readonly bankrupt: number
  readonly penalties: bigint
  /** What the insurance fund gets of them, what it pays, and what it has in the end. */
  readonly fundIn: bigint
  readonly fundOut: bigint
  readonly fundAfter: bigint
  /** What it could not pay: others lose it by deleverage; and of how many accounts. */
  readonly shortfall: bigint
  readonly deleveraged: number
  /** By other market that the fallen hold: how many of them, and what is sold of it. */
  readonly drags: Readonly<Record<string, { readonly accounts: number; readonly notional: bigint }>>
}

/** In thousandths: the moves of a bad hour, a bad day, and of days that come once in years. */
export const shocks = [-500, -300, -200, -100, -50, 50, 100, 200, 300, 500] as const

/** Each market by itself, then all together. */
export function stressAll(stressed: StressedBook): readonly StressResult[] {
  const assets = Object.keys(stressed.book.marks).toSorted()
  return [...assets, undefined].flatMap((asset) =>
    shocks.map((permille) => stress(stressed, { asset, permille })),
  )
}

/**
 * All prices jump at once, and everybody who is not healthy then is liquidated by the contract's own rule, those with less
 * than nothing first. Nobody adds margin, and what liquidations do to prices is not in it.
 */
export function stress(stressed: StressedBook, shock: Shock): StressResult {
  const { accounts, rules } = stressed
  const book = shocked(stressed.book, shock)
  const fallen = accounts.flatMap((account) => {
    if (shock.asset !== undefined && !account.holdings.some(({ asset }) => asset === shock.asset))
      return []
    const after = evmMargin(account, book)
    if (after.kind === 'unknown' || healthOf(after) === 'healthy') return []
    const before = evmMargin(account, stressed.book)
    const isNew = before.kind === 'margin' && healthOf(before) === 'healthy'
    return [{ account, value: after.value, isNew }]
  })
  const order = fallen.toSorted((one, other) =>
    one.value === other.value
      ? one.account.id < other.account.id
        ? -1
        : 1
      : one.value < other.value
        ? -1
        : 1,
  )
  let fund = stressed.insuranceFund
  const sum = { penalties: 0n, fundIn: 0n, fundOut: 0n, shortfall: 0n, deleveraged: 0 }
  for (const { account } of order) {
    const end = liquidated(account, { book, rules, insuranceFund: fund })
    fund = end.insuranceFund
    sum.penalties += end.penalties
    sum.fundIn += end.penalties - end.rewards
    sum.fundOut += end.cover
    sum.shortfall += end.shortfall
    if (end.shortfall > 0n) sum.deleveraged += 1
  }
  const fresh = order.filter(({ isNew }) => isNew).map(({ account }) => account)
  return {
    shock,
    falls: fresh.length,
    notional: fresh.reduce((all, account) => all + notionalOf(account, book), 0n),
    bankrupt: order.filter(({ value }) => value < 0n).length,
    ...sum,
    fundAfter: fund,
    drags: shock.asset === undefined ? {} : dragsOf(fresh, shock.asset, book),
  }
}

/** Prices are rounded down to whole units, as the exchange has them. */
function shocked(book: EvmBook, { asset, permille }: Shock): EvmBook {
  const marks = Object.entries(book.marks).map(([name, mark]) =>
    asset === undefined || name === asset
      ? [name, { ...mark, price: (mark.price * BigInt(1_000 + permille)) / 1_000n }]
      : [name, mark],
  )
  return { ...book, marks: Object.fromEntries(marks) as EvmBook['marks'] }
}

type Liquidated = {
  readonly penalties: bigint
  readonly rewards: bigint
  readonly cover: bigint
  readonly shortfall: bigint
  readonly insuranceFund: bigint
}

/** With enough money for any position: who liquidates is not what is asked here. */
const somebody: Account = { id: 'somebody', collateral: 10n ** 60n, holdings: [] }

/** Halves of halves end at a small position or at a healthy account; more of them than this the contract's users never see. */
const mostSteps = 64

function liquidated(
  start: Account,
  world: Pick<StressedBook, 'book' | 'rules' | 'insuranceFund'>,
): Liquidated {
  const { book, rules } = world
  let account = start
  let { insuranceFund } = world
  let [penalties, rewards, cover] = [0n, 0n, 0n]
  for (let step = 0; step < mostSteps; step += 1) {
    const margin = evmMargin(account, book)
    const largest = account.holdings.toSorted((one, other) =>
      magnitude(valueOf(one, book)) > magnitude(valueOf(other, book)) ? -1 : 1,
    )[0]
    const mark = largest && book.marks[largest.asset]
    if (margin.kind === 'unknown' || healthOf(margin) === 'healthy' || !largest || !mark) break
    const most = liquidatableSize(margin, largest.balance, { mark, rules, unit: book.unit })
    const { asset } = largest
    const call = { book, rules, insuranceFund, account, liquidator: somebody, asset }
    const part = largestEvmPart(call, most)
    if (part.kind === 'refused')
      return {
        penalties,
        rewards,
        cover,
        insuranceFund,
        shortfall: part.reason === 'InsuranceFundShort' ? -margin.value : 0n,
      }
    penalties += part.accepted.settlement.penalty
    rewards += part.accepted.settlement.reward
    cover += part.accepted.settlement.cover
    account = part.accepted.account
    insuranceFund = part.accepted.insuranceFund
  }
  return { penalties, rewards, cover, shortfall: 0n, insuranceFund }
}

function dragsOf(
  fallen: readonly Account[],
  shockedAsset: string,
  book: EvmBook,
): StressResult['drags'] {
  const held = fallen.flatMap(({ holdings }) =>
    holdings.filter(({ asset }) => asset !== shockedAsset),
  )
  return Object.fromEntries(
    [...Map.groupBy(held, ({ asset }) => asset)].map(([asset, all]) => [
      asset,
      {
        accounts: all.length,
        notional: all.reduce((sum, one) => sum + magnitude(valueOf(one, book)), 0n),
      },
    ]),
  )
}

function notionalOf({ holdings }: Account, book: EvmBook): bigint {
  return holdings.reduce((sum, one) => sum + magnitude(valueOf(one, book)), 0n)
}

function valueOf(
  { asset, balance }: Account['holdings'][number],
  { marks, unit }: EvmBook,
): bigint {
  const mark = marks[asset]
  return mark ? evmValue(balance, mark.price, unit) : 0n
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

export type Sizing = {
  readonly penaltyBps: bigint
  readonly fund: bigint
  readonly shortfall: bigint
}

/** What of one jump is left unpaid with other penalties and another fund: all markets with the same penalty. */
export function sizing(
  stressed: StressedBook,
  shock: Shock,
  tried: { readonly penaltyBps: readonly bigint[]; readonly funds: readonly bigint[] },
): readonly Sizing[] {
  return tried.penaltyBps.flatMap((penaltyBps) => {
    const marks = Object.entries(stressed.book.marks).map(([asset, mark]) => [
      asset,
      { ...mark, penaltyBps },
    ])
    const book = { ...stressed.book, marks: Object.fromEntries(marks) as EvmBook['marks'] }
    return tried.funds.map((fund) => ({
      penaltyBps,
      fund,
      shortfall: stress({ ...stressed, book, insuranceFund: fund }, shock).shortfall,
    }))
  })
}
