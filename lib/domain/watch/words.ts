import { Decimal } from '../decimal.ts'
import type { Timestamp } from '../time.ts'

/** `2026-01-05 10:22:00 UTC`. */
export function utc(at: Timestamp): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `45 s`, `12 min`, `5 h 12 min`, `3 d 4 h`. Rounded down; nothing is below zero. */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return withRest(`${hours} h`, minutes % 60, 'min')
  return withRest(`${Math.floor(hours / 24)} d`, hours % 24, 'h')
}

/** As many digits of a number as a person compares, without an exponent. */
export function figure(value: number): string {
  return new Decimal(value).toSignificantDigits(9).toFixed()
}

function withRest(whole: string, rest: number, unit: string): string {
  return rest === 0 ? whole : `${whole} ${rest} ${unit}`
}
