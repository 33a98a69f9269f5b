import { asText, noPrice, type PriceColumn } from './price-column.ts'

/**
 * The number behind `fingerprint` (FNV-1a) of a quote's `bid ask last`, made from the digits where they stand: a text for
 * each of ten million rows would take longer than all else.
 */
export function tupleHash(
  bid: PriceColumn,
  ask: PriceColumn,
  last: PriceColumn,
  at: number,
): number {
  let hash = 0x811c9dc5
  hash = hashPrice(hash, bid, at)
  hash = Math.imul(hash ^ space, prime)
  hash = hashPrice(hash, ask, at)
  hash = Math.imul(hash ^ space, prime)
  return hashPrice(hash, last, at) >>> 0
}

const prime = 0x01000193
const [space, dash, point, zero] = [32, 45, 46, 48]

/** Digits of one price, the last one first. */
const reversed = new Uint8Array(32)

function hashPrice(start: number, column: PriceColumn, at: number): number {
  const decimals = column.decimals[at] ?? noPrice
  if (decimals === noPrice) return Math.imul(start ^ dash, prime)
  if (decimals === asText) return hashText(start, column.texts.get(at) ?? '')
  let hash = start
  const length = writeDigits(column.mantissas[at] ?? 0, decimals + 1)
  for (let place = length - 1; place >= 0; place -= 1) {
    hash = Math.imul(hash ^ (zero + (reversed[place] ?? 0)), prime)
    if (place === decimals && decimals > 0) hash = Math.imul(hash ^ point, prime)
  }
  return hash
}

/** At least so many, with zeros before them; answers how many. In two halves of whole numbers, which divide fast. */
function writeDigits(mantissa: number, least: number): number {
  const low = mantissa % 1e9
  let rest = (mantissa - low) / 1e9
  let length = 0
  let half = low | 0
  while (half > 0) {
    const next = (half / 10) | 0
    reversed[length] = half - next * 10
    half = next
    length += 1
  }
  if (rest > 0) {
    while (length < 9) {
      reversed[length] = 0
      length += 1
    }
    rest |= 0
    while (rest > 0) {
      const next = (rest / 10) | 0
      reversed[length] = rest - next * 10
      rest = next
      length += 1
    }
  }
  while (length < least) {
    reversed[length] = 0
    length += 1
  }
  return length
}

function hashText(start: number, text: string): number {
  let hash = start
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), prime)
  return hash
}
