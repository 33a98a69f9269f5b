/** JSON as it was written: numbers as their text, keys in order, and a key that stands twice standing twice. */
export type Tree =
  | { kind: 'list'; items: Tree[] }
  | { kind: 'object'; members: Member[] }
  /** A string with its quotes, a number, `true`, `false` or `null`. */
  | { kind: 'scalar'; text: string }

export type Member = { key: string; value: Tree }

/** Undefined where the text is no JSON. Keeps a stack of its own: a text may be deeper than the engine's. */
export function treeOf(text: string): Tree | undefined {
  if (!isJson(text)) return undefined
  const top: Extract<Tree, { kind: 'list' }> = { kind: 'list', items: [] }
  const open: Exclude<Tree, { kind: 'scalar' }>[] = [top]
  let key: string | undefined
  for (const token of tokensOf(text)) {
    const inner = open.at(-1) ?? top
    if (token === ',' || token === ':') continue
    if (token === '}' || token === ']') {
      open.pop()
      continue
    }
    if (inner.kind === 'object' && key === undefined) {
      key = String(JSON.parse(token))
      continue
    }
    const value = begun(token)
    if (inner.kind === 'list') inner.items.push(value)
    else inner.members.push({ key: key ?? '', value })
    key = undefined
    if (value.kind !== 'scalar') open.push(value)
  }
  return top.items[0]
}

const plainToken = /[{}[\],:]|[^\s{}[\],:"]+/y

/** Strings are walked through by hand: one of megabytes is more than an expression can hold. */
function* tokensOf(json: string): Generator<string> {
  let at = 0
  while (at < json.length) {
    plainToken.lastIndex = at
    const [token] = plainToken.exec(json) ?? []
    const found = token ?? (json[at] === '"' ? stringAt(json, at) : undefined)
    if (found !== undefined) yield found
    at += found?.length ?? 1
  }
}

function stringAt(json: string, start: number): string {
  let end = start + 1
  while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1
  return json.slice(start, end + 1)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function begun(token: string): Tree {
  if (token === '{') return { kind: 'object', members: [] }
  if (token === '[') return { kind: 'list', items: [] }
  return { kind: 'scalar', text: token }
}

/** Writes a tree of usual depth; `blank` stands wherever JSON lets a blank stand. */
export function written(tree: Tree, blank: () => string = () => ''): string {
  const inner = (each: Tree): string => `${blank()}${written(each, blank)}${blank()}`
  switch (tree.kind) {
    case 'scalar':
      return tree.text
    case 'list':
      return `[${tree.items.map(inner).join(',')}]`
    case 'object':
      return `{${tree.members
        .map(({ key, value }) => `${blank()}${JSON.stringify(key)}${blank()}:${inner(value)}`)
        .join(',')}}`
  }
}

/** All trees within a tree, itself first. */
export function everyTree(tree: Tree): readonly Tree[] {
  const all: Tree[] = [tree]
  for (const each of all) {
    if (each.kind === 'list') all.push(...each.items)
    if (each.kind === 'object') all.push(...each.members.map(({ value }) => value))
  }
  return all
}

/** What is at a path of keys and positions; of a key that stands twice the last, as all readers of JSON have it. */
export function treeAt(tree: Tree | undefined, path: string): Tree | undefined {
  let at = tree
  for (const step of path === '' ? [] : path.split('.')) {
    if (at?.kind === 'list') at = /^\d+$/.test(step) ? at.items[Number(step)] : undefined
    else if (at?.kind === 'object') at = at.members.findLast(({ key }) => key === step)?.value
    else return undefined
  }
  return at
}

/** What a scalar says: a string's characters, a number as it is written. */
export function saidBy(tree: Tree | undefined): string | undefined {
  if (tree?.kind !== 'scalar') return undefined
  if (tree.text.startsWith('"')) return String(JSON.parse(tree.text))
  return /^[-\d]/.test(tree.text) ? tree.text : undefined
}
