import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  activeAt,
  type Governance,
  type GovernanceCommand,
  GovernanceRefusedError,
  type GovernanceRules,
  govern,
  isOnProbation,
  passed,
  rollBackLeadMs,
  settled,
  shadowAt,
  ungoverned,
} from '../../../lib/domain/parameters/governance.ts'
import type { SetReference } from '../../../lib/domain/parameters/parameter-set.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'

const rules: GovernanceRules = {
  minShadowMs: 60_000,
  leadMs: 10_000,
  probationMs: 120_000,
  approvals: 2,
  approvers: ['ann', 'ben', 'cleo'],
  emergencyMs: 600_000,
}
const start = 1_764_000_000_000
const at = (ms: number): Timestamp => timestamp(start + ms)
const who = { by: 'ann', why: 'fewer pushes' }

/** One command after another, each at its time. */
function after(...steps: readonly (readonly [number, GovernanceCommand])[]): Governance {
  return steps.reduce((state, [ms, command]) => {
    const now = at(ms)
    return govern(settled(state, now, rules), command, { now, rules })
  }, ungoverned)
}

const propose = (hash = 'aa'): GovernanceCommand => ({ ...who, kind: 'propose', hash })
const shadow: GovernanceCommand = { ...who, kind: 'shadow' }
const approve = (by: string, hash = 'aa'): GovernanceCommand => ({
  kind: 'approve',
  by,
  why: 'I looked at it',
  hash,
  signature: '0x01',
})
const activate = (from: number, change: object = {}): GovernanceCommand => ({
  ...who,
  kind: 'activate',
  from: at(from),
  approvedBy: rules.approvers,
  against: undefined,
  isForced: false,
  frozenBy: undefined,
  ...change,
})
const rollBack = (of: number): GovernanceCommand => ({ ...who, kind: 'roll-back', of })
const emergency = (until: number, hash = 'ee'): GovernanceCommand => ({
  ...who,
  kind: 'emergency',
  hash,
  until: at(until),
})

const approved = [
  [0, propose()],
  [1_000, shadow],
  [2_000, approve('ann')],
  [3_000, approve('ben')],
] as const
const one = { number: 1, hash: 'aa' }

describe('parameters change in phases', () => {
  test('nothing that is proposed or in shadow decides', () => {
    expect(activeAt(after(...approved), at(50_000))).toBeUndefined()
  })

  test('what was in shadow and approved decides from its moment on, and is on probation', () => {
    const state = after(...approved, [61_000, activate(80_000)])
    expect(activeAt(state, at(79_999))).toBeUndefined()
    expect(activeAt(state, at(80_000))).toEqual(one)
    const later = settled(state, at(90_000), rules)
    expect(later.event).toMatchObject({ kind: 'activated', at: at(80_000), set: one })
    expect(later.probation).toEqual({ from: at(80_000), until: at(200_000) })
    expect(settled(later, at(200_000), rules).event.kind).toBe('confirmed')
  })

  test('the candidate decides beside the active set; on probation the set before it does', () => {
    const state = after(...approved)
    expect(shadowAt(state, at(999))).toBeUndefined()
    expect(shadowAt(state, at(1_000))).toEqual({ kind: 'candidate', set: one })
    const next = govern(state, activate(80_000), { now: at(61_000), rules })
    expect(shadowAt(next, at(80_000))).toEqual({ kind: 'previous', set: undefined })
    const later = settled(next, at(90_000), rules)
    expect(shadowAt(later, at(199_999))).toEqual({ kind: 'previous', set: undefined })
    expect(shadowAt(later, at(200_000))).toBeUndefined()
  })

  test.each<[string, readonly (readonly [number, GovernanceCommand])[], string]>([
    ['without a proposal', [[0, shadow]], 'cannot shadow: nothing is proposed'],
    [
      'two at once',
      [
        [0, propose()],
        [1, propose('bb')],
      ],
      'cannot propose: set 1 is proposed already, by ann: fewer pushes; withdraw it first',
    ],
    [
      'without shadow',
      [
        [0, propose()],
        [1, activate(20_000)],
      ],
      'it has not been in shadow yet',
    ],
    [
      'too short in shadow',
      [...approved, [60_999, activate(80_000)]],
      'it must be in shadow until',
    ],
    [
      'too few approvals',
      [
        [0, propose()],
        [0, shadow],
        [1, approve('ann')],
        [61_000, activate(80_000)],
      ],
      '1 of 2 approvals are there',
    ],
    [
      'approved with keys that are others’ since',
      [...approved, [61_000, activate(80_000, { approvedBy: ['ann', 'cleo'] })]],
      '1 of 2 approvals are there; what ben signed does not count, since the network file has another key for them, or none',
    ],
    [
      'approved twice by one',
      [...approved, [4_000, approve('ben')]],
      'ben has approved it already',
    ],
    [
      'approved by a stranger',
      [...approved, [4_000, approve('eve')]],
      'eve is none of the approvers',
    ],
    [
      'another set was signed',
      [...approved, [4_000, approve('cleo', 'bb')]],
      'has the hash aa, and not the one that was signed',
    ],
    [
      'at once',
      [...approved, [61_000, activate(70_999)]],
      'it must begin 10 s from now at the earliest',
    ],
    [
      'in a month',
      [...approved, [61_000, activate(30 * 86_400_000)]],
      'it must begin within seven days',
    ],
    [
      'around an upgrade',
      [...approved, [61_000, activate(80_000, { frozenBy: 'upgrade of the core' })]],
      'do not change around upgrade of the core',
    ],
    [
      'against its shadow run',
      [...approved, [61_000, activate(80_000, { against: 'half of the slots had no price' })]],
      'half of the slots had no price',
    ],
    ['nothing before', [[0, rollBack(0)]], 'there is no set before this one'],
    [
      'another set',
      [...approved, [61_000, activate(80_000)], [81_000, rollBack(0)]],
      'set 1 (aa) is active, and not set 0',
    ],
    ['too long an emergency', [[0, emergency(600_001)]], 'it may hold for 10 minutes at most'],
    ['nameless', [[0, { ...propose(), by: ' ' }]], 'nobody is named'],
    ['without a reason', [[0, { ...propose(), why: '' }]], 'no reason is given'],
  ])('%s is refused in words', (_name, steps, words) => {
    expect(() => after(...steps)).toThrow(GovernanceRefusedError)
    expect(() => after(...steps)).toThrow(words)
  })

  test('whoever is no approver any more has not approved, and whoever has another key may approve again', () => {
    const now = at(61_000)
    const fewer = { ...rules, approvers: ['ben', 'cleo'] }
    const state = after(...approved)
    expect(() => govern(state, activate(80_000), { now, rules: fewer })).toThrow(
      '1 of 2 approvals are there; what ann signed does not count',
    )
    const again = { ...approve('ben'), signature: '0x02' } as const
    const { candidate } = after(...approved, [4_000, again])
    expect(candidate?.approvals.map(({ by, signature }) => [by, signature])).toEqual([
      ['ann', '0x01'],
      ['ben', '0x02'],
    ])
  })

  test('forced through, the step says against what', () => {
    const against = 'half of the slots had no price'
    const state = after(...approved, [61_000, activate(80_000, { against, isForced: true })])
    expect(state.event.why).toBe(`fewer pushes (forced, although ${against})`)
  })

  test('a set that is taken back is gone with the next second, and nobody takes back a second one with it', () => {
    const live = [...approved, [61_000, activate(80_000)]] as const
    const state = after(...live, [81_000, rollBack(1)])
    expect(activeAt(state, at(81_000 + rollBackLeadMs - 1))).toEqual(one)
    expect(activeAt(state, at(81_000 + rollBackLeadMs))).toBeUndefined()
    expect(() => after(...live, [81_000, rollBack(1)], [81_001, rollBack(1)])).toThrow(
      'it is done already',
    )
    expect(() => after(...live, [81_000, rollBack(1)], [83_000, rollBack(1)])).toThrow(
      'the network file’s own set is active, and not set 1',
    )
  })

  test('an emergency set holds until its time, whatever is on probation meanwhile', () => {
    const live = [...approved, [61_000, activate(80_000)]] as const
    const state = after(...live, [90_000, emergency(100_000)])
    const two = { number: 2, hash: 'ee' }
    expect(activeAt(state, at(90_999))).toEqual(one)
    expect(activeAt(state, at(91_000))).toEqual(two)
    expect(activeAt(state, at(100_000))).toEqual(one)
    expect(settled(state, at(100_000), rules).event).toMatchObject({ kind: 'expired', set: two })
    const back = after(...live, [90_000, emergency(100_000)], [95_000, rollBack(2)])
    expect(activeAt(back, at(96_000))).toEqual(one)
  })

  test('what an emergency set decides instead does not count as probation of the active one', () => {
    const live = [...approved, [61_000, activate(80_000)]] as const
    const during = after(...live, [90_000, emergency(100_000)])
    // 11 s of its two minutes were over when the emergency began.
    expect(isOnProbation(during, at(90_999))).toBe(true)
    expect(isOnProbation(during, at(91_000))).toBe(false)
    expect(isOnProbation(during, at(100_000))).toBe(true)
    expect(isOnProbation(during, at(208_999))).toBe(true)
    expect(isOnProbation(during, at(209_000))).toBe(false)
    // Taken back after 5 s of it, or followed by another one until 120 s.
    const sooner = after(...live, [90_000, emergency(100_000)], [95_000, rollBack(2)])
    expect(sooner.probation).toEqual({ from: at(80_000), until: at(205_000) })
    const longer = after(...live, [90_000, emergency(100_000)], [95_000, emergency(120_000)])
    expect(longer.probation).toEqual({ from: at(80_000), until: at(229_000) })
    // Nobody is confirmed in one.
    const long = after(...live, [90_000, emergency(600_000)])
    expect(settled(long, at(599_999), rules).event.kind).toBe('emergency')
    expect(settled(long, at(709_000), rules).event).toMatchObject({
      kind: 'confirmed',
      at: at(709_000),
    })
  })

  test('no emergency begins beside another step that holds from the next second on', () => {
    const live = [...approved, [61_000, activate(80_000)]] as const
    expect(() => after(...live, [90_000, rollBack(1)], [90_999, emergency(100_000)])).toThrow(
      'the network file’s own set is about to become active; try again in a second',
    )
    expect(() =>
      after(...live, [90_000, emergency(100_000)], [90_999, emergency(100_000, 'ff')]),
    ).toThrow('set 2 (ee) is about to begin; try again in a second')
    const second = after(...live, [90_000, emergency(100_000)], [91_000, emergency(99_000, 'ff')])
    expect(activeAt(second, at(98_999))).toEqual({ number: 3, hash: 'ff' })
    expect(activeAt(second, at(99_000))).toEqual(one)
  })

  test('an activation that has not come can be withdrawn', () => {
    const state = after(
      ...approved,
      [61_000, activate(80_000)],
      [79_000, { ...who, kind: 'withdraw' }],
    )
    expect(activeAt(state, at(80_000))).toBeUndefined()
    expect(settled(state, at(500_000), rules).version).toBe(state.version)
  })

  describe('in the last second before an activation, when some have read of it and others have not', () => {
    const coming = [...approved, [61_000, activate(80_000)]] as const
    const late = 80_000 - rollBackLeadMs + 1

    test('nobody withdraws it any more: it is taken back as soon as it holds', () => {
      const withdraw = { ...who, kind: 'withdraw' } as const
      expect(() => after(...coming, [late, withdraw])).toThrow(
        'set 1 (aa) becomes active 2025-11-24T16:01:20.000Z, which workers have read already',
      )
      expect(activeAt(after(...coming, [late - 1, withdraw]), at(80_000))).toBeUndefined()
      const back = after(...coming, [80_000, rollBack(1)])
      expect(activeAt(back, at(80_000 + rollBackLeadMs))).toBeUndefined()
    })

    test('what is active is not taken back beside it', () => {
      expect(() => after(...coming, [late, rollBack(0)])).toThrow(
        'set 1 (aa) is about to become active',
      )
    })

    test('no emergency begins: what is safer than the one may not be than the other', () => {
      expect(() => after(...coming, [late, emergency(100_000)])).toThrow(
        'set 1 (aa) is about to become active; try again in a second',
      )
      const sooner = after(...coming, [late - 1, emergency(100_000)])
      expect(activeAt(sooner, at(80_000))).toEqual({ number: 2, hash: 'ee' })
      expect(activeAt(sooner, at(100_000))).toBeUndefined()
    })
  })
})

/** Whatever anybody may try, with what an operator had seen some time ago. */
const attempts = fc.array(
  fc.record({
    passMs: fc.oneof(fc.nat(2_000), fc.nat(100_000)),
    /** Instead, until so long before what comes next, where something does. */
    beforeNextMs: fc.oneof(fc.constant(undefined), fc.nat(1_500)),
    kind: fc.constantFrom(
      'onward',
      'onward',
      'onward',
      'propose',
      'shadow',
      'approve',
      'activate',
      'withdraw',
      'roll-back',
      'emergency',
    ),
    by: fc.constantFrom('ann', 'ben', 'cleo', 'eve'),
    of: fc.nat(6),
    aheadMs: fc.nat(60_000),
    isForced: fc.boolean(),
    against: fc.boolean(),
  }),
  { maxLength: 60 },
)

type Attempt = typeof attempts extends fc.Arbitrary<readonly (infer One)[]> ? One : never

function commandOf(
  { kind, by, of, aheadMs, isForced, against }: Attempt,
  now: number,
  state: Governance,
): GovernanceCommand {
  const person = { by, why: 'because' }
  switch (kind) {
    case 'onward':
      return onwardFrom(state, now, aheadMs)
    case 'propose':
      return { ...person, kind, hash: `h${now}` }
    case 'approve':
      return { ...person, kind, hash: state.candidate?.set.hash ?? 'none', signature: '0x01' }
    case 'activate':
      return {
        ...person,
        kind,
        from: timestamp(now + aheadMs),
        approvedBy: ['ann', 'ben', 'cleo', 'eve'],
        isForced,
        against: against ? 'it is bad' : undefined,
        frozenBy: undefined,
      }
    case 'roll-back':
      return { ...person, kind, of: of < 5 ? (state.active?.number ?? 0) : of }
    case 'emergency':
      return { ...person, kind, hash: `e${now}`, until: timestamp(now + aheadMs * 20) }
    case 'shadow':
    case 'withdraw':
      return { ...person, kind }
  }
}

/** What somebody does who wants to see a set active. */
function onwardFrom({ candidate }: Governance, now: number, aheadMs: number): GovernanceCommand {
  const person = { by: 'ann', why: 'because' }
  if (!candidate) return { ...person, kind: 'propose', hash: `h${now}` }
  if (candidate.shadowSince === undefined) return { ...person, kind: 'shadow' }
  const by = rules.approvers.find((name) => candidate.approvals.every((given) => given.by !== name))
  if (candidate.approvals.length < rules.approvals && by !== undefined)
    return { by, why: 'because', kind: 'approve', hash: candidate.set.hash, signature: '0x01' }
  const from = timestamp(now + rules.leadMs + aheadMs)
  return {
    ...person,
    kind: 'activate',
    from,
    approvedBy: rules.approvers,
    isForced: true,
    against: undefined,
    frozenBy: undefined,
  }
}

type Played = { readonly states: readonly (readonly [number, Governance])[] }

function play(all: readonly Attempt[]): Played {
  const states: (readonly [number, Governance])[] = [[start, ungoverned]]
  let now = start
  let state = ungoverned
  for (const attempt of all) {
    const shortly = (state.next?.from ?? -Infinity) - (attempt.beforeNextMs ?? Infinity)
    now = shortly > now ? shortly : now + attempt.passMs
    for (;;) {
      const later = passed(state, timestamp(now), rules)
      if (!later) break
      state = later
      states.push([now, state])
    }
    try {
      state = govern(state, commandOf(attempt, now, state), { now: timestamp(now), rules })
      states.push([now, state])
    } catch (error) {
      if (!(error instanceof GovernanceRefusedError)) throw error
    }
  }
  return { states }
}

describe('whatever is tried, in whatever order', () => {
  test('no step changes what decides now, or decided: two that read before and after it agree', () => {
    fc.assert(
      fc.property(attempts, (all) => {
        const { states } = play(all)
        for (const [index, [now, state]] of states.entries()) {
          const before = states[index - 1]?.[1]
          if (!before) continue
          for (const ms of [-60_000, -1_000, -1, 0, 1, rollBackLeadMs - 1])
            expect(activeAt(state, timestamp(now + ms))).toEqual(
              activeAt(before, timestamp(now + ms)),
            )
        }
      }),
      { numRuns: 500 },
    )
  })

  test('no set decides that was not in shadow long enough and approved by two, but for an emergency or one that decided before', () => {
    fc.assert(
      fc.property(attempts, (all) => {
        const { states } = play(all)
        const mayDecide = new Set<string>()
        const shadowSince = new Map<string, number>()
        const approvedBy = new Map<string, Set<string>>()
        for (const [now, { event, timeline }] of states) {
          const hash = event.set?.hash ?? ''
          if (event.kind === 'shadow') shadowSince.set(hash, now)
          if (event.kind === 'approve')
            approvedBy.set(hash, (approvedBy.get(hash) ?? new Set()).add(event.by))
          const wasLong = now - (shadowSince.get(hash) ?? Infinity) >= rules.minShadowMs
          const approvers = approvedBy.get(hash) ?? new Set()
          const may = wasLong && approvers.size >= 2 && !approvers.has('eve')
          if (event.kind === 'activate' && may) mayDecide.add(hash)
          if (event.kind === 'emergency') mayDecide.add(hash)
          for (const { set } of timeline)
            expect(set === undefined || mayDecide.has(set.hash)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a set is confirmed when it has decided for as long as its probation takes', () => {
    let confirmed = 0
    fc.assert(
      fc.property(attempts, (all) => {
        let since = 0
        for (const [, { event, timeline }] of play(all).states) {
          if (event.kind === 'activated') since = event.at
          if (event.kind !== 'confirmed') continue
          confirmed += 1
          const turns = timeline.filter(({ from }) => from < event.at)
          const decided = turns.reduce((sum, { set, from }, index) => {
            const end = turns[index + 1]?.from ?? event.at
            return set?.number === event.set?.number ? sum + end - Math.max(from, since) : sum
          }, 0)
          expect(decided).toBe(rules.probationMs)
        }
      }),
      { numRuns: 500 },
    )
    expect(confirmed).toBeGreaterThan(50)
  })

  test('taking back gives exactly what decided before', () => {
    fc.assert(
      fc.property(attempts, (all) => {
        const { states } = play(all)
        // What decided before each activation, by our own account of the steps.
        const stack: (SetReference | undefined)[] = []
        let active: SetReference | undefined
        for (const [, state] of states) {
          if (state.event.kind === 'activated' && state.event.version === state.version) {
            stack.push(active)
            active = state.event.set
          }
          if (state.event.kind === 'rolled-back' && state.event.version === state.version)
            active = stack.pop()
          expect(state.active).toEqual(active)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('numbers only grow, and every step has its own version', () => {
    fc.assert(
      fc.property(attempts, (all) => {
        const { states } = play(all)
        const versions = states.map(([, { version }]) => version)
        expect(versions).toEqual(versions.map((_, index) => index))
        for (const [index, [, { newest }]] of states.entries())
          expect(newest).toBeGreaterThanOrEqual(states[index - 1]?.[1].newest ?? 0)
      }),
    )
  })
})
