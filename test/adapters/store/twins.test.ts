import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { freshPace } from '../../../lib/domain/channel-pace.ts'
import type { Store } from '../../../lib/ports.ts'
import { emulator, noEmulator } from './emulator.ts'
import {
  aLane,
  anIncident,
  anIntent,
  aReport,
  claimed,
  dayMs,
  failed,
  heardOpen,
  settled,
  type SteppedClock,
  steppedClock,
} from './samples.ts'

/** One thing done to a store; what it answers must not depend on which store it is. */
type Step = (store: Store, clock: SteppedClock) => Promise<unknown>

const few = fc.integer({ min: 1, max: 3 })
const worker = fc.constantFrom('one', 'two')
const state = fc.constantFrom({ kind: 'waiting' as const }, claimed, settled, failed)
const job = few.map((slot) => ({ job: 'push-prices', subject: 'core', slot }))
const outcome = { kind: 'done', reason: 'pushed', detail: '' } as const

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(job, worker, fc.nat(60_000)).map(([one, by, lease]): Step => async (store, clock) => {
    const now = clock.now()
    return await store.ticks.claim(one, by, now, (now + lease) as typeof now)
  }),
  fc.tuple(job, worker).map(([one, by]): Step => async (store, clock) => {
    await store.ticks.finish(one, by, { ...outcome, at: clock.now() })
  }),
  fc.tuple(worker, few, few).map(([node, round, price]): Step => async (store) => {
    return await store.reports.publish(node, round, [aReport(node, round, String(price))])
  }),
  fc.tuple(worker, few).map(([node, round]): Step => async (store) => {
    return await store.prices.write(node, round, `{"round":${round}}`)
  }),
  fc.tuple(few, few, state).map(([id, age, first]): Step => async (store, clock) => {
    const createdAt = (clock.now() + age) as ReturnType<SteppedClock['now']>
    return await store.intents.add(anIntent(`intent-${id}`, { createdAt, state: first }))
  }),
  fc.tuple(few, state).map(([id, next]): Step => async (store) => {
    const known = await store.intents.get(`intent-${id}`)
    return known && (await store.intents.move(known.id, next))
  }),
  few.map(
    (version): Step =>
      async (store) =>
        await store.lanes.write(aLane(version)),
  ),
  fc
    .tuple(few, few, fc.constantFrom('pending', 'open', 'resolved'), fc.boolean())
    .map(([subject, version, now, heard]): Step => async (store, clock) => {
      const channels = heard ? { pager: heardOpen } : {}
      const change = { version, state: now, channels, seenAt: clock.now() } as const
      return await store.incidents.write(anIncident(`market-${subject}`, change))
    }),
  fc.tuple(few, fc.nat(60_000)).map(([version, start]): Step => async (store, clock) => {
    const starts = [(clock.now() + start) as ReturnType<SteppedClock['now']>]
    return await store.desk.writePace({ ...freshPace('team'), starts, version: version + 1 })
  }),
  fc.tuple(few, fc.nat(60_000)).map(([id, lasts]): Step => async (store, clock) => {
    const until = (clock.now() + lasts) as ReturnType<SteppedClock['now']>
    const match = { subject: 'market-*' }
    const silence = { id: `s-${id}`, match, until, by: 'ann', reason: 'r', deadlines: false }
    await store.desk.silence(silence)
  }),
  few.map((slot): Step => async (store, clock) => {
    const entry = { keeper: 'k', subject: 's', slot, at: clock.now(), view: '{}', decided: '[]' }
    await store.history.record(entry)
  }),
)

const looks: readonly Step[] = [
  async (store) => await store.ticks.recent('push-prices', 'core', 2),
  async (store) => await store.reports.ofRound(2),
  async (store) => await store.prices.read('one'),
  async (store) => await store.intents.get('intent-1'),
  async (store) => await store.intents.open('evm/0xkeeper'),
  async (store) => await store.intents.recent('evm/0xkeeper', 2),
  async (store) => await store.lanes.read('evm/0xkeeper'),
  async (store) => await store.incidents.read('price-late', 'market-1'),
  async (store) => await store.incidents.open(),
  async (store) => await store.incidents.recent(2),
  async (store) => await store.desk.pace('team'),
  async (store) => await store.desk.silences(),
  async (store) => await store.history.recent('k', 's', 2),
]

const passing = fc.constantFrom(0, 1, 30_000, dayMs, 8 * dayMs, 31 * dayMs, 91 * dayMs)

describe.skipIf(noEmulator)('the store in memory and the one in DynamoDB', () => {
  const local = emulator()

  test('answer alike, whatever is done to them and however long it lasts', async () => {
    const story = fc.array(fc.tuple(steps, passing), { minLength: 5, maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(story, async (all) => {
        const clock = steppedClock()
        const memory = memoryStore({ clock })
        const dynamo = await local.freshStore(clock)
        for (const [step, ms] of all) {
          expect(await step(memory, clock)).toEqual(await step(dynamo, clock))
          clock.pass(ms)
        }
        for (const look of looks)
          expect(await look(memory, clock)).toEqual(await look(dynamo, clock))
      }),
      { numRuns: 25 },
    )
  })
})
