import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { decidePacking, packHistory, performPacking } from '../../lib/keepers/pack-history.ts'
import { aRecord, at, start, steppedClock } from '../adapters/store/samples.ts'

const hour = 60 * 60_000
const forever = { until: timestamp(8_640_000_000_000_000) }

const named = (subject: string) => ({ keeper: 'push-prices', subject })

const of = (subject: string, ms: number | undefined) => ({
  ...named(subject),
  oldestAt: ms === undefined ? undefined : at(ms),
})

/** Two keepers' slots, one a minute, for two and a half hours. */
async function aHistory() {
  const clock = steppedClock()
  const store = memoryStore({ clock })
  const subjects = ['core', 'evm']
  for (let minute = 0; minute < 150; minute += 1) {
    for (const subject of subjects)
      await store.history.keep(aRecord(minute, { subject, at: at(minute * 60_000) }))
    clock.pass(60_000)
  }
  return { clock, store }
}

describe('what is packed', () => {
  test('is of hours that were over for twenty minutes, the oldest first', () => {
    const subjects = [of('new', hour), of('old', 5), of('packed', undefined), of('older', 4)]
    const { actions, outcome } = decidePacking({ now: at(hour + 20 * 60_000), subjects })
    expect(actions).toEqual([{ kind: 'pack-history', due: [named('older'), named('old')] }])
    expect(outcome).toEqual({
      kind: 'done',
      reason: 'packed',
      detail: 'of 2 of 4 keepers and subjects, from 2025-11-24T16:00:00.004Z on',
    })
  })

  test('is nothing while no hour is over', () => {
    const { actions, outcome } = decidePacking({
      now: at(hour + 20 * 60_000 - 1),
      subjects: [of('core', 0)],
    })
    expect(actions).toEqual([])
    expect(outcome).toMatchObject({ kind: 'done', reason: 'nothing-due' })
  })
})

describe('one slot of it', () => {
  test('sees every keeper and subject, and packs all hours of all', async () => {
    const world = await aHistory()
    const keeper = packHistory(world)
    const view = await keeper.observe({ subject: 'network', slot: 1, slotAt: start, ...forever })
    expect(view.subjects).toEqual(
      ['core', 'evm'].map((subject) => ({ keeper: 'push-prices', subject, oldestAt: at(0) })),
    )
    const [action] = keeper.decide(view).actions
    if (action?.kind !== 'pack-history') throw new TypeError('nothing is due')
    await performPacking(world, action.due, forever)
    for (const subject of ['core', 'evm']) {
      const files = await world.store.history.files('push-prices', subject, at(0), at(9 * hour))
      expect(files.map(({ slots }) => slots)).toEqual([60, 60])
      expect(await world.store.history.oldestUnpacked('push-prices', subject)).toBe(at(2 * hour))
    }
  })

  test('begins no file that could not be ended in time, and none once it must be done', async () => {
    const { clock, store } = await aHistory()
    const due = [{ keeper: 'push-prices', subject: 'core' }]
    const files = async () => await store.history.files('push-prices', 'core', at(0), at(9 * hour))
    await performPacking({ clock, store }, due, { until: timestamp(clock.now() + 20_000) })
    await performPacking({ clock, store }, due, { ...forever, signal: AbortSignal.abort() })
    expect(await files()).toEqual([])
    await performPacking({ clock, store }, due, { until: timestamp(clock.now() + 20_001) })
    expect(await files()).toHaveLength(2)
  })

  test('goes on with the others where one fails, and says which', async () => {
    const { clock, store } = await aHistory()
    const { history } = store
    const broken = {
      history: {
        ...history,
        pack: async (keeper: string, subject: string) => {
          if (subject === 'core') throw new TypeError('blobs are unavailable')
          return await history.pack(keeper, subject)
        },
      },
    }
    const due = ['core', 'evm'].map((subject) => ({ keeper: 'push-prices', subject }))
    await expect(performPacking({ clock, store: broken }, due, forever)).rejects.toThrow(
      'history was not packed: push-prices core: blobs are unavailable',
    )
    expect(await store.history.files('push-prices', 'evm', at(0), at(9 * hour))).toHaveLength(2)
  })
})
