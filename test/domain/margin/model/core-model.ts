import { add, compare, cut, floor, over, ratio, type Ratio, times } from './ratio.ts'

// starknet-perpetual's margin once more, from the words of contracts.md §1.7 and §1.8, in fractions and tables of columns
// instead of the program's records. It shares nothing with the rules it is compared with.

/** Columns: one entry for each asset, held or not. */
export type Book = {
  readonly isSpot: readonly boolean[]
  /** Of a smallest unit, in 1e-6 USD. */
  readonly price: readonly Ratio[]
  readonly index: readonly bigint[]
  /** Each tier and the notional from which on it holds. */
  readonly tiers: readonly (readonly (readonly [from: bigint, perMille: bigint])[])[]
}

export type Holder = {
  readonly cash: bigint
  readonly balance: readonly bigint[]
  readonly paid: readonly bigint[]
}

/** [TV, TR]. */
export type Pair = readonly [bigint, bigint]

const size = (value: bigint): bigint => (value < 0n ? -value : value)

export function riskOf(book: Book, asset: number, worth: bigint): bigint {
  let factor = 0n
  for (const [from, perMille] of book.tiers[asset] ?? []) if (size(worth) >= from) factor = perMille
  return floor(times(ratio(factor, 1_000n), ratio(size(worth))))
}

export function worthOf(book: Book, asset: number, balance: bigint): bigint {
  return cut(times(book.price[asset] ?? ratio(0n), ratio(balance)))
}

export function pairOf(book: Book, holder: Holder, isNewest: boolean): Pair {
  let tv = holder.cash
  let tr = 0n
  for (const [asset, balance] of holder.balance.entries()) {
    const worth = worthOf(book, asset, balance)
    const risk = riskOf(book, asset, worth)
    if (book.isSpot[asset]) {
      tv += isNewest ? worth - risk : worth
      tr += isNewest ? 0n : risk
      continue
    }
    const change = (holder.paid[asset] ?? 0n) - (book.index[asset] ?? 0n)
    tv += worth + floor(ratio(change * balance, 1n << 32n))
    tr += risk
  }
  return [tv, tr]
}

export function traded(
  book: Book,
  holder: Holder,
  { asset, base, cash }: { readonly asset: number; readonly base: bigint; readonly cash: bigint },
): Holder {
  const had = holder.balance[asset] ?? 0n
  const now = book.index[asset] ?? 0n
  const change = (holder.paid[asset] ?? 0n) - now
  const due = book.isSpot[asset] ? 0n : floor(ratio(change * had, 1n << 32n))
  return {
    cash: holder.cash + due + cash,
    balance: holder.balance.with(asset, had + base),
    paid: holder.paid.with(asset, now),
  }
}

/** In words: healthy; or, in the newest generation, the four cases of §1.7; or, before it, less risk at no worse a ratio. */
export function mayBecome([tv0, tr0]: Pair, [tv1, tr1]: Pair, isNewest: boolean): boolean {
  if (tv1 >= tr1) return true
  const isRatioKept = () => compare(over(ratio(tv1), ratio(tr1)), over(ratio(tv0), ratio(tr0))) >= 0
  if (!isNewest) return tr0 !== 0n && tr1 !== 0n && tr1 < tr0 && isRatioKept()
  if (tr0 === 0n) return tr1 === 0n ? tv1 > tv0 : false
  if (tr1 === 0n) return tv1 >= tv0 - tr0
  return tr1 <= tr0 && isRatioKept()
}

/** §1.7: between one millionth of a dollar and nothing above the ratio that it had. */
export function isFairClose([tv0, tr0]: Pair, [tv1, tr1]: Pair): boolean {
  if (tr1 === 0n) return tv1 === 0n
  if (tr0 === 0n) return false
  const had = over(ratio(tv0), ratio(tr0))
  const has = over(ratio(tv1), ratio(tr1))
  const less = over(add(ratio(tv1), ratio(-1n)), ratio(tr1))
  return compare(less, had) <= 0 && compare(had, has) <= 0
}

/** §1.7: what a spot holding brings is its part of the debt, one unit of its value more or less. */
export function isFairShare(book: Book, holder: Holder, asset: number, got: bigint): boolean {
  if (holder.cash >= 0n) return false
  const worth = holder.balance.map((balance, at) => {
    const value = worthOf(book, at, balance)
    return value - riskOf(book, at, value)
  })
  const own = worth[asset] ?? 0n
  const paid = times(ratio(got), ratio(worth.reduce((sum, one) => sum + one, 0n)))
  const debt = ratio(-holder.cash)
  return (
    compare(times(ratio(own - 1n), debt), paid) <= 0 &&
    compare(paid, times(ratio(own + 1n), debt)) <= 0
  )
}

/** The smallest cash with which a change is accepted, by looking: `accepts` is false below it and true from it on. */
export function leastCash(accepts: (cash: bigint) => boolean): bigint {
  let high = 1n
  while (!accepts(high)) high *= 2n
  let low = -1n
  while (accepts(low)) low *= 2n
  while (high - low > 1n) {
    const middle = floor(ratio(low + high, 2n))
    if (accepts(middle)) high = middle
    else low = middle
  }
  return high
}
