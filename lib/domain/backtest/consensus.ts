/** What sound sources said: the lowest and the highest of them, and their median. NaN where nobody can say. */
export type Consensus = { low: number; high: number; middle: number }

export function noConsensus(): Consensus {
  return { low: Number.NaN, high: Number.NaN, middle: Number.NaN }
}

/** Room for the prices of one feed, and the consensus of all of them or of all but one. */
export type ConsensusFinder = {
  /** By source; NaN where it said nothing. */
  readonly prices: Float64Array
  readonly all: Consensus
  /** Finds `all`; afterwards `without` may be asked. */
  readonly find: () => void
  /** How far a source is outside of the consensus of all others, in bps of it; NaN where one of the two is not known. */
  readonly deviationOf: (source: number) => number
}

/**
 * The price that sources agree on, by interval agreement (Marzullo, 1984) and by no aggregation of quotes: each source spans
 * its price, widened by `slackBps`; the point that most spans share says who is sound: more than half of them, two at least.
 * Nobody can say where two regions share the most. It looks at what was said and at nothing that the rules made of it.
 */
export function openConsensus(sources: number, slackBps: number): ConsensusFinder {
  const slack = slackBps / 10_000
  const prices = new Float64Array(sources).fill(Number.NaN)
  const sorted = new Float64Array(sources)
  const all = noConsensus()
  const others = noConsensus()
  let isWhole = false

  function sort(left: number): number {
    let found = 0
    for (let at = 0; at < sources; at += 1) {
      const price = prices[at] ?? Number.NaN
      if (at === left || Number.isNaN(price)) continue
      let place = found
      while (place > 0 && (sorted[place - 1] ?? 0) > price) {
        sorted[place] = sorted[place - 1] ?? 0
        place -= 1
      }
      sorted[place] = price
      found += 1
    }
    return found
  }

  /** Of the first `of` in `sorted`: neighbours whose spans share a point are next to each other. */
  function agree(of: number, into: Consensus): void {
    into.low = Number.NaN
    into.high = Number.NaN
    into.middle = Number.NaN
    let [most, first, isTied] = [0, 0, false]
    let end = 0
    for (let at = 0; at < of; at += 1) {
      const top = (sorted[at] ?? 0) * (1 + slack)
      while (end < of && (sorted[end] ?? 0) * (1 - slack) <= top) end += 1
      // Another group as large is a tie only where it is not the same one.
      if (end - at === most) isTied = true
      if (end - at <= most) continue
      most = end - at
      first = at
      isTied = false
    }
    if (most < 2 || most * 2 <= of || isTied) return
    into.low = sorted[first] ?? Number.NaN
    into.high = sorted[first + most - 1] ?? Number.NaN
    into.middle =
      ((sorted[first + ((most - 1) >> 1)] ?? 0) + (sorted[first + (most >> 1)] ?? 0)) / 2
  }

  return {
    prices,
    all,
    find() {
      const count = sort(-1)
      agree(count, all)
      const [lowest, highest] = [sorted[0] ?? 0, sorted[count - 1] ?? 0]
      isWhole = count > 2 && highest * (1 - slack) <= lowest * (1 + slack)
    },
    deviationOf(source) {
      const price = prices[source] ?? Number.NaN
      if (Number.isNaN(price)) return Number.NaN
      // Where all are sound, one that is neither the lowest nor the highest is inside of the others too.
      if (isWhole && price > all.low && price < all.high) return 0
      agree(sort(source), others)
      return outsideBps(price, others)
    },
  }
}

/** How far a price is outside of all that sound sources said, in bps of their middle: below zero where it is lower. */
export function outsideBps(price: number, { low, high, middle }: Consensus): number {
  if (price > high) return ((price - high) / middle) * 10_000
  if (price < low) return ((price - low) / middle) * 10_000
  return Number.isNaN(middle) || Number.isNaN(price) ? Number.NaN : 0
}
