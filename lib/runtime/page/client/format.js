/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map()

/**
 * A decimal's text with thousands apart and as many decimals as its size deserves. Exact digits, no float in between.
 *
 * @param {string} text
 * @returns {string}
 */
export function price(text) {
  return fixed(text, decimalsOf(text))
}

/**
 * How many decimals a price of that size is shown with.
 *
 * @param {string} text
 * @returns {number}
 */
export function decimalsOf(text) {
  const size = Math.abs(Number(text))
  if (size >= 1000) return 2
  if (size >= 1) return 4
  return size >= 0.01 ? 6 : 10
}

/**
 * @param {string} text
 * @param {number} decimals
 * @returns {string}
 */
export function fixed(text, decimals) {
  const known =
    formats.get(decimals) ??
    new Intl.NumberFormat('en', {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    })
  formats.set(decimals, known)
  return known.format(/** @type {Intl.StringNumericLiteral} */ (text))
}

const amounts = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/**
 * A sum of money in three digits: what something costs, not what is owed.
 *
 * @param {string} text
 * @returns {string}
 */
export function amount(text) {
  return amounts.format(/** @type {Intl.StringNumericLiteral} */ (text))
}

const cents = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  currencyDisplay: 'narrowSymbol',
})
const wholes = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  currencyDisplay: 'narrowSymbol',
  maximumFractionDigits: 0,
})

/**
 * Dollars; those of sums in which nobody looks for a cent are whole.
 *
 * @param {string} text
 * @returns {string}
 */
export function usd(text) {
  const format = Math.abs(Number(text)) < 10_000 ? cents : wholes
  return format.format(/** @type {Intl.StringNumericLiteral} */ (text)).replace('-', '−')
}

const rates = new Intl.NumberFormat('en', {
  style: 'percent',
  maximumSignificantDigits: 3,
  signDisplay: 'exceptZero',
})

/**
 * A fraction as a percentage in three digits, with its sign.
 *
 * @param {string} fraction
 * @returns {string}
 */
export function rate(fraction) {
  const text = rates.format(/** @type {Intl.StringNumericLiteral} */ (fraction))
  return text.replace('-', '−').replace('%', ' %')
}

/**
 * @param {string | undefined} bps
 * @returns {string}
 */
export function off(bps) {
  if (bps === undefined) return ''
  if (bps.startsWith('-')) return `−${bps.slice(1)} bps`
  return bps === '0.0' ? '0 bps' : `+${bps} bps`
}

/**
 * A length of time in its largest unit.
 *
 * @param {number} ms
 * @returns {string}
 */
export function span(ms) {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.floor(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`
}

/**
 * A length of time in its largest two units, rounded down: `45 s`, `12 min`, `5 h 12 min`, `3 d 4 h`.
 *
 * @param {number} ms
 * @returns {string}
 */
export function lasting(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return withRest(`${hours} h`, minutes % 60, 'min')
  return withRest(`${Math.floor(hours / 24)} d`, hours % 24, 'h')
}

/**
 * @param {string} whole
 * @param {number} rest
 * @param {string} unit
 */
function withRest(whole, rest, unit) {
  return rest === 0 ? whole : `${whole} ${rest} ${unit}`
}

/**
 * How long ago, in whole seconds at least: what changes each second must not flicker.
 *
 * @param {number} ms
 * @returns {string}
 */
export function ago(ms) {
  return ms < 1000 ? 'just now' : `${ms < 10_000 ? `${Math.floor(ms / 1000)} s` : span(ms)} ago`
}

/**
 * Time of day here, in the reader's own zone.
 *
 * @param {number} at unix milliseconds
 * @returns {string}
 */
export function clock(at) {
  return new Date(at).toLocaleTimeString('en-GB')
}

/**
 * @param {number} at unix milliseconds
 * @returns {string}
 */
export function date(at) {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/**
 * @param {string} hex
 * @returns {string}
 */
export function short(hex) {
  return hex.length > 14 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex
}

/**
 * @param {number} count
 * @param {string} what
 * @param {string} [many] where that is not `what` and an s
 * @returns {string}
 */
export function counted(count, what, many = `${what}s`) {
  return `${count} ${count === 1 ? what : many}`
}

/**
 * `too-few-sources` as people write it.
 *
 * @param {string} word
 * @returns {string}
 */
export function words(word) {
  return word.replaceAll('-', ' ')
}
