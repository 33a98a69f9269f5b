/** One place in which two values are not the same, each as JSON; undefined where it has nothing there. */
export type Difference = {
  /** Such as `actions[0].reports[2].price`. */
  readonly path: string
  readonly was: string | undefined
  readonly is: string | undefined
}

/**
 * The first places in which two texts of JSON differ, at most so many, in the order of their keys. What is itself JSON as text
 * within them is gone through as well.
 */
export function firstDifferences(was: string, is: string, most: number): readonly Difference[] {
  const found: Difference[] = []
  for (const one of differencesIn('', JSON.parse(was), JSON.parse(is))) {
    if (found.length === most) break
    found.push(one)
  }
  return found
}

function* differencesIn(path: string, was: unknown, is: unknown): Generator<Difference> {
  if (was === is) return
  if (Array.isArray(was) && Array.isArray(is)) {
    yield* differencesInLists(path, was, is)
    return
  }
  if (isObject(was) && isObject(is) && !isTagged(was) && !isTagged(is)) {
    yield* differencesInObjects(path, was, is)
    return
  }
  const [one, other] = [jsonIn(was), jsonIn(is)]
  if (one && other) {
    yield* differencesIn(path, one, other)
    return
  }
  if (textOf(was) !== textOf(is)) yield { path, was: textOf(was), is: textOf(is) }
}

function* differencesInLists(
  path: string,
  was: readonly unknown[],
  is: readonly unknown[],
): Generator<Difference> {
  if (was.length !== is.length)
    yield { path: under(path, 'length'), was: String(was.length), is: String(is.length) }
  for (let at = 0; at < Math.max(was.length, is.length); at += 1)
    yield* differencesIn(`${path}[${at}]`, was[at], is[at])
}

function* differencesInObjects(path: string, was: Plain, is: Plain): Generator<Difference> {
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].toSorted()
  for (const key of keys) yield* differencesIn(under(path, key), own(was, key), own(is, key))
}

type Plain = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A number of many digits is one value, and not an object. */
function isTagged(value: Plain): boolean {
  return tagOf(value) !== undefined
}

function tagOf(value: Plain): unknown {
  const [entry, ...more] = Object.entries(value)
  if (!entry || more.length > 0) return undefined
  const [key, text] = entry
  return ['$bigint', '$decimal', '$number'].includes(key) ? text : undefined
}

function jsonIn(value: unknown): object | undefined {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return undefined
  try {
    return JSON.parse(value) as object
  } catch {
    return undefined
  }
}

/** As people write it: a number of many digits as its digits. */
function textOf(value: unknown): string | undefined {
  const tag = isObject(value) ? tagOf(value) : undefined
  return typeof tag === 'string' ? tag : JSON.stringify(value)
}

function own(value: Plain, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function under(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
