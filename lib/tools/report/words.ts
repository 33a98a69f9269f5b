const numbers = new Map<string, Intl.NumberFormat>()

/** A number for people: thousands apart, and as many digits as its size deserves. */
export function numberText(value: number, maximumFractionDigits = decimalsFor(value)): string {
  return formatted(value, { maximumFractionDigits })
}

function decimalsFor(value: number): number {
  const size = Math.abs(value)
  if (size >= 1_000) return 0
  if (size >= 10) return 1
  return size >= 0.1 || size === 0 ? 2 : 6
}

/** Dollars of decimal text, exact in every digit shown: cents where there is room for them. */
export function usdText(text: string): string {
  const size = Math.abs(Number(text))
  const digits = size >= 10_000 ? 0 : size >= 1 || size === 0 ? 2 : 4
  return `${formatted(text, { minimumFractionDigits: Math.min(2, digits), maximumFractionDigits: digits })} USD`
}

/** A price of decimal text, or of a number where it is only drawn. */
export function priceText(price: string | number): string {
  const size = Math.abs(Number(price))
  const digits = size >= 1_000 ? 2 : size >= 1 ? 4 : size >= 0.01 ? 6 : 10
  return formatted(price, { minimumFractionDigits: 2, maximumFractionDigits: digits })
}

/** A fraction as a percentage. */
export function percentText(fraction: string | number): string {
  const text = formatted(fraction, { style: 'percent', maximumSignificantDigits: 4 })
  return text.replace('%', ' %')
}

export function bpsText(bps: number): string {
  return `${formatted(bps, { maximumFractionDigits: Math.abs(bps) < 10 ? 2 : 1 })} bps`
}

/** A length of time in its two largest units: `45 s`, `12 min`, `5 h 12 min`, `3 d 4 h`. */
export function lastingText(ms: number): string {
  if (ms >= 1_000 && ms < 10_000) return `${numberText(ms / 1_000, 1)} s`
  const seconds = Math.round(ms / 1_000)
  if (ms > 0 && ms < 1_000) return `${Math.round(ms)} ms`
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120)
    return seconds % 60 === 0 ? `${minutes} min` : twoUnits(seconds, 60, 'min', 's')
  if (minutes < 48 * 60) return twoUnits(minutes, 60, 'h', 'min')
  return twoUnits(Math.round(minutes / 60), 24, 'd', 'h')
}

function twoUnits(count: number, per: number, whole: string, part: string): string {
  const rest = count % per
  return `${numberText(Math.floor(count / per))} ${whole}${rest === 0 ? '' : ` ${rest} ${part}`}`
}

/** `2023-03-11 07:24:00`, in UTC. */
export function timeText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

export function countText(count: number, what: string, many = `${what}s`): string {
  return `${numberText(count, 0)} ${count === 1 ? what : many}`
}

function formatted(value: string | number, options: Intl.NumberFormatOptions): string {
  const key = JSON.stringify(options)
  const format = numbers.get(key) ?? new Intl.NumberFormat('en', options)
  numbers.set(key, format)
  // Decimal text keeps all its digits; no float in between.
  const text = format.format(value as Intl.StringNumericLiteral)
  return /^-0(?:\.0*)?$/.test(text) ? text.slice(1) : text.replace('-', '−')
}
