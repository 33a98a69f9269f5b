import { expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import type {
  GovernanceCommand,
  GovernanceRules,
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
async function planned() {
  const clock = movedClock()
  const world = { clock, store: memoryStore({ clock }), rules }
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
