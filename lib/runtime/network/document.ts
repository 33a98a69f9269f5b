import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml'

import type { Problem } from './problem.ts'

/** A YAML text, its value, and on which line each part of it stands. */
export type YamlText = {
  readonly value: unknown
  readonly problems: readonly Problem[]
  lineOf(path: readonly PropertyKey[]): number
}

export function readYaml(text: string): YamlText {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // An unquoted 0x address would be read as a number and lose digits; as text it is what was written.
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || !('format' in tag) || tag.format !== 'HEX'),
  })
  const lineAt = (offset: number | undefined) =>
    offset === undefined ? 1 : lines.linePos(offset).line
  const problems = [
    ...[...document.errors, ...document.warnings].map(({ code, pos }) => ({
      line: lineAt(pos[0]),
      path: [],
      text: yamlSentence(code),
    })),
    ...oddKeys(document).map((offset) => ({
      line: lineAt(offset),
      path: [],
      text: 'expected keys that are plain words',
    })),
  ]
  const value = problems.length > 0 ? undefined : valueOf(document)
  return {
    value: value?.value,
    problems:
      problems.length > 0 || value
        ? problems
        : [
            {
              line: 1,
              path: [],
              text: 'expected each alias after its anchor, and fewer than a thousand of them',
            },
          ],
    lineOf: (path) => lineAt(offsetOf(document, path)),
  }
}

/** Undefined where an alias has no anchor, or aliases multiply without end: the parser throws then. */
function valueOf(document: Document): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS({ maxAliasCount: 1_000 }) }
  } catch {
    return undefined
  }
}

/** Of the deepest part of the path that is there: something that is missing is missing from that. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = document.contents
  let offset = isNode(node) ? node.range?.[0] : undefined
  for (const key of path) {
    const parent = isAlias(node) ? node.resolve(document) : node
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      if (!pair) return offset
      offset = isNode(pair.key) ? pair.key.range?.[0] : offset
      node = pair.value
    } else if (isSeq(parent) && typeof key === 'number') {
      node = parent.items[key]
      offset = isNode(node) ? node.range?.[0] : offset
    } else return offset
  }
  return offset
}

/** Where a key is no plain word, or one that JavaScript's objects keep for themselves: those would be lost in silence. */
function oddKeys(document: Document): readonly (number | undefined)[] {
  const found: (number | undefined)[] = []
  visit(document, {
    Pair(_at, { key }) {
      if (isScalar(key) && key.value !== null && key.value !== '__proto__') return
      found.push(isNode(key) ? key.range?.[0] : undefined)
    },
  })
  return found
}

/** The parser's own messages quote the text around, which may be a secret. */
function yamlSentence(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'expected each key once, found the same key again'
  if (code === 'MULTIPLE_DOCS') return 'expected one document, found another after ---'
  if (code === 'TAB_AS_INDENT') return 'expected spaces for indentation, found a tab'
  return `expected YAML, found what it cannot read (${code.toLowerCase().replaceAll('_', ' ')})`
}
