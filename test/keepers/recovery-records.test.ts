import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { recoveryIn, recoveryRecords } from '../../lib/keepers/recovery-records.ts'
import { turnsBefore } from '../../lib/keepers/turns-before.ts'
import { movedClock } from './lane/lane-in-memory.ts'
import { after, begin } from './liquidation-world.ts'

const rules = { graceSeconds: 10, stageSeconds: 5, mostWaitSeconds: 20 }

/** A store in which slots of jobs are recorded: at each of these seconds one, done unless it is said to be refused. */
function aStore() {
  const store = memoryStore({ clock: { ...movedClock(), now: () => after(1_000) } })
  const asked: string[] = []
  return {
    store,
    asked,
    watched: {
      ticks: {
        ...store.ticks,
        recent: async (job: string, subject: string, limit: number) => {
          asked.push(job)
          return store.ticks.recent(job, subject, limit)
        },
      },
    },
    async slots(job: string, times: readonly number[], kind: 'done' | 'refused' = 'done') {
      for (const at of times) {
        const slot = { job, subject: 'dex', slot: at }
        await store.ticks.claim(slot, 'w', after(at), after(at + 10))
        await store.ticks.finish(slot, 'w', { kind, reason: 'x', detail: '', at: after(at) })
      }
    },
  }
}

function seconds(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, at) => from + at)
}

function asks(slot: number, runs = true) {
  const everySeconds = 1
  const now = after(slot)
  return { job: 'liquidate', subject: 'dex', slot, everySeconds, rules, now, runs: () => runs }
}

describe('what the jobs recorded', () => {
  test('is not asked of the others where all is well', async () => {
    const it = aStore()
    await it.slots('liquidate', seconds(0, 300))
    const records = await recoveryRecords(it.watched, asks(300))
    expect(it.asked).toEqual(['liquidate'])
    expect(recoveryIn(records, { ...asks(300), unpriced: 0 })).toEqual({ stage: 'well' })
  })

  test('says that a slot which was claimed before is still at work, and not that one which crashed is', async () => {
    const it = aStore()
    await it.slots('liquidate', seconds(0, 300))
    const claim = async (slot: number, at: number) =>
      it.store.ticks.claim({ job: 'liquidate', subject: 'dex', slot }, 'w', after(at), after(400))
    await claim(300, 300)
    await claim(301, 301)
    const records = async (slot: number, at: number) =>
      recoveryRecords(it.watched, { ...asks(slot), now: after(at) })
    expect((await records(301, 301)).overlaps).toBe(true)
    expect((await records(300, 301)).overlaps).toBeUndefined()
    // Claimed out of order: whoever came first goes on.
    await claim(303, 320)
    await claim(302, 321)
    expect((await records(302, 322)).overlaps).toBe(true)
    expect((await records(303, 322)).overlaps).toBeUndefined()
  })

  test('says in which stage the exchange is', async () => {
    const it = aStore()
    await it.slots('liquidate', seconds(0, 100))
    await it.slots('liquidate', seconds(100, 110), 'refused')
    await it.slots('liquidate', seconds(110, 150))
    const stageAt = async (slot: number, runs = true) =>
      recoveryIn(await recoveryRecords(it.store, asks(slot, runs)), {
        ...asks(slot, runs),
        unpriced: 0,
      }).stage
    expect(await stageAt(112)).toBe('prices')
    await it.slots('push-prices', [115])
    expect(await stageAt(116)).toBe('funding')
    await it.slots('settle-funding', [118], 'refused')
    expect(await stageAt(119)).toBe('funding')
    await it.slots('settle-funding', [120])
    expect([await stageAt(121), await stageAt(131), await stageAt(150)]).toEqual([
      'grace',
      'ramp',
      'well',
    ])
    expect(await stageAt(112, false)).toBe('grace')
  })

  test('does not count the slot that asks, nor any after it', async () => {
    const it = aStore()
    await it.slots('liquidate', seconds(0, 201))
    const { before } = await recoveryRecords(it.store, asks(200))
    expect(before[0]?.claimedAt).toBe(after(199))
  })
})

/** What the next slot reads of such a decision. */
async function kept(decided: unknown) {
  const { store } = aStore()
  await store.history.record({
    keeper: 'liquidate',
    subject: 'dex',
    slot: 1,
    at: begin,
    view: '{}',
    decided: JSON.stringify(decided),
  })
  return turnsBefore(store, 'dex')
}

describe('what the slot before knew of the other keepers', () => {
  const turns = {
    since: { '0xa': begin },
    left: { '0xk': { times: 2, at: timestamp(begin + 1) } },
    ours: ['0xa'],
  }
  const nothing = { since: {}, left: {}, ours: [] }

  test('is in history', async () => {
    expect(await kept({ outcome: {}, turns })).toEqual(turns)
  })

  test('is nothing before the first slot, and where another version wrote it', async () => {
    expect(await turnsBefore(aStore().store, 'dex')).toEqual(nothing)
    expect(await kept({ outcome: {} })).toEqual(nothing)
    expect(await kept({ turns: { since: { '0xa': 'yesterday' }, left: {}, ours: [] } })).toEqual(
      nothing,
    )
  })
})
