/** What tells members of a list apart, where they have it; in this order. */
const nameFields = [
  'venue',
  'instrument',
  'node',
  'engine',
  'feed',
  'role',
  'market',
  'account',
  'keeper',
  'subject',
  'job',
  'rule',
  'id',
  'name',
] as const

/**
 * The names of a list's members, by which they are found again where one is missing or they come in another order: what
 * identifies an object, or the first texts of a list. Undefined where they have none, or two have the same.
 */
export function namesOf(list: readonly unknown[]): readonly string[] | undefined {
  if (list.length === 0) return undefined
  if (!list.every(Array.isArray)) return distinct(list.map(nameOf))
  const firsts = list.map((one) => firstTexts(one, 1))
  return distinct(firsts) ?? distinct(list.map((one) => firstTexts(one, 2)))
}

function distinct(names: readonly (string | undefined)[]): readonly string[] | undefined {
  const all = names.filter((name) => name !== undefined)
  return all.length === names.length && new Set(all).size === all.length ? all : undefined
}

function firstTexts(list: readonly unknown[], count: number): string | undefined {
  const texts = list.slice(0, count)
  if (texts.length < count || !texts.every((text) => typeof text === 'string')) return undefined
  return texts.join('\n')
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  let name = ''
  for (const field of nameFields) {
    if (!Object.hasOwn(value, field)) continue
    const part = partOf((value as Readonly<Record<string, unknown>>)[field])
    if (part !== undefined) name += `${field}:${part}\n`
  }
  return name === '' ? undefined : name
}

function partOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  // An instrument is a small object.
  return Object.values(value)
    .filter((one) => typeof one === 'string')
    .join(' ')
}
