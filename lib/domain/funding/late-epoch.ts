import type { Decimal } from '../decimal.ts'

/**
 * What becomes of time for which nobody ticked funding. `forgive`: a gap longer than `afterSeconds` pays nothing at all
 * (Paradex: 30); `cap`: a gap pays at most `maxSeconds` (Mango: 3,600); `amortise`: all of it is paid, what is beyond one
 * epoch in parts over the next `epochs`, the late one included.
 */
export type LatePolicy =
  | { readonly kind: 'forgive'; readonly afterSeconds: number }
  | { readonly kind: 'cap'; readonly maxSeconds: number }
  | { readonly kind: 'amortise'; readonly epochs: number }

/** Time that is still to be paid for, kept from one epoch to the next. */
export type OwedTime = { readonly seconds: number; readonly perEpoch: number }

export const nothingOwed: OwedTime = { seconds: 0, perEpoch: 0 }

export type PaidTime = {
  /** How many seconds of funding this tick moves. */
  readonly seconds: number
  /** Seconds that nobody will ever pay for. */
  readonly forgiven: number
  readonly owed: OwedTime
}

export type Gap = {
  /** Whole seconds since the last tick. */
  readonly elapsedSeconds: number
  readonly epochSeconds: number
  readonly owed: OwedTime
}

/** How much time a tick pays for. Nothing is lost uncounted: seconds, forgiven and still owed are what went in. */
export function paidTime(policy: LatePolicy, gap: Gap): PaidTime {
  if (!Number.isSafeInteger(gap.elapsedSeconds) || gap.elapsedSeconds < 0)
    throw new RangeError(`${gap.elapsedSeconds} s since the last funding tick is no time`)
  const { elapsedSeconds, owed } = gap
  switch (policy.kind) {
    case 'forgive':
      return paid(elapsedSeconds > policy.afterSeconds ? 0 : elapsedSeconds, gap)
    case 'cap':
      return paid(Math.min(elapsedSeconds, policy.maxSeconds), gap)
    case 'amortise':
      return amortised(policy.epochs, gap, owed)
  }
}

/** The part of an epoch's rate that so many seconds carry. */
export function rateOver(rate: Decimal, seconds: number, epochSeconds: number): Decimal {
  return rate.mul(seconds).div(epochSeconds)
}

/** What another policy left owed is forgiven by these two. */
function paid(seconds: number, { elapsedSeconds, owed }: Gap): PaidTime {
  return { seconds, forgiven: elapsedSeconds - seconds + owed.seconds, owed: nothingOwed }
}

function amortised(
  epochs: number,
  { elapsedSeconds, epochSeconds }: Gap,
  owed: OwedTime,
): PaidTime {
  const onTime = Math.min(elapsedSeconds, epochSeconds)
  const excess = elapsedSeconds - onTime
  const due = owed.seconds + excess
  const perEpoch = excess > 0 ? Math.max(owed.perEpoch, Math.ceil(due / epochs)) : owed.perEpoch
  // A tick before its epoch is over pays only that part, or many early ticks would pay all at once.
  const part = Math.min(due, Math.ceil((perEpoch * onTime) / epochSeconds))
  const left = due - part
  return {
    seconds: onTime + part,
    forgiven: 0,
    owed: left === 0 ? nothingOwed : { seconds: left, perEpoch },
  }
}
