import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import type { Action } from '../../../lib/domain/action.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Keeper, KeeperSlot } from '../../../lib/keepers/keeper.ts'
import {
  deciderOf,
  type FoundDecider,
  replaySlot,
} from '../../../lib/keepers/replay/replay-slot.ts'
import { wouldHave } from '../../../lib/keepers/replay/would-have.ts'
import { type KeeperRun, runKeeper, type Under } from '../../../lib/keepers/run-keeper.ts'
import type { SlotRecord } from '../../../lib/ports.ts'
import { steppedClock } from '../../adapters/store/samples.ts'

type View = { readonly seen: Readonly<Record<string, bigint>>; readonly at: number }

/** Reports each thing that is more than `least`, in the order in which it saw them. */
function lookOut(least: bigint, change: Partial<Keeper<View>> = {}): Keeper<View> {
  return {
    job: 'look-out',
    settings: { least },
    observe: async ({ slot }) => ({ seen: { zebra: 7n, ant: 3n }, at: slot }),
    decide({ seen, at }) {
      const found = Object.entries(seen).filter(([, size]) => size > least)
      const detail = found.map(([name, size]) => `${name} ${size}`).join(', ')
      const actions: readonly Action[] = found.map(([name]) => ({
        kind: 'report-findings',
        findings: [],
        unseen: [{ rule: 'chain-stalled', subject: name }],
      }))
      return { actions, outcome: { kind: 'done', reason: 'looked', detail }, recorded: { at } }
    },
    recorded: () => undefined,
    ...change,
  }
}

async function keptOf(keeper: Keeper<View>, under: Under<View> = { parameters: 'set-1' }) {
  const clock = steppedClock()
  const store = memoryStore({ clock })
  const run: KeeperRun = {
    clock,
    store,
    worker: 'w',
    notify: () => undefined,
    maxLateMs: 60_000,
    perform: async () => undefined,
    code: async () => 'abc',
  }
  const now = clock.now()
  const slot: KeeperSlot = { subject: 'sea', slot: 7, slotAt: now, until: timestamp(now + 20_000) }
  await runKeeper(run, keeper, slot, under)
  const records: SlotRecord[] = []
  for await (const record of store.history.kept('look-out', 'sea', timestamp(0), now))
    records.push(record)
  const [record] = records
  if (!record) throw new TypeError('nothing was kept')
  return record
}

function foundOf(keeper: Keeper<View>): FoundDecider {
  return { kind: 'decider', decider: deciderOf(keeper) }
}

const by = (keeper: Keeper<View>) => async () => foundOf(keeper)

async function nobody(): Promise<FoundDecider> {
  return { kind: 'none', why: 'there is no such set' }
}

describe('a slot that is decided again', () => {
  test('comes out the same, and its actions in the order in which they were', async () => {
    const record = await keptOf(lookOut(1n))
    expect(record.decided.indexOf('zebra')).toBeLessThan(record.decided.indexOf('ant'))
    expect(await replaySlot(record, by(lookOut(1n)))).toEqual({ own: { kind: 'same' } })
  })

  test('by another rule is told with the first places that differ, what was there and what is', async () => {
    const record = await keptOf(lookOut(1n))
    expect(await replaySlot(record, by(lookOut(5n)))).toEqual({
      own: {
        kind: 'differs',
        differences: [
          { path: 'actions.length', was: '2', is: '1' },
          {
            path: 'actions[1]',
            was: '{"findings":[],"kind":"report-findings","unseen":[{"rule":"chain-stalled","subject":"ant"}]}',
            is: undefined,
          },
          { path: 'outcome.detail', was: '"zebra 7, ant 3"', is: '"zebra 7"' },
        ],
      },
    })
  })

  test('where nothing was seen had nothing to decide', async () => {
    const blind = lookOut(1n, {
      observe: async () => {
        throw new Error('no node answers')
      },
    })
    const record = await keptOf(blind)
    expect(record.view).toBeUndefined()
    expect(await replaySlot(record, by(lookOut(1n)))).toEqual({ own: { kind: 'same' } })
  })

  test('whose rule failed must fail again, in the same words', async () => {
    const failing = (message: string) =>
      lookOut(1n, {
        decide() {
          throw new RangeError(message)
        },
      })
    const record = await keptOf(failing('no such thing'))
    expect(await replaySlot(record, by(failing('no such thing')))).toEqual({
      own: { kind: 'same' },
    })
    expect(await replaySlot(record, by(failing('nothing at all')))).toEqual({
      own: {
        kind: 'differs',
        differences: [{ path: 'failed.detail', was: '"no such thing"', is: '"nothing at all"' }],
      },
    })
    expect((await replaySlot(record, by(lookOut(1n)))).own).toMatchObject({ kind: 'differs' })
  })

  test('that another set decided as well is decided again under that set, too', async () => {
    const record = await keptOf(lookOut(1n), {
      parameters: 'set-1',
      shadow: { kind: 'candidate', parameters: 'set-2', keeper: lookOut(5n) },
    })
    const keepers = { 'set-1': lookOut(1n), 'set-2': lookOut(5n) }
    const under = async (name: string) => foundOf(keepers[name as keyof typeof keepers])
    expect(await replaySlot(record, under)).toEqual({
      own: { kind: 'same' },
      shadow: { kind: 'same' },
    })
    expect(await replaySlot(record, by(lookOut(1n)))).toMatchObject({
      own: { kind: 'same' },
      shadow: { kind: 'differs' },
    })
  })

  test('cannot be where its set is not known, or what was kept cannot be read', async () => {
    const record = await keptOf(lookOut(1n))
    expect(await replaySlot(record, nobody)).toEqual({
      own: { kind: 'undecidable', why: 'there is no such set' },
    })
    const torn = { ...record, view: record.view?.slice(0, 10) ?? '' }
    expect((await replaySlot(torn, by(lookOut(1n)))).own).toMatchObject({
      kind: 'undecidable',
      why: expect.stringContaining('its view cannot be read') as string,
    })
    const odd = { ...record, decided: 'looked' }
    expect((await replaySlot(odd, by(lookOut(1n)))).own).toMatchObject({
      kind: 'undecidable',
      why: expect.stringContaining('its decision cannot be read') as string,
    })
  })

  test('goes by what its keeper makes of what was kept', async () => {
    const small: Partial<Keeper<View>> = {
      kept: ({ at }) => ({ at }),
      restored: (kept) => ({ ...(kept as { readonly at: number }), seen: { zebra: 7n, ant: 3n } }),
    }
    const record = await keptOf(lookOut(1n, small))
    expect(record.view).toBe('{"at":7}')
    expect(await replaySlot(record, by(lookOut(1n, small)))).toEqual({ own: { kind: 'same' } })
  })
})

describe('what another set would have done', () => {
  test('is told beside what the own one does now', async () => {
    const record = await keptOf(lookOut(1n))
    const same = wouldHave(record, foundOf(lookOut(1n)), foundOf(lookOut(2n)))
    expect(same).toMatchObject({ kind: 'decided', note: { isSame: true } })
    const other = wouldHave(record, foundOf(lookOut(1n)), foundOf(lookOut(9n)))
    expect(other).toMatchObject({ kind: 'decided', note: { isSame: false } })
  })

  test('is nothing where nothing was seen, or nobody can say', async () => {
    const record = await keptOf(lookOut(1n))
    const { view: _, ...unseen } = record
    const own = foundOf(lookOut(1n))
    expect(wouldHave(unseen, own, own)).toEqual({ kind: 'unseen' })
    expect(wouldHave(record, { kind: 'none', why: 'gone' }, own)).toEqual({
      kind: 'undecidable',
      why: 'gone',
    })
  })

  test('may be a failure', async () => {
    const record = await keptOf(lookOut(1n))
    const failing = lookOut(1n, {
      decide() {
        throw new RangeError('no')
      },
    })
    expect(wouldHave(record, foundOf(lookOut(1n)), foundOf(failing))).toMatchObject({
      note: {
        outcomes: { own: { reason: 'looked' }, shadow: { kind: 'failed', reason: 'RangeError' } },
      },
    })
  })
})
