import type { LiquidationPart } from '../action.ts'
import { Decimal } from '../decimal.ts'
import type { LedgerRow } from '../pnl/ledger-row.ts'
import type { LiquidationPolicy } from './liquidation-policy.ts'

/** What liquidating costs, by the newest that were booked. */
export type LiquidationCosts = {
  /** What one try cost, in USD at the fee token's price of now; undefined where none was booked yet. */
  readonly tryUsd: Decimal | undefined
  /** The part of all tries that brought something: what the others cost is paid by it. */
  readonly won: Decimal
  /** USD for one of the fee token's smallest units. */
  readonly unitUsd: Decimal
}

/** So many tries are counted: the gas of longer ago is not that of now. */
const mostTries = 50

/** Before anything is known it is as if nine of ten tries had brought something: a new keeper is neither bold nor shy. */
const [assumedWon, assumedTries] = [9, 10]

/** The mean cost of our newest tries, and how many of them brought something. Undefined where the fee token has no price. */
export function liquidationCosts(
  /** Newest first. */
  rows: readonly LedgerRow[],
  { price, decimals }: { readonly price: Decimal | undefined; readonly decimals: number },
): LiquidationCosts | undefined {
  if (price === undefined) return undefined
  const tries = rows.flatMap(triesIn).slice(0, mostTries)
  const unitUsd = price.div(new Decimal(10).pow(decimals))
  const paid = tries.reduce((sum, one) => sum + one.paid, 0n)
  const won = tries.filter((one) => one.isWon).length
  return {
    tryUsd: tries.length > 0 ? new Decimal(String(paid)).mul(unitUsd).div(tries.length) : undefined,
    won: new Decimal(won + assumedWon).div(tries.length + assumedTries),
    unitUsd,
  }
}

/** What was refused before it was signed cost nothing and is no try. */
function triesIn(row: LedgerRow): readonly { readonly paid: bigint; readonly isWon: boolean }[] {
  if (row.kind !== 'won' && row.kind !== 'no-effect') return []
  const { paid } = row.fee
  return paid === undefined || paid === 0n ? [] : [{ paid, isWon: row.kind === 'won' }]
}

/**
 * The reward from which on a liquidation leaves the profit that is wanted: each one that brings something pays for its own
 * try and for those that brought nothing, `tryUsd / won` together. Never less than what is wanted before costs.
 */
export function leastRewardUsd(
  policy: Pick<LiquidationPolicy, 'leastRewardUsd'>,
  leastProfitUsd: number | undefined,
  costs: LiquidationCosts | undefined,
): number {
  if (leastProfitUsd === undefined || !costs?.tryUsd) return policy.leastRewardUsd
  const least = costs.tryUsd.div(costs.won).add(leastProfitUsd)
  return Decimal.max(least, policy.leastRewardUsd).toNumber()
}

/**
 * What a part's transaction may cost for it at most, in the fee token's smallest unit: what it is expected to bring less the
 * profit that is wanted. Rounds down, in the payer's favour. Undefined where nobody said what profit is wanted, for accounts
 * with less than nothing, and where gas has no price.
 */
export function worthOf(
  { reward, cover }: Pick<LiquidationPart, 'reward' | 'cover'>,
  {
    dollar,
    leastProfitUsd,
    costs,
  }: {
    readonly dollar: bigint
    readonly leastProfitUsd: number | undefined
    readonly costs: LiquidationCosts | undefined
  },
): bigint | undefined {
  if (leastProfitUsd === undefined || !costs || cover > 0n) return undefined
  const usd = new Decimal(String(reward)).div(String(dollar)).sub(leastProfitUsd).mul(costs.won)
  const units = Decimal.max(usd, 0).div(costs.unitUsd)
  return BigInt(units.toFixed(0, Decimal.ROUND_DOWN))
}
