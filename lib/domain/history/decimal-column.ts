import {
  type ColumnReader,
  type ColumnWriter,
  largestWhole,
  readBigs,
  readWholes,
  writeBigs,
  writeWholes,
} from './columns.ts'

/** Digits behind the point that are still worth a number; longer ones stay text. */
export const mostDecimals = 40
export const mostDigits = 60

/** Digits that fit into a number exactly, and whose differences do. */
const exactDigits = 15

/**
 * Decimals as text, all of one column: each without its point, filled up to as many digits behind it as the longest has, and
 * how many it had. Where none ends in a zero behind its point that need not be said.
 */
export function writeDecimals(writer: ColumnWriter, texts: readonly string[]): void {
  if (texts.length === 0) return
  const scales = texts.map(scaleOf)
  const scale = scales.reduce((most, one) => Math.max(most, one), 0)
  const isTrimmed = texts.every((text, index) => (scales[index] ?? 0) === 0 || !text.endsWith('0'))
  const filled = texts.map(
    (text, index) => text.replace('.', '') + '0'.repeat(scale - (scales[index] ?? 0)),
  )
  const isSmall = filled.every((digits) => digits.length <= exactDigits)
  writer.numbers.varint(scale * 4 + (isTrimmed ? 2 : 0) + (isSmall ? 1 : 0))
  if (!isTrimmed) writeWholes(writer, scales)
  if (isSmall) writeWholes(writer, filled.map(Number))
  else writeBigs(writer, filled.map(BigInt))
}

export function readDecimals(reader: ColumnReader, count: number): readonly string[] {
  if (count === 0) return []
  const head = reader.numbers.varint()
  const scale = Math.floor(head / 4)
  const isTrimmed = Math.floor(head / 2) % 2 === 1
  const scales = isTrimmed ? [] : readWholes(reader, count)
  const values = head % 2 === 1 ? readWholes(reader, count) : readBigs(reader, count)
  return values.map((value, index) => {
    const text = pointed(String(value), scale)
    return isTrimmed ? trimmed(text) : text.slice(0, cutOf(text, scale - (scales[index] ?? 0)))
  })
}

function scaleOf(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

function pointed(digits: string, scale: number): string {
  if (scale === 0) return digits
  const sign = digits.startsWith('-') ? '-' : ''
  const all = digits.slice(sign.length).padStart(scale + 1, '0')
  return `${sign}${all.slice(0, -scale)}.${all.slice(-scale)}`
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** Where `zeros` digits, and with the last one the point, are left out. */
function cutOf(text: string, zeros: number): number {
  const end = text.length - zeros
  return text[end - 1] === '.' ? end - 1 : end
}

/** Whether a difference of two such numbers is exact. */
export function isWhole(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= largestWhole && !Object.is(value, -0)
}
