import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import { systemFindings } from '../../../lib/domain/watch/system-findings.ts'
import type { SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import type { SystemRules } from '../../../lib/domain/watch/system-rules.ts'
import type {
  ChangeSight,
  HeadSight,
  LevelSight,
  SystemSight,
} from '../../../lib/domain/watch/system-sight.ts'
import { emptySight } from './watched-run.ts'

const start = timestamp(1_764_000_000_000)
const minute = 60_000
const hour = 60 * minute
const at = (ms: number) => timestamp(start + ms)

const rules: SystemRules = {
  ownChains: {},
  mostMs: {},
  floors: {},
  ceilings: {},
  expect: {},
  lookMs: 15_000,
  numbers: watchNumbers,
}

function after(...sights: readonly SystemSight[]): SystemMemory {
  const memory = sights.reduce<SystemMemory | undefined>(
    (before, sight) => remember('system', before, sight, watchNumbers),
    undefined,
  )
  if (!memory) throw new TypeError('no sight was given')
  return memory
}

function found(memory: SystemMemory, now = memory.lookedAt, own: Partial<SystemRules> = {}) {
  return systemFindings(memory, { now, rules: { ...rules, ...own } }).map(
    ({ rule, subject, severity }) => `${rule} ${subject} ${severity}`,
  )
}

function head(number: number, ms: number, change: Partial<HeadSight> & { hash?: string } = {}) {
  const { hash = `0x${number}`, place = 'one.example', chain = 'l2' } = change
  const answer = { kind: 'head', number, hash, time: at(ms) } as const
  return { chain, place, answer } satisfies HeadSight
}

const dead = (place: string): HeadSight => ({
  chain: 'l2',
  place,
  answer: { kind: 'trouble', reason: `${place}: timeout (5000 ms)` },
})

const heads = (ms: number, ...all: readonly HeadSight[]) => ({
  ...emptySight(at(ms)),
  heads: all,
})

const another = (place: string, hash: string): HeadSight => ({
  chain: 'l2',
  place,
  answer: {
    kind: 'head',
    number: 300,
    hash: '0x300',
    time: at(600_000),
    remembered: { number: 292, hash },
  },
})

const step = (position: number, ms: number) => ({
  position,
  at: at(ms),
  what: `block ${position}`,
})

const level = (ms: number, value: number, change: Partial<LevelSight> = {}) => ({
  ...emptySight(at(ms)),
  levels: [{ name: 'l1-lag', value, unit: 'blocks', ...change }],
})

const seen = (ms: number, implementation: string, ...changes: readonly ChangeSight[]) => ({
  ...emptySight(at(ms)),
  settings: { implementation },
  changes,
})

const upgrade = (change: Partial<ChangeSight> = {}): ChangeSight => ({
  id: 'upgrade-1',
  kind: 'upgrade',
  title: 'the implementation becomes 0xb',
  announcedAt: start,
  effectiveAt: at(8 * 24 * hour),
  state: 'decided',
  touches: ['margin'],
  announces: { implementation: '0xb' },
  ...change,
})

const mark = (ms: number, price: string, ours?: string) => ({
  ...emptySight(at(ms)),
  marks: [{ market: 'BTC-USD', mark: price, ...(ours !== undefined && { ours }) }],
})

/** Looks at a chain with a block every two seconds, each place as far as the other. */
const calm = (looks: number) =>
  Array.from({ length: looks }, (_, look) =>
    heads(
      look * 15_000,
      head(Math.floor(look * 7.5), look * 15_000),
      head(Math.floor(look * 7.5), look * 15_000, { place: 'two.example' }),
    ),
  )

const apart = (count: number, by: number) =>
  Array.from({ length: count }, (_, look) => {
    const ms = (40 + look) * 15_000
    const number = 300 + Math.floor(look * 7.5)
    return heads(ms, head(number, ms), head(number - by, ms, { place: 'two.example' }))
  })

/** A lag that grows by a block a minute and is taken back to `left(hour)` at the end of each hour. */
const saw = (left: (hour: number) => number) =>
  Array.from({ length: 60 * 6 }, (_, index) =>
    level(index * minute, left(Math.floor(index / 60)) + (index % 60), { drains: true }),
  )

const known = (...sights: readonly SystemSight[]) => Object.keys(after(...sights).changes)

const fundingIndex = (ms: number, value: number) => level(ms, value, { mostPerHour: 10 })

describe('heads', () => {
  test('a minute without a block is told, five are told to those who sleep', () => {
    const looks = calm(40)
    const last = 39 * 15_000
    const stood = (ms: number) => {
      const still = head(292, last)
      return after(...looks, heads(last + ms, still, { ...still, place: 'two.example' }))
    }
    expect(found(stood(60_000))).toEqual([])
    expect(found(stood(60_001))).toEqual(['chain-stalled system:l2 warning'])
    expect(found(stood(5 * minute))).toEqual(['chain-stalled system:l2 warning'])
    expect(found(stood(5 * minute + 1))).toEqual(['chain-stalled system:l2 critical'])
  })

  test('one place that answers is enough to see that the chain goes on', () => {
    const memory = after(...calm(40), heads(40 * 15_000, dead('one.example'), head(300, 600_000)))
    expect(found(memory)).toEqual([])
  })

  test('no place at all says nothing of the chain', () => {
    const looks = [0, 1, 2, 3, 4].map((look) =>
      heads((40 + look) * 15_000, dead('one.example'), dead('two.example')),
    )
    expect(found(after(...calm(40), ...looks))).toEqual(['chain-unreachable system:l2 critical'])
  })

  test('two places that are twenty-one blocks apart disagree; after a quarter of an hour somebody is woken', () => {
    expect(found(after(...calm(40), ...apart(2, 20)))).toEqual([])
    expect(found(after(...calm(40), ...apart(2, 21)))).toEqual(['nodes-disagree system:l2 warning'])
    expect(found(after(...calm(40), ...apart(61, 21)))).toEqual([
      'nodes-disagree system:l2 critical',
    ])
  })

  test('a block that became another one went back; a node a few blocks behind did not', () => {
    const same = after(...calm(40), heads(600_000, another('one.example', '0x000292')))
    expect(found(same)).toEqual([])
    const replaced = after(...calm(40), heads(600_000, another('one.example', '0xdead')))
    expect(found(replaced)).toEqual(['head-went-back system:l2 critical'])
    const behind = after(...calm(40), heads(600_000, head(282, 564_000)))
    expect(found(behind)).toEqual([])
    expect(behind.chains['l2']?.newest?.number).toBe(292)
    const back = after(...calm(40), heads(600_000, head(281, 562_000)))
    expect(found(back)).toEqual(['head-went-back system:l2 critical'])
  })

  test('two places with two blocks at one height disagree: nobody knows yet that anything is undone', () => {
    const looks = [another('one.example', '0x292'), another('two.example', '0xdead')]
    expect(found(after(...calm(40), heads(600_000, ...looks)))).toEqual([
      'nodes-disagree system:l2 warning',
    ])
  })

  test('what went back is told for half an hour, once', () => {
    const looks = Array.from({ length: 150 }, (_, look) => {
      const ms = 600_000 + look * 15_000
      return heads(ms, head(200 + Math.floor(look * 7.5), ms))
    })
    const soon = after(...calm(40), ...looks.slice(0, 119))
    expect(found(soon)).toEqual(['head-went-back system:l2 critical'])
    expect(soon.chains['l2']?.retreats).toHaveLength(1)
    expect(found(after(...calm(40), ...looks.slice(0, 121)))).toEqual([])
  })

  test('a block from the future makes every age doubtful', () => {
    const memory = after(...calm(40), heads(600_000, head(300, 600_000 + 15_001)))
    expect(found(memory)).toEqual(['clocks-apart system:l2 warning'])
  })
})

describe('progress', () => {
  test('what was read in pieces, twice and out of order is the same as read at once', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 60 }),
        fc.array(fc.tuple(fc.nat(500), fc.nat(500)), { maxLength: 8 }),
        (positions, pieces) => {
          const all = positions
            .toSorted((one, other) => one - other)
            .map((position) => step(position, position * 1_000))
          const piece = (low: number, high: number) => ({
            name: 'output',
            from: low,
            through: high,
            steps: all.filter(({ position }) => position >= low && position <= high),
          })
          const sights = pieces.map(([one, other], look) => ({
            ...emptySight(at(600_000 + look)),
            progress: [piece(Math.min(one, other), Math.max(one, other))],
          }))
          const whole = { ...emptySight(at(600_100)), progress: [piece(0, 500)] }
          expect(after(...sights, whole).progress['output']?.steps).toEqual(all)
        },
      ),
    )
  })

  test('a step that a reorganisation took back is gone', () => {
    const sight = (ms: number, from: number, ...steps: readonly ReturnType<typeof step>[]) => ({
      ...emptySight(at(ms)),
      progress: [{ name: 'output', from, through: 100, steps }],
    })
    const memory = after(sight(1, 0, step(5, 0), step(90, 1)), sight(2, 80))
    expect(memory.progress['output']?.steps).toEqual([step(5, 0)])
  })

  test('the last step stays, however old it is', () => {
    const days = (count: number) => at(count * 24 * hour)
    const first = {
      ...emptySight(start),
      progress: [{ name: 'output', from: 0, through: 9, steps: [step(1, 0)] }],
    }
    const later = {
      ...emptySight(days(80)),
      progress: [{ name: 'output', from: 10, through: 99, steps: [] }],
    }
    const memory = after(first, later)
    expect(memory.progress['output']?.steps).toEqual([step(1, 0)])
    expect(found(memory, memory.lookedAt, { mostMs: { output: 24 * hour } })).toEqual([
      'progress-stalled system:output critical',
    ])
  })

  test('of a kind of which too few steps are known only the limit of the network file counts', () => {
    const sight = (ms: number) => ({
      ...emptySight(at(ms)),
      progress: [{ name: 'output', from: 0, through: 9, steps: [step(1, 0)] }],
    })
    const own = { mostMs: { output: 8 * hour } }
    expect(found(after(sight(0), sight(7 * hour)))).toEqual([])
    expect(found(after(sight(0), sight(4 * hour)), at(4 * hour), own)).toEqual([])
    expect(found(after(sight(0), sight(4 * hour + 1)), at(4 * hour + 1), own)).toEqual([
      'progress-stalled system:output warning',
    ])
    expect(found(after(sight(0), sight(8 * hour + 1)), at(8 * hour + 1), own)).toEqual([
      'progress-stalled system:output critical',
    ])
  })
})

describe('levels', () => {
  test('one below its floor or above its ceiling is told, by the network file’s bound where it has one', () => {
    const low = after(level(0, 5, { floor: 6 }))
    expect(found(low)).toEqual(['level-out-of-bounds system:l1-lag warning'])
    expect(found(low, low.lookedAt, { floors: { 'l1-lag': 4 } })).toEqual([])
    const high = after(level(0, 5))
    expect(found(high)).toEqual([])
    expect(found(high, high.lookedAt, { ceilings: { 'l1-lag': 4 } })).toEqual([
      'level-out-of-bounds system:l1-lag warning',
    ])
  })

  test('a funding index that is set to zero jumped; one hour’s worth at once did not', () => {
    const jumped = ['level-jumped system:l1-lag critical']
    expect(found(after(fundingIndex(0, 1_000), fundingIndex(15_000, 1_010)))).toEqual([])
    expect(found(after(fundingIndex(0, 1_000), fundingIndex(15_000, 1_011)))).toEqual(jumped)
    expect(found(after(fundingIndex(0, 1_000), fundingIndex(3 * hour, 1_030)))).toEqual([])
    expect(found(after(fundingIndex(0, 1_000), fundingIndex(3 * hour, 969)))).toEqual(jumped)
    const zeroed = after(fundingIndex(0, 1_000), fundingIndex(15_000, 0), fundingIndex(30_000, 0))
    expect(found(zeroed)).toEqual(jumped)
    expect(zeroed.levels['l1-lag']?.jumped).toEqual({ at: at(15_000), from: 1_000, to: 0 })
    const later = after(
      fundingIndex(0, 1_000),
      fundingIndex(15_000, 0),
      fundingIndex(hour + 15_000, 0),
    )
    expect(found(later)).toEqual([])
  })

  test('a lag that is settled each hour goes up and down, and is no backlog', () => {
    expect(found(after(...saw(() => 10)))).toEqual([])
  })

  test('one of which each hour leaves more is one, though it is settled each hour', () => {
    expect(found(after(...saw((passed) => 10 + passed * 20)))).toEqual([
      'backlog-growing system:l1-lag warning',
    ])
  })
})

describe('settings and what was announced', () => {
  test('one that changed is told for a day, more urgently where nobody announced it', () => {
    const quiet = after(seen(0, '0xa'), seen(hour, '0xb'))
    expect(found(quiet)).toEqual(['setting-changed system:implementation warning'])
    expect(found(quiet, at(25 * hour - 1))).toEqual([
      'setting-changed system:implementation warning',
    ])
    expect(found(quiet, at(25 * hour))).toEqual([])
    const announced = after(
      seen(0, '0xa', upgrade()),
      seen(hour, '0xb', upgrade({ state: 'done', effectiveAt: at(hour) })),
    )
    expect(found(announced)).toEqual(['setting-changed system:implementation info'])
  })

  test('one that is not what the network file expects is critical as long as it is so', () => {
    const memory = after(seen(0, '0xa'))
    expect(found(memory, at(900 * hour), { expect: { implementation: '0xa' } })).toEqual([])
    expect(found(memory, at(900 * hour), { expect: { implementation: '0xc' } })).toEqual([
      'setting-unexpected system:implementation critical',
    ])
  })

  test('a change is told a week, a day and an hour before, and not after', () => {
    const memory = after(seen(0, '0xa', upgrade()))
    const due = 8 * 24 * hour
    expect(found(memory, at(due - 7 * 24 * hour - 1))).toEqual([])
    const [week, day, soon] = ['change-ahead', 'change-tomorrow', 'change-soon']
    const told = (ms: number) => found(memory, at(ms)).map((line) => line.split(' ')[0])
    expect(told(due - 7 * 24 * hour)).toEqual([week])
    expect(told(due - 24 * hour)).toEqual([week, day])
    expect(told(due - hour)).toEqual([week, day, soon])
    expect(told(due)).toEqual([])
  })

  test('a setting that becomes something else than was announced is critical', () => {
    const other = after(seen(0, '0xa', upgrade()), seen(hour, '0xc', upgrade()))
    expect(found(other)).toEqual(['change-differs system:implementation critical'])
    const late = after(
      seen(0, '0xa', upgrade()),
      seen(hour, '0xb'),
      seen(2 * hour, '0xb', upgrade({ state: 'done' })),
    )
    expect(found(late)).toEqual(['setting-changed system:implementation info'])
  })

  test('one that is announced no more is forgotten; one that could not be seen, or is done, is not', () => {
    const announced = seen(0, '0xa', upgrade())
    const blind = {
      ...seen(hour, '0xa'),
      unseen: [{ part: 'changes' as const, reason: 'timeout' }],
    }
    expect(known(announced, seen(hour, '0xa'))).toEqual([])
    expect(known(announced, blind)).toEqual(['upgrade-1'])
    const done = seen(hour, '0xb', upgrade({ state: 'done' }))
    expect(known(announced, done, seen(2 * hour, '0xb'))).toEqual(['upgrade-1'])
    expect(known(announced, done, seen(100 * 24 * hour, '0xb'))).toEqual([])
  })

  test('what took effect otherwise than announced is told; as announced it is not', () => {
    const done = upgrade({ state: 'done', effectiveAt: at(hour) })
    const as = after(seen(0, '0xa', upgrade()), seen(hour, '0xb', done))
    expect(found(as).filter((line) => line.startsWith('change-differs'))).toEqual([])
    const otherwise = after(seen(0, '0xa', upgrade()), seen(hour, '0xc', done))
    expect(found(otherwise)).toContain('change-differs system:upgrade-1 critical')
    expect(otherwise.changes['upgrade-1']?.differs).toBe('implementation is 0xc, announced was 0xb')
  })
})

describe('deadlines', () => {
  const week = 7 * 24 * hour
  const clock = {
    ...emptySight(start),
    deadlines: [
      { name: 'forced-request:0x1', from: start, until: at(week), text: 'must be served' },
    ],
  }

  test('are told at half of their time and at four fifths, also where nobody looks any more', () => {
    const memory = after(clock)
    expect(found(memory, at(week / 2 - 1))).toEqual([])
    expect(found(memory, at(week / 2))).toEqual(['deadline-near system:forced-request:0x1 warning'])
    expect(found(memory, at(0.8 * week))).toEqual([
      'deadline-near system:forced-request:0x1 critical',
    ])
    expect(found(memory, at(2 * week))).toEqual([
      'deadline-near system:forced-request:0x1 critical',
    ])
  })

  test('one that could not be read this time runs on; one that is served is gone', () => {
    const blind = {
      ...emptySight(at(week)),
      unseen: [{ part: 'deadlines:forced-request' as const, reason: 'timeout' }],
    }
    expect(after(clock, blind).deadlines).toEqual(clock.deadlines)
    expect(after(clock, emptySight(at(week))).deadlines).toEqual([])
  })
})

describe('published marks', () => {
  /** A day of marks that are up to 8 bps from ours. */
  const usual = Array.from({ length: 6 * 24 }, (_, index) =>
    mark(index * 10 * minute, `${100_000 + ((index * 37) % 80)}`, '100000'),
  )
  const next = 24 * hour

  test('are compared with ours, in bps of ours', () => {
    expect(after(mark(0, '100123.46', '100000')).marks['BTC-USD']?.bps).toBe(12.35)
    expect(after(mark(0, '99000', '100000')).marks['BTC-USD']?.bps).toBe(-100)
    expect(after(mark(0, '99000')).marks['BTC-USD']?.bps).toBeUndefined()
  })

  test('one further away than it ever is is told, one as usual is not', () => {
    expect(found(after(...usual, mark(next, '100100', '100000')))).toEqual([])
    expect(found(after(...usual, mark(next, '101000', '100000')))).toEqual([
      'mark-apart system:BTC-USD warning',
    ])
  })

  test('where nothing is known to be usual only a whole per cent counts', () => {
    expect(found(after(mark(0, '100999', '100000')))).toEqual([])
    expect(found(after(mark(0, '101001', '100000')))).toEqual(['mark-apart system:BTC-USD warning'])
  })
})

describe('a look that did not come', () => {
  test('after five of them nothing is said of what goes on', () => {
    const memory = after({
      ...emptySight(start),
      heads: [head(1, -10 * minute)],
    })
    expect(found(memory, at(75_000))).toEqual(['chain-stalled system:l2 warning'])
    expect(found(memory, at(75_001))).toEqual([])
  })

  test('a part that cannot be seen for a quarter of an hour is told, and nothing of it is forgotten', () => {
    const lost = (ms: number) => ({
      ...emptySight(at(ms)),
      unseen: [{ part: 'settings' as const, reason: 'timeout' }],
    })
    const memory = after({ ...emptySight(start), settings: { a: '1' } }, lost(1), lost(2))
    expect(memory.settings['a']?.value).toBe('1')
    const [finding] = systemFindings(memory, { now: at(2), rules })
    expect(finding).toMatchObject({
      rule: 'watch-blind',
      subject: 'system:settings',
      since: at(1),
      afterMs: 15 * minute,
    })
  })
})

describe('what is stored', () => {
  test('the same sights give the same memory and the same findings, byte for byte', () => {
    const sight = fc
      .record({
        ms: fc.nat(10_000_000),
        number: fc.nat(1_000),
        lag: fc.nat(100),
        value: fc.constantFrom('0xa', '0xb'),
        price: fc.integer({ min: 90_000, max: 110_000 }),
        isDead: fc.boolean(),
      })
      .map(({ ms, number, lag, value, price, isDead }) => ({
        ...emptySight(at(ms)),
        heads: [isDead ? dead('one.example') : head(number, ms)],
        levels: [{ name: 'l1-lag', value: lag, unit: 'blocks', drains: true as const }],
        settings: { implementation: value },
        marks: [{ market: 'BTC-USD', mark: `${price}`, ours: '100000' }],
      }))
    fc.assert(
      fc.property(fc.array(sight, { minLength: 1, maxLength: 30 }), (some) => {
        const sights = some.toSorted((one, other) => one.at - other.at)
        // As history keeps them.
        const stored = JSON.parse(JSON.stringify(sights)) as typeof sights
        const [first, second] = [after(...sights), after(...stored)]
        expect(JSON.stringify(second)).toBe(JSON.stringify(first))
        const now = first.lookedAt
        expect(JSON.stringify(systemFindings(second, { now, rules }))).toBe(
          JSON.stringify(systemFindings(first, { now, rules })),
        )
      }),
    )
  })
})
