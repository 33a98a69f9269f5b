import { everyTree, type Member, type Tree, treeOf, written } from './json-tree.ts'
import { now, type Sample, samples } from './samples.ts'
import { tokens } from './support.ts'
import { type Random, someTokens, validAnswer } from './valid-answers.ts'

type Mutation = {
  /** Whether the body still says the same: then it must be read. */
  readonly harmless?: true
  make(sample: Sample, random: Random): string
}

export function oneOf<T>(random: Random, list: readonly T[]): T {
  const one = list[random.below(list.length)]
  if (one === undefined) throw new Error('there is nothing to choose from')
  return one
}

const words = [
  '""',
  'null',
  '"NaN"',
  '"nan"',
  '"Infinity"',
  '"-Infinity"',
  '1e400',
  '"1e400"',
  '-1',
  '"-1"',
  '0',
  '"0.00000000"',
  '-0',
  '"0xff"',
  '"64,000.12"',
  '" 64000 "',
  '"64000\\n"',
  '"+64000"',
  '"٦٤٠٠٠"',
  '"６４０００"',
  '"𝟔𝟒𝟎𝟎𝟎"',
  '"64000．5"',
  '"64 000"',
  '"1e-400"',
  '1e-19',
  '1e18',
  '1.000000000000000001e18',
  '"64000.12.1"',
  '"64e"',
  '".5"',
  '"5."',
  '00',
  'true',
  'false',
  '[]',
  '{}',
  '[64000]',
  '{"valueOf":1,"toString":1}',
  '"\\u0036\\u0034000"',
  '"64000\\u0000"',
  '{"__proto__":{"0":"1"}}',
  '"1_000"',
  '"1n"',
  '"64000.1234567890123456789012345678"',
  '"1E+5"',
]

/** Something that may stand where a value stands. Some of it is a number, most of it is not. */
function token(random: Random): string {
  switch (random.below(4)) {
    case 0:
      return oneOf(random, words)
    case 1: {
      const digits = Array.from({ length: 1 + random.below(40) }, () => random.below(10)).join('')
      const places = random.below(digits.length)
      return `"${digits.slice(0, digits.length - places) || '0'}.${digits.slice(-places) || '0'}"`
    }
    case 2:
      return String((random.below(2_000_000) - 1_000) * 10 ** (random.below(60) - 30))
    default:
      return `"${random.below(1e9)}e${random.below(80) - 40}"`
  }
}

function treeOfValid(sample: Sample, random: Random): Tree {
  const tree = treeOf(validAnswer(sample, random))
  if (!tree) throw new Error(`the valid answer of ${sample.title} is no JSON`)
  return tree
}

/** Changes one of a valid answer's trees. */
function changed(change: (tree: Tree, random: Random) => Tree): Mutation['make'] {
  return (sample, random) => {
    const tree = treeOfValid(sample, random)
    const chosen = oneOf(random, everyTree(tree))
    const other = change(chosen, random)
    return written(chosen === tree ? other : replaced(tree, chosen, other))
  }
}

function replaced(tree: Tree, chosen: Tree, other: Tree): Tree {
  for (const each of everyTree(tree)) {
    if (each.kind === 'list')
      each.items = each.items.map((item) => (item === chosen ? other : item))
    if (each.kind === 'object')
      for (const member of each.members) if (member.value === chosen) member.value = other
  }
  return tree
}

/** Changes the members of one object of a valid answer; of one that has none nothing. */
function changedMembers(change: (members: Member[], random: Random) => void): Mutation['make'] {
  return (sample, random) => {
    const tree = treeOfValid(sample, random)
    const objects = everyTree(tree).flatMap((each) =>
      each.kind === 'object' && each.members.length > 0 ? [each] : [],
    )
    if (objects.length > 0) change(oneOf(random, objects).members, random)
    return written(tree)
  }
}

/** A copy, since an object within itself would have no end; in half of them every number is another. */
function copied(tree: Tree, random: Random): Tree {
  const text = written(tree)
  const other = text.replaceAll(/\d/g, () => String(1 + random.below(9)))
  return treeOf(random.chance(0.5) ? text : other) ?? { kind: 'scalar', text: 'null' }
}

const scalar = (text: string): Tree => ({ kind: 'scalar', text })

const inherited = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty']

function inText(change: (text: string, random: Random) => string): Mutation['make'] {
  return (sample, random) => change(validAnswer(sample, random), random)
}

function withTokens(
  change: (random: Random, sample: Sample) => Partial<ReturnType<typeof someTokens>>,
): Mutation['make'] {
  return (sample, random) =>
    sample.body([{ ...someTokens(sample, random), ...change(random, sample) }])
}

const pages = [
  '',
  ' ',
  'null',
  '{}',
  '[]',
  '[null]',
  '"ok"',
  '7',
  'NaN',
  'undefined',
  '{"a":}',
  '[1,]',
  '\u0000',
  '<html><title>Just a moment...</title></html>',
  '<?xml version="1.0"?><a/>',
  'OK',
  '\ufeff{}',
  '{"code":-1121,"msg":"Invalid symbol."}',
  '{"error":["EGeneral:Too many requests"]}',
  '["error",10020,"symbol: invalid"]',
  '["error",{"toString":1,"valueOf":1},[[[]]]]',
  '[{"universe":[]},[]]',
  '[{"universe":[{}]},[]]',
  '{"result":"error"}',
  '"\\ud800"',
  '{"":""}',
]

const farTimes = [
  0,
  1,
  -1,
  1_000,
  now - 86_400_001,
  now + 86_400_001,
  now * 1_000,
  8.64e15,
  8.64e15 + 1,
  Number.MAX_SAFE_INTEGER,
  2 ** 31 * 1_000,
  now - 86_399_999,
  now + 86_399_999,
  now / 1_000,
]
const farWords = [
  '"+275760-09-13T00:00:00.000Z"',
  '"9999-12-31T23:59:59Z"',
  '"2026-13-01T00:00:00Z"',
  'null',
  '"2026-01-01T00:00:00.123+05:00"',
  '"2026-02-30T00:00:00Z"',
  '"2026-01-01T24:00:00Z"',
  '""',
  '"2026-01-01T00:00:60Z"',
  '"1970-01-01T00:00:00Z"',
  '"now"',
  '9'.repeat(40),
  '1767225600123.5',
]

/** By what is done to an answer. */
export const mutations: Readonly<Record<string, Mutation>> = {
  'as it is': { harmless: true, make: validAnswer },
  'written otherwise': {
    harmless: true,
    make: (sample, random) =>
      written(treeOfValid(sample, random), () => oneOf(random, ['', '', ' ', '\n', '\t', '\r\n'])),
  },
  'other fields beside': {
    harmless: true,
    make: changedMembers((members, random) => {
      const value = scalar(token(random).replace(/^00$/, '0'))
      members.splice(random.below(members.length), 0, { key: 'zz', value })
    }),
  },
  'numbers replaced': {
    make: withTokens((random) => {
      const change = { bid: token(random), ask: token(random), last: token(random) }
      const keep = oneOf(random, ['bid', 'ask', 'last', 'none'])
      return Object.fromEntries(Object.entries(change).filter(([key]) => key !== keep))
    }),
  },
  'one number replaced': {
    make: withTokens((random) => ({ [oneOf(random, ['bid', 'ask', 'last'])]: token(random) })),
  },
  'buyers above sellers': {
    make: (sample, random) => {
      const row = someTokens(sample, random)
      return sample.body([{ ...row, bid: row.ask, ask: row.bid }])
    },
  },
  'one instrument twice': {
    make: (sample, random) =>
      sample.body([
        someTokens(sample, random),
        tokens(sample),
        ...(random.chance(0.3) ? [tokens(sample)] : []),
      ]),
  },
  'a time far away': {
    make: withTokens((random, sample) => ({
      time: random.chance(0.5)
        ? sample.timeOf(fitting(oneOf(random, farTimes)))
        : oneOf(random, farWords),
    })),
  },
  'cut off': { make: inText((text, random) => text.slice(0, random.below(text.length))) },
  'its beginning cut off': {
    make: inText((text, random) => text.slice(random.below(text.length))),
  },
  'characters changed': {
    make: inText((text, random) => {
      const all = text.split('')
      for (let count = 1 + random.below(4); count > 0; count--) {
        const other = oneOf(random, '0123456789eE+-.,:"{}[]\\ nultf٣\u0000\ud800'.split(''))
        all.splice(random.below(all.length), random.below(2), other)
      }
      return all.join('')
    }),
  },
  'a piece lost or twice': {
    make: inText((text, random) => {
      const [from, length] = [random.below(text.length), 1 + random.below(60)]
      const piece = text.slice(from, from + length)
      return (
        text.slice(0, from) + (random.chance(0.5) ? piece + piece : '') + text.slice(from + length)
      )
    }),
  },
  'a value replaced': { make: changed((_, random) => scalar(token(random))) },
  'a value in a list, or in an object': {
    make: changed((tree, random) =>
      random.chance(0.5)
        ? { kind: 'list', items: [tree] }
        : { kind: 'object', members: [{ key: oneOf(random, inherited), value: tree }] },
    ),
  },
  'deep nesting': {
    make: (sample, random) => {
      const depth = oneOf(random, [100, 1_000, 20_000])
      const [open, close] = oneOf(random, [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const)
      const deep =
        open.repeat(depth) +
        (open === '[' ? '' : '1') +
        close.repeat(random.chance(0.8) ? depth : 3)
      return changed(() => scalar('"here it is deep"'))(sample, random).replace(
        '"here it is deep"',
        deep,
      )
    },
  },
  'a key twice': {
    make: changedMembers((members, random) => {
      const { key } = oneOf(random, members)
      members.splice(random.below(members.length + 1), 0, { key, value: scalar(token(random)) })
    }),
  },
  'a key gone or another': {
    make: changedMembers((members, random) => {
      const at = random.below(members.length)
      const { key } = oneOf(random, members)
      const other = { key: random.chance(0.5) ? key : 'zz', value: scalar(token(random)) }
      members.splice(at, 1, ...(random.chance(0.5) ? [other] : []))
    }),
  },
  'a member in another object': {
    make: (sample, random) => {
      const tree = treeOfValid(sample, random)
      const objects = everyTree(tree).flatMap((each) => (each.kind === 'object' ? [each] : []))
      if (objects.length < 2) return written(tree)
      const [from, to] = [oneOf(random, objects).members, oneOf(random, objects).members]
      const member = from[random.below(Math.max(1, from.length))]
      if (member)
        to.splice(random.below(to.length + 1), 0, {
          ...member,
          value: copied(member.value, random),
        })
      return written(tree)
    },
  },
  'keys that objects inherit': {
    make: changedMembers((members, random) => {
      const key = oneOf(random, inherited)
      // The row's own values, but only for who asks the prototype.
      if (random.chance(0.5)) {
        const value: Tree = { kind: 'object', members: [...members] }
        members.splice(0, random.chance(0.7) ? members.length : 0, { key, value })
        return
      }
      const one = oneOf(random, members)
      members.push({ key, value: one.value })
      if (random.chance(0.3)) one.key = key
    }),
  },
  'rows in each other’s place': {
    make: (sample, random) => {
      const tree = treeOfValid(sample, random)
      const lists = everyTree(tree).flatMap((each) =>
        each.kind === 'list' && each.items.length > 1 ? [each] : [],
      )
      if (lists.length > 0) {
        const { items } = oneOf(random, lists)
        const [from, to] = [random.below(items.length), random.below(items.length)]
        const [a, b] = [items[from], items[to]]
        if (a && b) [items[from], items[to]] = [b, a]
      }
      return written(tree)
    },
  },
  'values in each other’s place': {
    make: (sample, random) => {
      const tree = treeOfValid(sample, random)
      const leaves = everyTree(tree).flatMap((each) => (each.kind === 'scalar' ? [each] : []))
      const [one, other] = [oneOf(random, leaves), oneOf(random, leaves)]
      ;[one.text, other.text] = [other.text, one.text]
      return written(tree)
    },
  },
  'another venue’s answer': { make: (_, random) => validAnswer(oneOf(random, samples), random) },
  'another page': { make: (_, random) => oneOf(random, pages) },
  'long words': {
    make: changed((_, random) =>
      scalar(
        JSON.stringify(
          oneOf(random, ['x', '\n', '\u001b[31m', '<b>', '9']).repeat(1 + random.below(3_000)),
        ),
      ),
    ),
  },
}

/** The least that a time can be written as. */
function fitting(ms: number): number {
  return Math.max(-8.64e15, Math.min(8.64e15, Math.trunc(ms)))
}

const million = 1_000_000

/** Nearly as large as an answer may be, and made to become much more in memory. */
export const largeMutations: Readonly<Record<string, Mutation>> = {
  'megabytes of blanks': {
    harmless: true,
    make: inText((text, random) => ' '.repeat(megabytes(random)) + text),
  },
  'megabytes of digits': {
    make: inText((_, random) => `[${'1,'.repeat(megabytes(random) / 2)}1]`),
  },
  'megabytes in one number': {
    make: withTokens((random) => ({ bid: '7'.repeat(megabytes(random)) })),
  },
  'megabytes of empty rows': {
    make: inText((_, random) => `[${'{},'.repeat(megabytes(random) / 3)}{}]`),
  },
  'megabytes of backslashes': {
    make: changed((_, random) => scalar(`"${String.raw`\\\"`.repeat(megabytes(random) / 4)}"`)),
  },
  'megabytes of brackets': {
    make: inText((_, random) => {
      const half = Math.trunc(megabytes(random) / 2)
      return '['.repeat(half) + ']'.repeat(half)
    }),
  },
  'megabytes of keys': {
    make: inText((_, random) => {
      const keys = Array.from({ length: megabytes(random) / 12 }, (_each, index) => `"k${index}":1`)
      return `{${keys.join(',')}}`
    }),
  },
  'megabytes of one venue’s words': {
    make: (_, random) =>
      oneOf(random, [
        (text: string) => `{"retCode":1,"retMsg":"${text}","time":1}`,
        (text: string) => `{"code":"1","msg":"${text}","message":"${text}"}`,
        (text: string) => `{"error":["EQuery:Unknown asset pair","${text}"]}`,
        (text: string) => `["error",1,"${text}"]`,
        (text: string) => `{"status":"error","err-code":"a","err-msg":"${text}"}`,
      ])('no '.repeat(megabytes(random) / 6)),
  },
}

function megabytes(random: Random): number {
  return (1 + random.below(8)) * million
}
