import { type Account, healthOf, type Holding, type Margin } from '../margin/account.ts'

/** What an exchange is stressed by: its accounts as they are, and its rules with its marks. */
export type StressedBook = {
  readonly accounts: readonly Account[]
  readonly exchange: StressedExchange
  readonly insuranceFund: bigint
}

/** One kind of exchange, at the marks of one moment. */
export type StressedExchange = {
  readonly assets: readonly string[]
  /** The same after a jump: prices are rounded down to whole units, as the exchange has them. */
  readonly shocked: (shock: Shock) => StressedExchange
  /** The same with one penalty for all markets. */
  readonly withPenalty: (bps: bigint) => StressedExchange
  /** Undefined where nothing can be said of the account. */
  readonly margin: (account: Account) => Margin | undefined
  readonly valueOf: (holding: Holding) => bigint
  /** The account until it is healthy or nobody takes any more of it. */
  readonly liquidated: (account: Account, insuranceFund: bigint) => Liquidated
}

export type Liquidated = {
  readonly penalties: bigint
  readonly rewards: bigint
  /** What the insurance fund pays, and has afterwards. */
  readonly cover: bigint
  readonly insuranceFund: bigint
  readonly shortfall: bigint
}

/** Halves of halves end at a small position or at a healthy account; more of them than this the contracts' users never see. */
export const mostSteps = 64

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
  return [...stressed.exchange.assets, undefined].flatMap((asset) =>
    shocks.map((permille) => stress(stressed, { asset, permille })),
  )
}

/**
 * All prices jump at once, and everybody who is not healthy then is liquidated by the contract's own rule, those with less
 * than nothing first. Nobody adds margin, and what liquidations do to prices is not in it.
 */
export function stress(stressed: StressedBook, shock: Shock): StressResult {
  const { accounts } = stressed
  const exchange = stressed.exchange.shocked(shock)
  const fallen = accounts.flatMap((account) => {
    if (shock.asset !== undefined && !account.holdings.some(({ asset }) => asset === shock.asset))
      return []
    const after = exchange.margin(account)
    if (!after || healthOf(after) === 'healthy') return []
    const before = stressed.exchange.margin(account)
    const isNew = before !== undefined && healthOf(before) === 'healthy'
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
    const end = exchange.liquidated(account, fund)
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
    notional: fresh.reduce((all, account) => all + notionalOf(account, exchange), 0n),
    bankrupt: order.filter(({ value }) => value < 0n).length,
    ...sum,
    fundAfter: fund,
    drags: shock.asset === undefined ? {} : dragsOf(fresh, shock.asset, exchange),
  }
}

function dragsOf(
  fallen: readonly Account[],
  shockedAsset: string,
  { valueOf }: StressedExchange,
): StressResult['drags'] {
  const held = fallen.flatMap(({ holdings }) =>
    holdings.filter(({ asset }) => asset !== shockedAsset),
  )
  return Object.fromEntries(
    [...Map.groupBy(held, ({ asset }) => asset)].map(([asset, all]) => [
      asset,
      {
        accounts: all.length,
        notional: all.reduce((sum, one) => sum + magnitude(valueOf(one)), 0n),
      },
    ]),
  )
}

function notionalOf({ holdings }: Account, { valueOf }: StressedExchange): bigint {
  return holdings.reduce((sum, one) => sum + magnitude(valueOf(one)), 0n)
}

/** By value, long or short. */
export function largestHolding(
  { holdings }: Account,
  valueOf: (holding: Holding) => bigint,
): Holding | undefined {
  return holdings.toSorted((one, other) =>
    magnitude(valueOf(one)) > magnitude(valueOf(other)) ? -1 : 1,
  )[0]
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
    const exchange = stressed.exchange.withPenalty(penaltyBps)
    return tried.funds.map((fund) => ({
      penaltyBps,
      fund,
      shortfall: stress({ ...stressed, exchange, insuranceFund: fund }, shock).shortfall,
    }))
  })
}
