import type * as z from 'zod'

/** Something wrong with a network file: where, and a sentence that says what was expected. */
export type Problem = {
  readonly line: number
  readonly path: readonly PropertyKey[]
  readonly text: string
}

/** Where and what, before the line is known. */
export type Finding = Omit<Problem, 'line'>

/** `markets.BTC-USD.sources[2]`; the whole file is `the file`. */
export function pathName(path: readonly PropertyKey[]): string {
  const written = path.reduce<string>(
    (before, key) =>
      typeof key === 'number'
        ? `${before}[${key}]`
        : `${before}${before === '' ? '' : '.'}${String(key)}`,
    '',
  )
  return written === '' ? 'the file' : written
}

/** zod's finding as ours, one per unknown key. No value is repeated: it may be a secret in the wrong place. */
export function findings(issue: z.core.$ZodIssue): readonly Finding[] {
  const { path } = issue
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        text: own(issue.message) ?? 'expected no such key',
      }))
    case 'invalid_type':
      return [{ path, text: `expected ${kind(issue.expected)}${found(issue.input)}` }]
    case 'invalid_key':
      return [{ path, text: issue.issues[0]?.message ?? 'expected another key' }]
    case 'too_small':
      return [
        { path, text: own(issue.message) ?? `expected ${atLeast(issue.minimum, issue.inclusive)}` },
      ]
    case 'too_big':
      return [{ path, text: own(issue.message) ?? `expected at most ${issue.maximum}` }]
    case 'invalid_value':
      return [
        { path, text: own(issue.message) ?? `expected ${issue.values.map(String).join(' or ')}` },
      ]
    case 'invalid_union':
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'custom':
      return [{ path, text: own(issue.message) ?? 'expected something else' }]
  }
}

/** Our schemas' own messages begin like this; zod's begin with a capital. */
function own(message: string): string | undefined {
  return message.startsWith('expected') ? message : undefined
}

function atLeast(minimum: number | bigint, inclusive: boolean | undefined): string {
  return inclusive === false ? `more than ${minimum}` : `at least ${minimum}`
}

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text (in quotes where it could be read as a number)',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
}

function kind(expected: string): string {
  return kinds[expected] ?? expected
}

function found(input: unknown): string {
  if (input === undefined) return ', found nothing'
  if (input === null) return ', found an empty value'
  if (Array.isArray(input)) return ', found a list'
  if (typeof input === 'object') return ', found keys and values'
  return typeof input === 'string' ? ', found text' : `, found a ${typeof input}`
}
