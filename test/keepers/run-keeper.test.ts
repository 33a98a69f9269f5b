import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Action } from '../../lib/domain/action.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Keeper, KeeperSlot } from '../../lib/keepers/keeper.ts'
import type { Notice } from '../../lib/keepers/notice.ts'
import { type KeeperRun, runKeeper, runTick } from '../../lib/keepers/run-keeper.ts'
import { type SteppedClock, steppedClock } from '../adapters/store/samples.ts'

const action: Action = { kind: 'report-findings', findings: [], unseen: [] }

const lookOut: Keeper<{ readonly seen: string }> = {
  job: 'look-out',
  settings: {},
  observe: async ({ slot }) => ({ seen: `slot ${slot}` }),
  decide: ({ seen }) => ({
    actions: [action, action],
    outcome: { kind: 'done', reason: 'looked', detail: seen },
    recorded: { price: 1n },
  }),
  recorded: (view) => view,
}

function aRun(change: Partial<KeeperRun> = {}) {
  const clock = steppedClock()
  const store = memoryStore({ clock })
  const notices: Notice[] = []
  const performed: Action[] = []
  const run: KeeperRun = {
    clock,
    store,
    worker: 'first',
    notify: (notice) => notices.push(notice),
    maxLateMs: 60_000,
    perform: async (one) => {
      performed.push(one)
    },
    ...change,
  }
  return { clock, store, notices, performed, run }
}

function slotAt(clock: SteppedClock, lateMs = 0): KeeperSlot {
  const now = clock.now()
  return {
    subject: 'network',
    slot: 7,
    slotAt: timestamp(now - lateMs),
    until: timestamp(now + 20_000),
  }
}

async function down(): Promise<never> {
  throw new Error('the table is gone')
}

const theSlot = { job: 'look-out', subject: 'network', slot: 7 }

describe('one slot of one keeper', () => {
  test('it looks, decides, keeps what it saw and decided, does it, and says how it went', async () => {
    const { clock, store, notices, performed, run } = aRun()
    const end = await runKeeper(run, lookOut, slotAt(clock))
    const outcome = { kind: 'done', reason: 'looked', detail: 'slot 7', at: clock.now() }
    expect(end).toEqual(outcome)
    expect(performed).toEqual([action, action])
    expect(await store.history.recent('look-out', 'network', 5)).toEqual([
      {
        keeper: 'look-out',
        subject: 'network',
        slot: 7,
        at: clock.now(),
        view: '{"seen":"slot 7"}',
        decided: '{"outcome":{"kind":"done","reason":"looked","detail":"slot 7"},"price":"1"}',
      },
    ])
    expect(await store.ticks.recent('look-out', 'network', 5)).toEqual([
      { job: theSlot, worker: 'first', claimedAt: clock.now(), outcome },
    ])
    expect(notices).toEqual([
      { kind: 'tick', at: clock.now(), job: theSlot, slotAt: clock.now(), outcome },
    ])
  })

  test('of many workers one does it', async () => {
    const { clock, performed, run } = aRun()
    const ends = await Promise.all(
      ['a', 'b', 'c'].map(async (worker) => runKeeper({ ...run, worker }, lookOut, slotAt(clock))),
    )
    expect(ends.map(({ kind }) => kind).toSorted()).toEqual(['done', 'taken', 'taken'])
    expect(performed).toHaveLength(2)
  })

  test('what was done is not done again, whenever its message comes again', async () => {
    const { clock, performed, run } = aRun()
    const slot = slotAt(clock)
    await runKeeper(run, lookOut, slot)
    clock.pass(50_000)
    expect(await runKeeper(run, lookOut, slot)).toEqual({ kind: 'taken' })
    expect(performed).toHaveLength(2)
  })

  test('a look that fails is how the slot went, and it never comes again', async () => {
    const { clock, performed, run } = aRun()
    const blind: typeof lookOut = {
      ...lookOut,
      async observe() {
        throw new RangeError('no node answers')
      },
    }
    const slot = slotAt(clock)
    expect(await runKeeper(run, blind, slot)).toEqual({
      kind: 'failed',
      reason: 'RangeError',
      detail: 'no node answers',
      at: clock.now(),
    })
    clock.pass(50_000)
    expect(await runKeeper(run, lookOut, slot)).toEqual({ kind: 'taken' })
    expect(performed).toEqual([])
  })

  test('a rule that throws is how the slot went', async () => {
    const { clock, run } = aRun()
    const broken: typeof lookOut = {
      ...lookOut,
      decide() {
        throw new TypeError('undefined is not a price')
      },
    }
    expect(await runKeeper(run, broken, slotAt(clock))).toMatchObject({ reason: 'TypeError' })
  })

  test('an action that fails is how the slot went, and none after it is done', async () => {
    const tried: Action[] = []
    const { clock, store, run } = aRun({
      perform: async (one) => {
        tried.push(one)
        throw new Error('the pool is full')
      },
    })
    expect(await runKeeper(run, lookOut, slotAt(clock))).toMatchObject({
      kind: 'failed',
      detail: 'the pool is full',
    })
    expect(tried).toHaveLength(1)
    expect(await store.history.recent('look-out', 'network', 5)).toHaveLength(1)
  })

  test('a slot that comes too late is refused, and done by nobody', async () => {
    const { clock, store, performed, run } = aRun()
    const slot = slotAt(clock, 60_001)
    expect(await runKeeper(run, lookOut, slot)).toMatchObject({
      kind: 'refused',
      reason: 'too-late',
      detail: 'it came 60 s late',
    })
    expect(await runKeeper(run, lookOut, slot)).toEqual({ kind: 'taken' })
    expect(performed).toEqual([])
    expect(await store.ticks.recent('look-out', 'network', 1)).toMatchObject([
      { outcome: { reason: 'too-late' } },
    ])
  })

  test('one that comes just in time is done', async () => {
    const { clock, run } = aRun()
    expect(await runKeeper(run, lookOut, slotAt(clock, 60_000))).toMatchObject({ kind: 'done' })
  })
})

describe('a store that fails', () => {
  test('nothing is done where the slot cannot be claimed', async () => {
    const { clock, store, notices, performed, run } = aRun()
    const broken = { ...store, ticks: { ...store.ticks, claim: down } }
    expect(await runKeeper({ ...run, store: broken }, lookOut, slotAt(clock))).toMatchObject({
      kind: 'failed',
      detail: 'the table is gone',
    })
    expect(performed).toEqual([])
    expect(notices).toMatchObject([{ kind: 'tick', outcome: { detail: 'the table is gone' } }])
    expect(await store.ticks.recent('look-out', 'network', 1)).toEqual([])
  })

  test('where the end cannot be stored, another worker may take the slot when the lease is over', async () => {
    const { clock, store, run } = aRun()
    const broken = { ...store, ticks: { ...store.ticks, finish: down } }
    const slot = slotAt(clock)
    const end = await runKeeper({ ...run, store: broken }, lookOut, slot)
    expect(end).toMatchObject({ kind: 'failed', detail: 'the table is gone' })
    const second = { ...run, worker: 'second' }
    expect(await runKeeper(second, lookOut, slot)).toEqual({ kind: 'taken' })
    clock.pass(20_001)
    expect(
      await runKeeper(second, lookOut, { ...slot, until: timestamp(clock.now() + 1) }),
    ).toMatchObject({ kind: 'done' })
  })

  test('history that cannot be kept is trouble, and the action is done all the same', async () => {
    const { clock, store, notices, performed, run } = aRun()
    const history = {
      ...store.history,
      async record() {
        throw new Error('too large')
      },
    }
    const end = await runKeeper({ ...run, store: { ...store, history } }, lookOut, slotAt(clock))
    expect(end).toMatchObject({ kind: 'done' })
    expect(performed).toHaveLength(2)
    expect(notices[0]).toEqual({
      kind: 'trouble',
      at: clock.now(),
      where: 'look-out',
      message: 'its history was not kept: too large',
    })
  })
})

test('what is thrown and is no error is said too', async () => {
  const { clock, run } = aRun()
  const end = await runTick(run, { ...slotAt(clock), job: 'look-out' }, async () => {
    // eslint-disable-next-line typescript/only-throw-error -- what a library may do
    throw 'just words'
  })
  expect(end).toMatchObject({ kind: 'failed', reason: 'Error', detail: 'just words' })
})
