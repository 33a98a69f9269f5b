import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import {
  type GovernanceCommand,
  type GovernanceRules,
  isOnProbation,
  shadowAt,
} from '../../../lib/domain/parameters/governance.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { governanceNow, governed } from '../../../lib/keepers/govern/governor.ts'
import { guarded } from '../../../lib/keepers/govern/guarded.ts'
import { movedClock } from '../lane/lane-in-memory.ts'

const rules: GovernanceRules = {
  minShadowMs: 0,
  leadMs: 5_000,
  probationMs: 60_000,
  approvals: 0,
  approvers: [],
  emergencyMs: 600_000,
}
const who = { by: 'ann', why: 'because' }

/** Set 1 becomes active in five seconds. */
async function planned(own: GovernanceRules = rules) {
  const clock = movedClock()
  const world = { clock, store: memoryStore({ clock }), rules: own }
  const step = async (command: GovernanceCommand) => governed(world, () => command)
  await step({ ...who, kind: 'propose', hash: 'aa' })
  await step({ ...who, kind: 'shadow' })
  await step({
    ...who,
    kind: 'activate',
    from: timestamp(clock.now() + 5_000),
    approvedBy: [],
    against: undefined,
    isForced: false,
    frozenBy: undefined,
  })
  return { clock, world, step }
}

const takeBack = { kind: 'take-back', of: 1, why: 'bad numbers' } as const

test('a guard takes back what is on probation', async () => {
  const { clock, world } = await planned()
  clock.pass(10_000)
  const { next } = await guarded(world, takeBack)
  expect(next).toMatchObject({ how: 'roll-back', set: undefined })
})

test('while an emergency set decides, or is about to, it takes nothing back; after that it does', async () => {
  const { clock, world, step } = await planned()
  clock.pass(10_000)
  const until = timestamp(clock.now() + 30_000)
  await step({ ...who, kind: 'emergency', hash: 'ee', until })
  for (const passMs of [0, 500, 10_000]) {
    clock.pass(passMs)
    expect((await guarded(world, takeBack)).event.kind).toBe('emergency')
  }
  clock.pass(20_000)
  expect((await guarded(world, takeBack)).event).toMatchObject({ kind: 'roll-back', by: 'guard' })
  clock.pass(1_000)
  expect((await governanceNow(world)).active).toBeUndefined()
})

test.each([
  [4_000, 'withdraw'],
  [4_001, 'activate'],
])(
  'the calendar calls an activation off until a second before it: after %i of 5,000 ms it comes to %s',
  async (passMs, kind) => {
    const { clock, world } = await planned()
    clock.pass(passMs)
    const { event } = await guarded(world, { kind: 'call-off', of: 1, why: 'an upgrade' })
    expect(event.kind).toBe(kind)
  },
)

describe('a probation that guards watch', () => {
  const watched = { ...rules, isGuarded: true }

  test('is over when they say so, and not by time alone', async () => {
    const { clock, world } = await planned(watched)
    clock.pass(64_999)
    expect((await guarded(world, { kind: 'confirm', of: 1 })).event.kind).toBe('activated')
    clock.pass(3_600_000)
    const waiting = await governanceNow(world)
    expect(isOnProbation(waiting, clock.now())).toBe(true)
    expect(shadowAt(waiting, clock.now())).toEqual({ kind: 'previous', set: undefined })
    expect((await guarded(world, { kind: 'confirm', of: 2 })).event.kind).toBe('activated')
    const over = await guarded(world, { kind: 'confirm', of: 1 })
    expect(over.event).toMatchObject({ kind: 'confirmed', by: 'guard', set: { number: 1 } })
    expect(isOnProbation(over, clock.now())).toBe(false)
  })

  test('begins anew where nobody looked for a while, once', async () => {
    const { clock, world } = await planned(watched)
    clock.pass(600_000)
    const from = timestamp(clock.now() - 1_000)
    const anew = { kind: 'prolong', of: 1, from, why: 'nobody looked' } as const
    const prolonged = await guarded(world, anew)
    expect(prolonged.probation).toEqual({ from, until: from + 60_000, isGuarded: true })
    expect((await guarded(world, anew)).version).toBe(prolonged.version)
    expect((await guarded(world, { kind: 'confirm', of: 1 })).event.kind).toBe('prolong')
    clock.pass(59_000)
    expect((await guarded(world, { kind: 'confirm', of: 1 })).event.kind).toBe('confirmed')
  })

  test('waits while an emergency set decides', async () => {
    const { clock, world, step } = await planned(watched)
    clock.pass(10_000)
    await step({ ...who, kind: 'emergency', hash: 'ee', until: timestamp(clock.now() + 31_000) })
    clock.pass(20_000)
    const { version } = await governanceNow(world)
    const asked = [
      { kind: 'confirm', of: 1 },
      { kind: 'prolong', of: 1, from: clock.now(), why: 'nobody looked' },
    ] as const
    for (const wanted of asked) expect((await guarded(world, wanted)).version).toBe(version)
    // 5 s of it had passed, and 30 s were the emergency's.
    clock.pass(64_999)
    expect((await guarded(world, { kind: 'confirm', of: 1 })).event.kind).toBe('expired')
    clock.pass(1)
    expect((await guarded(world, { kind: 'confirm', of: 1 })).event.kind).toBe('confirmed')
  })

  test('is passed by time where nobody watches any more', async () => {
    const { clock, world } = await planned(watched)
    clock.pass(10_000)
    await governanceNow(world)
    clock.pass(60_000)
    const { event } = await governanceNow({ ...world, rules })
    expect(event).toMatchObject({ kind: 'confirmed', by: 'time' })
  })
})
