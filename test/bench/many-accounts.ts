import { feedId } from '../../lib/adapters/engines/evm-engine/feed-id.ts'
import type { Account, Holding } from '../../lib/domain/margin/account.ts'
import type { EvmBook, EvmMark } from '../../lib/domain/margin/evm-margin.ts'
import { type Market, parseMarket } from '../../lib/domain/market.ts'

/** Six decimals of the collateral, as exchanges have. */
const unit = 10n ** 30n

/** From one in some cents to one in tens of thousands of dollars, evenly by their logarithms. */
export const markets: readonly Market[] = Array.from({ length: 20 }, (_, at) =>
  parseMarket(`M${String(at).padStart(2, '0')}-USD`),
)
const assets = markets.map(feedId)
const firstPrices = markets.map((_, at) => 10 ** (4.8 - (6 * at) / markets.length))

/** The rules that a new engine usually has: five percent to open, two and a half to keep. */
export const rules = { initialMarginBps: 500n, maintenanceMarginBps: 250n, penaltyBps: 100n }

/** Each market at so many times its first price, once unless said otherwise; in dollars at 18 decimals. */
export function feedPrices(times: readonly number[]): readonly bigint[] {
  return firstPrices.map(
    (first, at) => BigInt(Math.round(first * (times[at] ?? 1) * 1e9)) * 10n ** 9n,
  )
}

/** The same, as the exchange reckons by them. */
export function bookAt(times: readonly number[]): EvmBook {
  const prices = feedPrices(times)
  const marks = assets.map((asset, at): readonly [string, EvmMark] => [
    asset,
    { ...rules, price: prices[at] ?? 0n, fundingIndex: 0n },
  ])
  return { unit, marks: Object.fromEntries(marks) }
}

/** Up to which funding index holdings had paid: each thousandth of the price below zero is a step. */
const paid = firstPrices.map((price) =>
  Array.from(
    { length: 5 },
    (_, step) => -BigInt(Math.round((price * step * 1e9) / 1_000)) * 10n ** 9n,
  ),
)

/** What is left at least by the first prices, of the notional: a little more than is required. */
const leastLeft = 0.0252

/**
 * The account of that number in the world of that seed, always the same: one to five holdings, most in the first markets, from
 * some dollars to millions. It was opened with a leverage of 0.2 to 20, and prices moved by five percent at most since then;
 * nobody is left who is below the margin by the first prices.
 */
export function accountAt(number: number, seed: number): Account {
  const next = dice(seed, number)
  const count = 1 + Math.floor(next() * 5)
  const first = Math.floor(next() ** 2 * markets.length)
  const stride = 1 + Math.floor(next() * 3)
  const each = 10 ** (1.5 + next() * next() * 4.5) / count
  const leverage = 0.2 * 100 ** next()
  const moved = (next() - 0.5) / 10
  const left = 1 / leverage + moved
  const equity = each * count * (left < leastLeft ? 2 * leastLeft - left : left)
  let value = 0
  const holdings = Array.from({ length: count }, (_, step): Holding => {
    const at = (first + step * stride) % markets.length
    const price = firstPrices[at] ?? 1
    const size = next() < 0.55 ? each / price : -each / price
    const worth = size * price
    value += worth - (worth * step) / 1_000
    return {
      asset: assets[at] ?? '',
      balance: BigInt(Math.round(size * 1e9)) * 10n ** 9n,
      fundingIndex: paid[at]?.[step] ?? 0n,
      cost: BigInt(Math.round((worth - Math.abs(worth) * moved) * 1e6)),
    }
  })
  return {
    id: addressOf(number, seed),
    collateral: BigInt(Math.round((equity - value) * 1e6)),
    holdings,
  }
}

const bytes = Buffer.alloc(20)

function addressOf(number: number, seed: number): string {
  const next = dice(seed + 1, number)
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32BE(Math.floor(next() * 2 ** 32), at)
  return `0x${bytes.toString('hex')}`
}

/** Even numbers from 0 up to 1, the same each time for both numbers (splitmix32). */
export function dice(seed: number, number: number): () => number {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35)
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}
