import { createHash } from 'node:crypto'

/** Longer texts, such as a list of exchanges in JSON, are told by their hash. */
const longest = 80

/**
 * All fields of a message with their values, by name: the same content has the same words, whoever tells it. Names of fields are
 * the chain's own.
 */
export function wordsOf(message: unknown): string {
  return fieldsOf('', message)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

function fieldsOf(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return [[name, listed(value)]]
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .filter(([key]) => !key.startsWith('@'))
      .flatMap(([key, inner]) => fieldsOf(name === '' ? key : `${name}.${key}`, inner))
  return [[name, shown(value)]]
}

function listed(values: readonly unknown[]): string {
  const each = values.map((value) =>
    typeof value === 'object' && value !== null ? `(${wordsOf(value)})` : shown(value),
  )
  return shown(each.length === 0 ? 'none' : each.join(' '))
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  if (text.length <= longest) return text
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}
