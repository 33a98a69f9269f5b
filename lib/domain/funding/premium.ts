import { Decimal } from '../decimal.ts'

/** Best price first on each side. */
export type Book = { readonly bids: readonly Level[]; readonly asks: readonly Level[] }

/** Price and size, both above zero. */
export type Level = { readonly price: Decimal; readonly size: Decimal }

/** What one moment shows of a market. */
export type PremiumView = {
  readonly index: Decimal | undefined
  readonly book: Book | undefined
  /** How much is traded against the book to see its price, in quote units. */
  readonly impactNotional: Decimal
  /** Used only where there is no book. */
  readonly mark: Decimal | undefined
}

export type PremiumSample =
  | { readonly kind: 'premium'; readonly premium: Decimal; readonly from: 'book' | 'mark' }
  | { readonly kind: 'no-premium'; readonly missing: 'index' | 'book-and-mark' }

/** How far the market trades above (or, negative, below) its index, as a fraction of it. */
export function samplePremium({ index, book, impactNotional, mark }: PremiumView): PremiumSample {
  if (index === undefined || !index.gt(0)) return { kind: 'no-premium', missing: 'index' }
  if (book !== undefined)
    return { kind: 'premium', premium: bookPremium(book, impactNotional, index), from: 'book' }
  if (mark === undefined) return { kind: 'no-premium', missing: 'book-and-mark' }
  return { kind: 'premium', premium: markPremium(mark, index), from: 'mark' }
}

/** The impact prices' premium. A side that is missing or too thin says nothing (dYdX v4). */
export function bookPremium(book: Book, notional: Decimal, index: Decimal): Decimal {
  const bid = impactPrice(book.bids, notional)
  const ask = impactPrice(book.asks, notional)
  return impactPremium({ bid, ask, index })
}

/** `(max(0, bid - index) - max(0, index - ask)) / index`: nothing while the two stand around the index. */
export function impactPremium({
  bid,
  ask,
  index,
}: {
  readonly bid: Decimal | undefined
  readonly ask: Decimal | undefined
  readonly index: Decimal
}): Decimal {
  const above = bid === undefined ? zero : Decimal.max(0, bid.sub(index))
  const below = ask === undefined ? zero : Decimal.max(0, index.sub(ask))
  return above.sub(below).div(index)
}

export function markPremium(mark: Decimal, index: Decimal): Decimal {
  return mark.sub(index).div(index)
}

/** The average price of trading `notional` quote units against one side; undefined where it is too thin. */
export function impactPrice(levels: readonly Level[], notional: Decimal): Decimal | undefined {
  if (!notional.gt(0))
    throw new RangeError(`an impact notional of ${notional.toFixed()} is not above zero`)
  let left = notional
  let base = zero
  for (const { price, size } of levels) {
    const worth = price.mul(size)
    if (worth.gte(left)) return notional.div(base.add(left.div(price)))
    left = left.sub(worth)
    base = base.add(size)
  }
  return undefined
}

/** What dYdX v4 votes: parts per million, truncated towards zero, and never more than `mostPpm` either way. */
export function dydxPremiumPpm({
  book,
  notional,
  index,
  mostPpm,
}: {
  readonly book: Book
  readonly notional: Decimal
  readonly index: Decimal
  readonly mostPpm: bigint
}): bigint {
  if (!index.gt(0)) throw new RangeError(`an index of ${index.toFixed()} is not above zero`)
  const at = whole(index, places)
  const bid = exactImpact(book.bids, notional)
  const ask = exactImpact(book.asks, notional)
  const above = bid === undefined ? 0n : positive(bid.quote - at * bid.base)
  const below = ask === undefined ? 0n : positive(at * ask.base - ask.quote)
  const [bidBase, askBase] = [bid?.base ?? 1n, ask?.base ?? 1n]
  const distance = above * askBase - below * bidBase
  const ppm = (distance * 1_000_000n) / (at * bidBase * askBase)
  if (ppm > mostPpm) return mostPpm
  return ppm < -mostPpm ? -mostPpm : ppm
}

type Ratio = { readonly quote: bigint; readonly base: bigint }

/** The impact price without a rounding, at `places` decimals: `Q / (B + rest / p) = Q p / (B p + rest)`. */
function exactImpact(levels: readonly Level[], notional: Decimal): Ratio | undefined {
  if (!notional.gt(0))
    throw new RangeError(`an impact notional of ${notional.toFixed()} is not above zero`)
  let left = whole(notional, 2 * places)
  let base = 0n
  for (const level of levels) {
    const price = whole(level.price, places)
    const size = whole(level.size, places)
    if (price * size >= left)
      return { quote: whole(notional, 2 * places) * price, base: base * price + left }
    left -= price * size
    base += size
  }
  return undefined
}

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n
}

/** More than any exchange has: finer digits are refused rather than rounded. */
const places = 36

function whole(value: Decimal, decimals: number): bigint {
  const [integer = '', fraction = ''] = value.toFixed().split('.')
  if (fraction.length > decimals)
    throw new RangeError(`${value.toFixed()} has more than ${decimals} decimals`)
  return BigInt(integer + fraction.padEnd(decimals, '0'))
}

const zero = new Decimal(0)
