import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import type { GovernanceRules } from '../../../lib/domain/parameters/governance.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { governing } from '../../../lib/keepers/govern/govern.ts'
import { governed } from '../../../lib/keepers/govern/governor.ts'
import { guarded } from '../../../lib/keepers/govern/guarded.ts'
import { movedClock } from '../lane/lane-in-memory.ts'

const rules: GovernanceRules = {
  minShadowMs: 0,
  leadMs: 5_000,
  probationMs: 120_000,
  isGuarded: true,
  approvals: 0,
  approvers: [],
  emergencyMs: 600_000,
}
const guards = {
  refusedPercent: 10,
  costFactor: 2,
  pushAgeFactor: 2,
  revertedPercent: 20,
  mostBps: 20,
  leanBps: 20,
  frozenMs: 0,
}
const who = { by: 'ann', why: 'because' }

/** Set 1 is active since now, and guards look every ten seconds. */
async function onProbation() {
  const clock = movedClock()
  const store = memoryStore({ clock })
  const world = { clock, store, rules }
  await governed(world, () => ({ ...who, kind: 'propose', hash: 'aa' }))
  await governed(world, () => ({ ...who, kind: 'shadow' }))
  await governed(world, () => ({
    ...who,
    kind: 'activate',
    from: timestamp(clock.now() + 5_000),
    approvedBy: [],
    against: undefined,
    isForced: false,
    frozenBy: undefined,
  }))
  clock.pass(5_000)
  const keeper = governing({
    clock,
    store,
    nodes: [],
    engines: [],
    lanes: [],
    everySeconds: 10,
    watched: [],
    rules: guards,
    policyOf: async () => ({}),
  })
  let slot = 0
  return {
    clock,
    /** So many looks; answers what they said, each once. */
    async look(times = 1): Promise<readonly string[]> {
      const said: string[] = []
      for (let time = 0; time < times; time += 1) {
        slot += 1
        const at = clock.now()
        const until = timestamp(at + 5_000)
        const view = await keeper.observe({ subject: 'network', slot, slotAt: at, until })
        const { actions, outcome } = keeper.decide(view)
        for (const action of actions)
          if (action.kind === 'govern') await guarded(world, action.command)
        await store.history.record({
          keeper: 'govern',
          subject: 'network',
          slot,
          at: timestamp(clock.now() + 20),
          view: '{}',
          decided: '{}',
        })
        if (said.at(-1) !== outcome.reason) said.push(outcome.reason)
        clock.pass(10_000)
      }
      return said
    },
    stands: async () => store.governance.read(),
  }
}

describe('guards', () => {
  test('confirm a set that they have watched for as long as its probation takes', async () => {
    const it = await onProbation()
    // That its moment has come is written down by the first look.
    expect(await it.look(12)).toEqual(['nothing-due', 'on-probation'])
    expect(await it.look(2)).toEqual(['confirmed', 'nothing-due'])
    expect((await it.stands())?.event).toMatchObject({ kind: 'confirmed', by: 'guard' })
  })

  test('let a probation begin anew after a pause in which nobody looked, also one in which it would have ended', async () => {
    for (const pauseMs of [60_000, 3_600_000]) {
      const it = await onProbation()
      await it.look(6)
      it.clock.pass(pauseMs)
      const backAt = it.clock.now()
      expect(await it.look(12)).toEqual(['prolonged', 'on-probation'])
      expect((await it.stands())?.probation?.from).toBe(backAt)
      expect(await it.look()).toEqual(['confirmed'])
    }
  })

  test('a look that is late is no pause', async () => {
    const it = await onProbation()
    await it.look(4)
    it.clock.pass(20_000)
    expect(await it.look(6)).toEqual(['on-probation'])
    expect(await it.look()).toEqual(['confirmed'])
  })

  test('a set that became active while nobody was there is on probation from the first look on', async () => {
    const it = await onProbation()
    it.clock.pass(600_000)
    const backAt = it.clock.now()
    expect(await it.look(12)).toEqual(['nothing-due', 'prolonged', 'on-probation'])
    expect((await it.stands())?.probation?.from).toBe(backAt + 20)
    expect(await it.look(2)).toEqual(['on-probation', 'confirmed'])
  })
})
