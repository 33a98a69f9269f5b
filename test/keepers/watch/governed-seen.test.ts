import { expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { govern, settled, ungoverned } from '../../../lib/domain/parameters/governance.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { governedSeen } from '../../../lib/keepers/watch/governed-seen.ts'
import { movedClock } from '../lane/lane-in-memory.ts'

const rules = {
  minShadowMs: 0,
  leadMs: 0,
  probationMs: 60_000,
  approvals: 0,
  approvers: [],
  emergencyMs: 0,
}

test('of a network that nobody governs nothing is seen, and nobody is asked', async () => {
  const clock = movedClock()
  const seen = await governedSeen(memoryStore({ clock }), clock.now(), () => {
    throw new Error('nobody asks')
  })
  expect(seen).toEqual({ takenBack: [] })
})

test('what a guard took back is seen, and since when the active set is another one here', async () => {
  const clock = movedClock()
  const store = memoryStore({ clock })
  const now = clock.now()
  const who = { by: 'ann', why: 'fewer pushes' }
  const activate = {
    approvedBy: [],
    against: undefined,
    isForced: false,
    frozenBy: undefined,
    from: now,
  }
  let stands = ungoverned
  for (const command of [
    { ...who, kind: 'propose', hash: 'aa' },
    { ...who, kind: 'shadow' },
    { ...who, ...activate, kind: 'activate' },
    { by: 'guard', why: 'too far away', kind: 'roll-back', of: 1 },
  ] as const) {
    const before = settled(stands, now, rules)
    if (before !== stands) await store.governance.write(before, stands)
    const next = govern(before, command, { now, rules })
    await store.governance.write(next, before)
    stands = next
  }
  const difference = 'set 1 comes to bb here'
  const seen = await governedSeen(store, timestamp(now + 1), async () => difference)
  expect(seen.takenBack).toMatchObject([
    { kind: 'roll-back', by: 'guard', why: 'too far away', set: { number: 1 } },
  ])
  expect(seen.apart).toEqual({ difference, since: now })
})
