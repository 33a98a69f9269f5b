import * as z from 'zod/mini'

import { Decimal } from '../../domain/decimal.ts'

/**
 * The fields that venues' answers are made of. Numbers arrive as text, whether the venue quotes them or not. What is
 * empty, null, zero or no number at all is `undefined`: venues write an empty book in all of these ways.
 */
export const price = z.pipe(
  z.nullable(z.string()),
  z.transform((text: string | null) => toPrice(text)),
)

/** A price that the venue leaves out where it has none. */
export const optionalPrice = z.pipe(z.nullish(z.string()), z.transform(toPrice))

/** The price of `[price, size, …]`. */
export const bestOf = z.pipe(
  z.tuple([price], z.unknown()),
  z.transform(([best]) => best),
)
export const optionalBestOf = z.pipe(
  z.nullish(bestOf),
  z.transform((best) => best ?? undefined),
)

export const milliseconds = time((digits) => Number(digits))
export const seconds = time((digits) => Number(digits) * 1000)
/** Past what a float can hold: the last six digits are cut off as text. */
export const nanoseconds = time((digits) => Number(digits.slice(0, -6)))

/** ISO 8601 in UTC with any number of decimals; what is finer than a millisecond is dropped. */
export const isoTime = z.pipe(z.nullable(z.string()), z.transform(toIsoTime))

/** `undefined` where there is no time in it; whether it can be true is judged with the clock. */
function time(toMs: (digits: string) => number) {
  return z.pipe(
    z.nullable(z.string()),
    z.transform((text) => (text !== null && /^\d{1,20}$/.test(text) ? toMs(text) : undefined)),
  )
}

function toIsoTime(text: string | null): number | undefined {
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

/** What signed prices can hold: eighteen digits before and after the point. Anything beyond is no price. */
const least = new Decimal('1e-18')
const most = new Decimal('1e18')

/** No sign, no blanks, no words; long enough for any price, and short enough that nothing is ever rounded. */
const decimalText = /^\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?$/

function toPrice(text: string | null | undefined): Decimal | undefined {
  if (typeof text !== 'string' || !decimalText.test(text)) return undefined
  const value = new Decimal(text)
  return value.gte(least) && value.lte(most) ? value : undefined
}
