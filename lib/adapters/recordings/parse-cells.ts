import { Decimal } from '../../domain/decimal.ts'
import {
  asText,
  type Digits,
  mostDecimals,
  noPrice,
  powersOfTen,
} from '../../domain/recorded/price-column.ts'
import type { TimeUnit } from './recording-columns.ts'

/** Where one cell stands among a file's bytes. */
type Cell = { readonly buffer: Buffer; readonly start: number; readonly end: number }

const [nine, zero, point] = [57, 48, 46]

/** Digits beyond that are of no venue: sums and products of them would not be exact any more. */
const mostDigits = 40

/**
 * Reads a price without making a text of it; an empty cell is none. False where it is no number above zero. Zeros at the end
 * are left out as they come, so that the same price has the same digits.
 */
export function readPrice(buffer: Buffer, start: number, end: number, into: Digits): boolean {
  if (start === end) {
    into.mantissa = 0
    into.decimals = noPrice
    return true
  }
  let mantissa = 0
  let decimals = 0
  let pending = 0
  let pointAt = -1
  for (let at = start; at < end; at += 1) {
    const byte = buffer[at] ?? 0
    if (byte === point && pointAt < 0 && at > start) pointAt = at
    else if (byte < zero || byte > nine) return readOdd({ buffer, start, end }, into)
    else if (pointAt < 0) mantissa = mantissa * 10 + byte - zero
    else if (byte === zero) pending += 1
    else {
      pending += 1
      if (pending > mostDecimals) return readOdd({ buffer, start, end }, into)
      mantissa = mantissa * (powersOfTen[pending] ?? 1) + byte - zero
      decimals += pending
      pending = 0
    }
  }
  if (mantissa === 0 || pointAt === end - 1) return false
  if (mantissa > Number.MAX_SAFE_INTEGER || decimals > mostDecimals)
    return readOdd({ buffer, start, end }, into)
  into.mantissa = mantissa
  into.decimals = decimals
  return true
}

/** With an exponent, or with more digits than a double holds. */
function readOdd({ buffer, start, end }: Cell, into: Digits): boolean {
  const text = buffer.toString('latin1', start, end)
  if (!/^\d+(\.\d+)?(e[+-]?\d{1,2})?$/i.test(text) || text.length > 2 * mostDigits) return false
  const value = new Decimal(text)
  if (!value.gt(0) || value.sd(true) > mostDigits || value.dp() > mostDigits) return false
  const exact = value.toFixed()
  const mantissa = Number(exact.replace('.', ''))
  const isSafe = Number.isSafeInteger(mantissa) && value.dp() <= mostDecimals
  into.mantissa = isSafe ? mantissa : 0
  into.decimals = isSafe ? value.dp() : asText
  into.text = isSafe ? '' : exact
  return true
}

/** How many digits a time of our days has in each unit: from the year 2001 on, to 2286. */
const digitsIn = { s: 10, ms: 13, us: 16, ns: 19 } as const

/** Unix milliseconds, what is finer rounded down; undefined where it is no time in that unit. */
export function readTime(
  buffer: Buffer,
  { start, end, unit }: { readonly start: number; readonly end: number; readonly unit: TimeUnit },
): number | undefined {
  if (unit === 'iso') return isoTime(buffer.toString('latin1', start, end))
  if (end - start !== digitsIn[unit]) return undefined
  let time = 0
  const counted = Math.min(end, start + digitsIn.ms)
  for (let at = start; at < end; at += 1) {
    const byte = buffer[at] ?? 0
    if (byte < zero || byte > nine) return undefined
    if (at < counted) time = time * 10 + byte - zero
  }
  return unit === 's' ? time * 1_000 : time
}

/** In UTC and nothing else: a time without a zone is one hour or another. */
function isoTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|\+00:00)$/.test(text)) return undefined
  const time = Date.parse(text.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1'))
  return Number.isNaN(time) ? undefined : time
}

/** `none`: an empty cell, `zero`, `some`, or `bad` where it is no number from zero on. */
export function readAmount(
  buffer: Buffer,
  start: number,
  end: number,
): 'none' | 'zero' | 'some' | 'bad' {
  if (start === end) return 'none'
  let hasDigit = false
  let points = 0
  for (let at = start; at < end; at += 1) {
    const byte = buffer[at] ?? 0
    if (byte === point) points += 1
    else if (byte < zero || byte > nine) return oddAmount(buffer.toString('latin1', start, end))
    else if (byte !== zero) hasDigit = true
  }
  if (points > 1 || points === end - start) return 'bad'
  return hasDigit ? 'some' : 'zero'
}

function oddAmount(text: string): 'zero' | 'some' | 'bad' {
  if (!/^\d*\.?\d+(e[+-]?\d{1,3})?$/i.test(text)) return 'bad'
  return /^[0.]*[1-9]/.test(text) ? 'some' : 'zero'
}
