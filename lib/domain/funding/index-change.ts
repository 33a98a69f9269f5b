import { Decimal } from '../decimal.ts'
import { floorDiv } from '../margin/floor-div.ts'

// A funding index is what one unit held long has paid since the beginning. Everywhere: change = rate · price in the engine's
// own scale, and a position pays (index now - index paid up to) · balance.

/** How near to a contract's cap we go, in bps: prices move between the decision and the block, and the cap with them. */
export const capShareBps = 9_500n

/** That share of a cap, rounded down. */
export function belowCap(cap: bigint): bigint {
  return (cap * capShareBps) / 10_000n
}

/** `change`, but at most `most` either way. */
export function withinCap(change: bigint, most: bigint): bigint {
  if (change > most) return most
  return change < -most ? -most : change
}

/** Whether starknet-perpetual and StarkEx can hold it: a signed 64-bit number. */
export function isI64(value: bigint): boolean {
  return value >= -(1n << 63n) && value < 1n << 63n
}

/**
 * starknet-perpetual: index scale 2^32, price scale 2^28, so `rate · price · 2^4`. Rounds towards zero, in favour of whoever
 * pays.
 */
export function starknetIndexChange(rate: Decimal, price: bigint): bigint {
  return towardsZero(rate.mul(String(price * 16n)))
}

/** `floor(price · maxRate / 2^28) · seconds`: what the contract takes at most, either way (assets.cairo). */
export function starknetIndexCap({ price, maxFundingRate, seconds }: CapView): bigint {
  return ((price * maxFundingRate) >> 28n) * seconds
}

export type CapView = {
  readonly price: bigint
  /** Per second, scale 2^32. */
  readonly maxFundingRate: bigint
  readonly seconds: bigint
}

/** A position's funding from one index to another. */
export type FundingDue = { readonly from: bigint; readonly to: bigint; readonly balance: bigint }

/**
 * What a position receives (below zero: pays), in the collateral's smallest units. Rounds towards minus infinity, in the
 * exchange's favour, so that a long and a short never get more than they pay (funding.cairo).
 */
export function starknetFundingPayment({ from, to, balance }: FundingDue): bigint {
  return floorDiv((from - to) * balance, 1n << 32n)
}

/** StarkEx: price and index both at scale 2^32. Rounds towards zero, in favour of whoever pays. */
export function starkexIndexChange(rate: Decimal, price: bigint): bigint {
  return towardsZero(rate.mul(String(price)))
}

/** The most with `|change| · 2^32 ≤ maxRate · price · seconds` (stark-perpetual funding_tick.cairo). */
export function starkexIndexCap({ price, maxFundingRate, seconds }: CapView): bigint {
  return (maxFundingRate * price * seconds) >> 32n
}

/**
 * What one position receives for all its holdings: one floor over their sum (stark-perpetual position/funding.cairo), where
 * starknet-perpetual rounds each holding.
 */
export function starkexFundingPayment(holdings: readonly FundingDue[]): bigint {
  const sum = holdings.reduce((total, { from, to, balance }) => total + (from - to) * balance, 0n)
  return floorDiv(sum, 1n << 32n)
}

/** What a whole coin held long has paid, in whole units of the collateral. */
export function starkexIndexPerCoin(
  index: bigint,
  resolution: { readonly asset: bigint; readonly collateral: bigint },
): Decimal {
  return new Decimal(String(index * resolution.asset)).div(
    new Decimal(String(resolution.collateral << 32n)),
  )
}

/** The EVM engine's own form of a rate: 18 decimals, rounded towards zero, in favour of whoever pays. */
export function evmRate(rate: Decimal): bigint {
  return towardsZero(rate.mul(oneEther))
}

/** `floor(rate · price / 1e18)`, both at 18 decimals (Funding.sol). */
export function evmIndexChange(rate: bigint, price: bigint): bigint {
  return floorDiv(rate * price, 10n ** 18n)
}

/**
 * What a position of the EVM engine receives, in the collateral's smallest units; `unit` is 10^(36 - its decimals). Rounded
 * down: payers pay at least what receivers get (Accounts.sol).
 */
export function evmFundingPayment({ from, to, balance }: FundingDue, unit: bigint): bigint {
  return floorDiv((from - to) * balance, unit)
}

/** dYdX v4: `rate ppm · seconds / 28,800 · price · 10^(exponent + resolution + 6)`, truncated towards zero. */
export function dydxIndexChange({
  ratePpm,
  seconds,
  price,
  priceExponent,
  baseResolution,
}: {
  readonly ratePpm: bigint
  readonly seconds: bigint
  readonly price: bigint
  readonly priceExponent: number
  /** Both are exponents of ten: one base quantum is 10^baseResolution coins. */
  readonly baseResolution: number
}): bigint {
  const exponent = priceExponent + baseResolution + 6
  const top = ratePpm * seconds * price * 10n ** BigInt(Math.max(0, exponent))
  return top / (28_800n * 10n ** BigInt(Math.max(0, -exponent)))
}

function towardsZero(value: Decimal): bigint {
  return BigInt(value.toFixed(0, Decimal.ROUND_DOWN))
}

const oneEther = new Decimal(10).pow(18)
