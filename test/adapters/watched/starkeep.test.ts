import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { restPlace } from '../../../lib/adapters/watched/rest-place.ts'
import { starkeepWatch } from '../../../lib/adapters/watched/starkeep.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import { systemFindings } from '../../../lib/domain/watch/system-findings.ts'
import { lookedBefore, type SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import { type ServedApp, serveApp } from '../../../lib/runtime/http/serve-app.ts'
import { reportsApp } from '../../../lib/runtime/reports/reports-app.ts'
import { movedClock } from '../../keepers/lane/lane-in-memory.ts'

/** The first deployment, as it serves its word, and the second one that watches it. */
const clock = movedClock()
let store = memoryStore({ clock })
let served: ServedApp
let memory: SystemMemory | undefined

beforeEach(async () => {
  store = memoryStore({ clock })
  memory = undefined
  const data = { network: 'first', chains: ['l2'], nodes: [], targets: {}, roundSeconds: 10 }
  const app = reportsApp({ ...data, clock, store })
  served = await serveApp({ app, port: 0, host: '127.0.0.1', named: { what: 'it', option: '-' } })
})

afterEach(async () => served.close())

/** The first deployment's watch looks. */
async function itLooks(state: 'up' | 'down' = 'up'): Promise<void> {
  const at = clock.now()
  await store.uptimes.write({ chain: 'l2', state, since: at, flippedAt: at, at, reason: '' })
}

/** The second one looks at it, a quarter of a minute later. */
async function look(): Promise<readonly string[]> {
  clock.pass(15_000)
  const still = { ...clock, sleep: () => new Promise<void>(() => undefined) }
  const system = starkeepWatch({
    name: 'first',
    rest: restPlace({ url: served.url }),
    clock: still,
  })
  const sight = await system.look(lookedBefore(memory), timestamp(clock.now() + 10_000))
  memory = remember('first', memory, sight, watchNumbers)
  const rules = { ownChains: {}, mostMs: {}, floors: {}, ceilings: {}, expect: {} }
  return systemFindings(memory, {
    now: clock.now(),
    rules: { ...rules, lookMs: 15_000, numbers: watchNumbers },
  }).map(({ rule, subject, severity }) => `${rule} ${subject} ${severity}`)
}

describe('another deployment', () => {
  test('whose watch looks is well', async () => {
    for (let looks = 0; looks < 10; looks += 1) {
      await itLooks()
      expect(await look()).toEqual([])
    }
  })

  test('whose watch is dead is told like a chain that stalls', async () => {
    for (let looks = 0; looks < 10; looks += 1) {
      await itLooks()
      await look()
    }
    const told = []
    for (let looks = 0; looks < 24; looks += 1) told.push(await look())
    expect(told.findIndex((all) => all.includes('chain-stalled first:watch warning'))).toBeLessThan(
      5,
    )
    expect(told.at(-1)).toEqual(['chain-stalled first:watch critical'])
    await itLooks()
    expect(await look()).toEqual([])
  })

  test('that does not answer, or has never looked, is one of which nothing is known', async () => {
    expect(await look()).toEqual(['chain-unreachable first:watch critical'])
    expect(memory?.chains['watch']?.places[new URL(served.url).host]?.trouble?.reason).toContain(
      'the watch of first has never looked',
    )
    await itLooks()
    expect(await look()).toEqual([])
    await served.close()
    expect(await look()).toContain('chain-unreachable first:watch critical')
  })

  test('tells which of its chains it calls down', async () => {
    await itLooks('up')
    await look()
    expect(memory?.settings).toMatchObject({ 'chain:l2': { value: 'not down' } })
    clock.pass(1_000)
    await itLooks('down')
    expect(await look()).toEqual(['setting-changed first:chain:l2 warning'])
  })
})
