import { setTimeout as wait } from 'node:timers/promises'

import { expect, onTestFinished, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { StoreUnavailableError } from '../../lib/adapters/store/unavailable.ts'
import { incidentsView } from '../../lib/runtime/view/incidents-view.ts'
import { collectProblems } from '../../lib/runtime/view/problems.ts'
import { movedClock } from '../keepers/lane/lane-in-memory.ts'
import { aNetwork } from './a-network.ts'

test('a store that answers nothing, one question after another, brings nobody down', async () => {
  const unwatched: unknown[] = []
  const note = (reason: unknown): void => void unwatched.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  const clock = movedClock()
  const store = memoryStore({ clock })
  const silent = {
    ...store,
    incidents: {
      ...store.incidents,
      open: () => unavailable(0),
      recent: () => unavailable(10),
    },
    desk: { ...store.desk, silences: () => unavailable(20) },
  }
  const look = { network: aNetwork(), store: silent, now: clock.now(), problems: collectProblems() }
  await expect(incidentsView(look)).rejects.toThrow(StoreUnavailableError)
  await wait(50)
  expect(unwatched).toEqual([])
})

async function unavailable(afterMs: number): Promise<never> {
  await wait(afterMs)
  throw new StoreUnavailableError('query', new Error('timeout'))
}
