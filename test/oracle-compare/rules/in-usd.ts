import type { Answer, Round, Seen } from '../rule.ts'

/** One source's price in USD, by some network's way to convert. */
export type Priced = { readonly seen: Seen; readonly price: number }

/** What one unit of a currency costs in USD; undefined where the network has no price for it. */
export type Rate = (currency: string) => number | undefined

/** Every source that can be converted; USD needs no rate. */
export function inUsd(seen: readonly Seen[], rate: Rate): readonly Priced[] {
  return seen.flatMap((one) => {
    const price = one.currency === 'USD' ? 1 : rate(one.currency)
    return price === undefined ? [] : [{ seen: one, price: one.point * price }]
  })
}

/** The rates of this round's legs, each by `price` of its sources; none where too few answer. */
export function legRates(
  { legs }: Round,
  minSources: number,
  price: (values: readonly number[]) => number | undefined,
): Rate {
  return (currency) => {
    const values = (legs[currency] ?? []).map(({ point }) => point)
    return values.length < Math.max(1, minSources) ? undefined : price(values)
  }
}

export function pricesOf(priced: readonly Priced[]): readonly number[] {
  return priced.map(({ price }) => price)
}

/** A price out of at least so many. */
export function answerOf(
  values: readonly number[],
  minSources: number,
  price: (values: readonly number[]) => number | undefined,
): Answer {
  if (values.length < minSources)
    return { kind: 'none', why: `${values.length} sources, ${minSources} are needed` }
  const made = price(values)
  return made === undefined
    ? { kind: 'none', why: `nothing usable among ${values.length} sources` }
    : { kind: 'price', price: made }
}

/** The venue and instrument by which a source is remembered. */
export function keyOf({ quote }: Seen): string {
  return `${quote.venue}:${quote.instrument}`
}
