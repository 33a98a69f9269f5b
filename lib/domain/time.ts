/** Unix milliseconds, UTC. */
export type Timestamp = number & { readonly __brand: 'Timestamp' }

export function timestamp(ms: number): Timestamp {
  if (!Number.isSafeInteger(ms) || ms < 0)
    throw new RangeError(`${ms} is not a time in unix milliseconds`)
  return ms as Timestamp
}

/** Whole unix seconds, rounded down: a signed time is never later than what was seen. */
export function unixSeconds(at: Timestamp): number {
  return Math.floor(at / 1000)
}
