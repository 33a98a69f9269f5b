import process from 'node:process'

import { describe, expect, test } from 'vitest'

import { activeAt, ungoverned } from '../../lib/domain/parameters/governance.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { setOf } from '../../lib/runtime/parameters/parameters-of.ts'
import type { Workers } from '../../lib/runtime/world/workers.ts'
import { type Fate, mortalStore } from './mortal-store.ts'
import { fewerPushes } from './proposals.ts'
import { aDeployment, aPlace, playMinute } from './recorded-deployment.ts'
import { depeg } from './recorded-network.ts'
import { isRecorded } from './recorded-venues.ts'

const isThere = isRecorded(depeg.play.file)
if (!isThere) process.stdout.write('skipped: ../shared/data/prices is not there\n')

const minuteMs = 60_000
const who = { by: 'ann', why: 'fewer pushes' }

describe.runIf(isThere)('two deployments of one network', () => {
  test('change to another set, and back, with the same slot, though their processes are killed again and again', async () => {
    const place = await aPlace(depeg)
    const { network, store, desk } = place
    let calls = 0
    let killed = 0
    /** Each process dies at some call of its own, before or after it took effect. */
    function begun(name: string): { readonly workers: Workers; readonly isDead: () => boolean } {
      killed += 1
      const [dies, fate]: readonly [number, Fate] = [
        170 + killed * 13,
        killed % 2 === 0 ? 'dies-before' : 'dies-after',
      ]
      let own = 0
      const mortal = mortalStore(store, () => {
        calls += 1
        own += 1
        return own === dies ? fate : 'made'
      })
      return {
        workers: aDeployment(place, `${name}-${killed}`, mortal.store),
        isDead: mortal.isDead,
      }
    }
    const running = { one: begun('one'), other: begun('other') }
    const start = Math.ceil(depeg.play.from / minuteMs) * minuteMs
    for (let minute = 0; minute < 100; minute += 1) {
      if (minute === 2) {
        await desk.propose(fewerPushes.change, who)
        await desk.shadow(who)
      }
      if (minute === 63) await desk.activate({ ...who, inMs: 30_000, isForced: false })
      if (minute === 80) await desk.rollBack({ ...who, of: 1 })
      await playMinute(place, start + minute * minuteMs, (job, slot) => {
        const name = job === 'oracle-1' || (job !== 'oracle-2' && slot % 2 === 0) ? 'one' : 'other'
        if (running[name].isDead()) running[name] = begun(name)
        return running[name].workers
      })
    }
    expect(killed).toBeGreaterThan(10)
    expect(calls).toBeGreaterThan(2_000)

    const [own, set] = [setOf(network).hash, setOf(network, fewerPushes.change).hash]
    const stands = (await store.governance.read()) ?? ungoverned
    const events = (await store.governance.events(20)).map(({ kind }) => kind)
    expect(events.toReversed()).toEqual([
      'propose',
      'shadow',
      'activate',
      'activated',
      'roll-back',
      'rolled-back',
    ])
    // Whichever process did a slot, and however often it was killed: the moment alone says by which set.
    const bySlot = new Map<number, Set<string>>()
    for (const node of ['oracle-1', 'oracle-2']) {
      const entries = await store.history.recent('publish-prices', node, 100)
      expect(entries.length).toBeGreaterThan(80)
      for (const { slot, parameters = '' } of entries) {
        const active = activeAt(stands, timestamp(slot * minuteMs))
        expect(parameters).toBe(active?.hash ?? own)
        bySlot.set(slot, (bySlot.get(slot) ?? new Set()).add(parameters))
      }
    }
    expect([...bySlot.values()].filter(({ size }) => size !== 1)).toEqual([])
    expect(new Set([...bySlot.values()].flatMap((all) => [...all]))).toEqual(new Set([own, set]))
  }, 120_000)
})
