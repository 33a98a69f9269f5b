import { BrokenBytesError } from './bytes.ts'
import {
  type ColumnReader,
  type ColumnWriter,
  readText,
  readWholes,
  writeText,
  writeWholes,
} from './columns.ts'
import { mostDecimals, mostDigits, readDecimals, writeDecimals } from './decimal-column.ts'

const modes = { listed: 0, patterns: 1, inline: 2 } as const

/** With fewer different texts than these, a list of them and where each stands is the shortest. */
const fewTexts = 12

/**
 * Texts by whatever makes them short: a list of the different ones; patterns with numbers in them, whose numbers are columns
 * of their own; or one after the other.
 */
export function writeTexts(writer: ColumnWriter, texts: readonly string[]): void {
  if (texts.length === 0) return
  const places = new Map<string, number>()
  for (const text of texts) if (!places.has(text)) places.set(text, places.size)
  const different = [...places.keys()]
  if (different.length <= fewTexts) {
    writeListed(writer, texts, places)
    return
  }
  const patterned = patternsOf(different)
  if (patterned) {
    writePatterns(
      writer,
      texts.map((text) => patterned[places.get(text) ?? 0] ?? { pattern: text, numbers: [] }),
    )
    return
  }
  if (different.length * 2 <= texts.length) {
    writeListed(writer, texts, places)
    return
  }
  writer.numbers.byte(modes.inline)
  for (const text of texts) writeText(writer, text)
}

export function readTexts(reader: ColumnReader, count: number): readonly string[] {
  if (count === 0) return []
  const mode = reader.numbers.byte()
  switch (mode) {
    case modes.listed:
      return readListed(reader, count)
    case modes.patterns:
      return readPatterns(reader, count)
    case modes.inline:
      return Array.from({ length: count }, () => readText(reader))
    default:
      throw new BrokenBytesError(`there is no way ${mode} to write texts`)
  }
}

function writeListed(
  writer: ColumnWriter,
  texts: readonly string[],
  places: ReadonlyMap<string, number>,
): void {
  writer.numbers.byte(modes.listed)
  writer.numbers.varint(places.size)
  for (const text of places.keys()) writeText(writer, text)
  writeWholes(
    writer,
    texts.map((text) => places.get(text) ?? 0),
  )
}

function readListed(reader: ColumnReader, count: number): readonly string[] {
  const different: string[] = []
  const size = reader.numbers.varint()
  while (different.length < size) different.push(readText(reader))
  return readWholes(reader, count).map((place) => known(different, place))
}

/** A text with its numbers taken out; each left a mark. */
type Patterned = { readonly pattern: string; readonly numbers: readonly string[] }

/** Stands for a number; a text that has it itself has no pattern. */
const mark = '\u0000'

/** Without a leading zero, so that one number has one text. */
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?/g

/** Of a text with more numbers the numbers are hardly numbers. */
const mostNumbers = 24

/** Undefined where there are hardly fewer patterns than texts. */
function patternsOf(different: readonly string[]): readonly Patterned[] | undefined {
  const most = 4 + different.length / 16
  const patterns = new Set<string>()
  const found: Patterned[] = []
  for (const text of different) {
    const one = patternOf(text)
    if (!one) return undefined
    patterns.add(one.pattern)
    if (patterns.size > most) return undefined
    found.push(one)
  }
  return found
}

function patternOf(text: string): Patterned | undefined {
  if (text.includes(mark)) return undefined
  const numbers: string[] = []
  const pattern = text.replace(number, (part) => {
    // Zero has no sign of its own in a column.
    const sign = /^-0(?:\.0+)?$/.test(part) ? '-' : ''
    numbers.push(part.slice(sign.length))
    return sign + mark
  })
  if (numbers.length === 0 || numbers.length > mostNumbers || numbers.some(isTooLong))
    return undefined
  return { pattern, numbers }
}

function isTooLong(part: string): boolean {
  const point = part.indexOf('.')
  return part.length > mostDigits || (point >= 0 && part.length - point > mostDecimals)
}

function writePatterns(writer: ColumnWriter, all: readonly Patterned[]): void {
  const places = new Map<string, number>()
  for (const { pattern } of all) if (!places.has(pattern)) places.set(pattern, places.size)
  writer.numbers.byte(modes.patterns)
  writer.numbers.varint(places.size)
  for (const pattern of places.keys()) writeText(writer, pattern)
  writeWholes(
    writer,
    all.map(({ pattern }) => places.get(pattern) ?? 0),
  )
  for (const pattern of places.keys()) {
    const rows = all.filter((one) => one.pattern === pattern)
    for (let column = 0; column < marksIn(pattern); column += 1)
      writeDecimals(
        writer,
        rows.map(({ numbers }) => numbers[column] ?? ''),
      )
  }
}

function readPatterns(reader: ColumnReader, count: number): readonly string[] {
  const patterns: string[] = []
  const size = reader.numbers.varint()
  while (patterns.length < size) patterns.push(readText(reader))
  const places = readWholes(reader, count)
  const rows = patterns.map((pattern, place) => {
    const many = places.filter((one) => one === place).length
    const columns = Array.from({ length: marksIn(pattern) }, () => readDecimals(reader, many))
    return { parts: pattern.split(mark), columns, next: 0 }
  })
  return places.map((place) => {
    const row = known(rows, place)
    const text = row.parts.reduce(
      (sum, part, at) => sum + (row.columns[at - 1]?.[row.next] ?? '') + part,
    )
    row.next += 1
    return text
  })
}

function marksIn(pattern: string): number {
  return pattern.split(mark).length - 1
}

function known<T>(list: readonly T[], place: number): T {
  const found = list[place]
  if (found === undefined) throw new BrokenBytesError(`there is no text ${place}`)
  return found
}
