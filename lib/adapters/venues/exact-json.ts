import { VenueAnswerError } from './venue-answer-error.ts'

/**
 * Reads a venue's JSON with every number as the text it was written in, so that no price passes through a float and no
 * nanosecond is rounded. The numbers are quoted before the parser sees them: asking a reviver for each value's source
 * does the same in two to three times the time, and all venues' tickers together are megabytes.
 */
export function readJson(venue: string, body: string): unknown {
  try {
    const value: unknown = JSON.parse(withQuotedNumbers(body))
    return value
  } catch (error) {
    const what = error instanceof RangeError ? error.message : 'the body is not JSON'
    throw new VenueAnswerError(venue, `${what}: ${excerpt(body)}`)
  }
}

/** The beginning of a text on one line, for people. */
export function excerpt(text: string): string {
  const line = text
    .slice(0, 400)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  if (line === '') return 'nothing'
  return line.length > 120 ? `${line.slice(0, 120)}…` : line
}

/** So many parts are joined at a time: of ten megabytes of single digits all at once they would be half a gigabyte. */
const partsAtOnce = 3_000

/**
 * Lists and objects of one answer, in all. The longest has some ten thousand; of ten megabytes of brackets the parser
 * would make half a gigabyte.
 */
const mostLists = 200_000

function withQuotedNumbers(json: string): string {
  let lists = 0
  const joined: string[] = []
  let parts: string[] = []
  let copied = 0
  let at = 0
  while (at < json.length) {
    const code = json.charCodeAt(at)
    if (code === quote) at = afterString(json, at)
    else if (code === minus || isDigit(code)) {
      const end = afterNumber(json, at)
      // Once quoted, anything would pass: `0064000`, `1.2.3`, or a number as a key.
      if (end === undefined) throw new SyntaxError(`no number of JSON at ${at}`)
      parts.push(json.slice(copied, at), '"', json.slice(at, end), '"')
      copied = end
      at = end
      if (parts.length >= partsAtOnce) {
        joined.push(parts.join(''))
        parts = []
      }
    } else {
      if (code === brace || code === bracket) lists += 1
      if (lists > mostLists) throw new RangeError(`the body has more than ${mostLists} lists`)
      at += 1
    }
  }
  return [...joined, ...parts, json.slice(copied)].join('')
}

const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const brace = 0x7b
const bracket = 0x5b

/** The end of the text where the string never ends: the parser will say so. */
function afterString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end === -1 ? json.length : end + 1
}

/** After an odd number of backslashes. */
function isEscaped(json: string, at: number): boolean {
  let before = at - 1
  while (json.charCodeAt(before) === backslash) before -= 1
  return (at - before) % 2 === 0
}

/** With what may stand behind a value, so that nothing of it is left over. */
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=\s*(?:[,\]}]|$))/y

/** Undefined where it is no number as JSON has them. */
function afterNumber(json: string, start: number): number | undefined {
  number.lastIndex = start
  return number.test(json) ? number.lastIndex : undefined
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
