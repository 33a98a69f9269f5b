import * as z from 'zod/mini'

import { Decimal } from '../../../domain/decimal.ts'
import type { Timestamp } from '../../../domain/time.ts'
import type { MarkSight } from '../../../domain/watch/system-sight.ts'
import type { RestPlace } from '../rest-place.ts'

/** How one exchange's published prices are asked for. Both throw where there is no usable answer. */
export type MarksExchange = {
  /** Where its public API lives, as its documents write it. */
  readonly usualUrl: string
  /** Of these of its markets, all of them. */
  published(rest: RestPlace, markets: readonly string[]): Promise<Published>
  /** What it says of itself as a whole; absent where it says nothing. */
  state?(rest: RestPlace): Promise<string>
  /** What one coin of a market held long has paid since the beginning; absent where it says nothing of it. */
  fundingIndex?(rest: RestPlace, market: string, now: Timestamp): Promise<PublishedIndex>
  /** What pays for accounts with less than nothing, in USD; absent where it says nothing of it. */
  insuranceFund?(rest: RestPlace): Promise<string>
}

/** In USD. */
export type PublishedIndex = {
  readonly value: string
  readonly writtenAt: Timestamp
  /** By its market's own rules; absent where it does not tell them. */
  readonly mostPerHour?: string
}

export type Published = {
  readonly marks: readonly PublishedMark[]
  /** By market: how it is traded, and what its rates are for, in words that stay the same as long as it does. */
  readonly markets: Readonly<Record<string, string>>
}

export type PublishedMark = Omit<MarkSight, 'ours'>

/** A price above 0, exact, without an exponent. */
export const publishedPrice = decimalText((value) => value.gt(0), 'a price above 0')

/** A fraction, which may be negative; no market charges a whole position for one period. */
export const publishedRate = decimalText((value) => value.abs().lt(1), 'a rate between −1 and 1')

/** Any amount, of either sign. */
export const publishedAmount = decimalText(() => true, 'an amount')

/** The rate for one hour of one for several: exact, or to 60 digits where it has no end. */
export function perHour(rate: string, hours: number): string {
  return new Decimal(rate).div(hours).toFixed()
}

/** What an exchange did not tell of a market that it was asked for. */
export class MarketUntoldError extends Error {
  override readonly name = 'MarketUntoldError'

  constructor(place: string, market: string, reason: string) {
    super(`${place} tells no price of ${market}: ${reason}`)
  }
}

function decimalText(isGood: (value: Decimal) => boolean, expected: string) {
  return z.pipe(
    z.string().check(
      z.regex(/^-?\d{1,30}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?$/, 'expected a decimal number'),
      z.refine((text) => isGood(new Decimal(text)), `expected ${expected}`),
    ),
    z.transform((text: string) => new Decimal(text).toFixed()),
  )
}
