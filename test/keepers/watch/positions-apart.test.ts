import { expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import type { Apart } from '../../../lib/domain/positions/reading.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { exactJson } from '../../../lib/keepers/exact-json.ts'
import { positionFindings, unseenPositions } from '../../../lib/keepers/watch/position-findings.ts'
import { positionsSeen } from '../../../lib/keepers/watch/positions-seen.ts'
import type { PositionsSeen, WatchRules, WatchView } from '../../../lib/keepers/watch/watch-view.ts'
import { steppedClock } from '../../adapters/store/samples.ts'

const now = timestamp(1_764_000_000_000)
const rules = { everySeconds: { 'index-positions': 10 } } as unknown as WatchRules
const wrong: Apart = { of: '7', why: 'apart', detail: 'its cash is 10, by events 5' }

function aLook({ ageMs = 1_000, ...change }: Partial<PositionsSeen> & { readonly ageMs?: number }) {
  return {
    engine: 'core',
    at: timestamp(now - ageMs),
    compared: 100,
    apart: some(),
    doubts: some(),
    ...change,
  }
}

function some(...first: readonly Apart[]) {
  return { count: first.length, first }
}

function viewOf(...positions: readonly PositionsSeen[]) {
  return { now, positions } as unknown as WatchView
}

test('an account that was not as the contract has it is told, though it is right by now', () => {
  const view = viewOf(aLook({}), aLook({ ageMs: 11_000, apart: some(wrong) }))
  expect(positionFindings(view, rules)).toEqual([
    {
      rule: 'positions-apart',
      subject: 'core',
      severity: 'warning',
      summary:
        '1 of 200 accounts of core were not as its contract has them, which counts now: 7: its cash is 10, by events 5',
      since: timestamp(now - 1_000),
      afterMs: 0,
    },
  ])
})

test('more than one of a hundred accounts is critical', () => {
  const two = some(wrong, { ...wrong, of: '8' })
  const [finding] = positionFindings(viewOf(aLook({ apart: two })), rules)
  expect(finding).toMatchObject({ severity: 'critical' })
  expect(finding?.summary).toContain('2 of 100 accounts')
})

test('of many accounts the first are named', () => {
  const first = ['1', '2', '3', '4', '5'].map((of) => ({ ...wrong, of }))
  const [finding] = positionFindings(viewOf(aLook({ apart: { count: 70, first } })), rules)
  expect(finding?.summary).toMatch(/3: its cash is 10, by events 5; and 67 more$/)
})

test('an account that still cannot be told is told of for as long as that is so', () => {
  const doubt: Apart = { of: '9', why: 'unreadable', detail: 'the contract says i64_add Overflow' }
  const looks = Array.from({ length: 6 }, (_, at) => {
    return aLook({ ageMs: at * 10_000, doubts: some(doubt) })
  })
  expect(positionFindings(viewOf(...looks), rules)).toMatchObject([
    { summary: expect.stringContaining('9: the contract says i64_add Overflow') as string },
  ])
  // Found in a look and in doubt since, it is one account.
  const found = viewOf(aLook({ doubts: some(doubt) }), aLook({ ageMs: 11_000, apart: some(doubt) }))
  expect(positionFindings(found, rules)[0]?.summary).toContain('1 of 200 accounts')
})

test('what is long past is over, and where nobody looks nothing is known', () => {
  const old = viewOf(aLook({ ageMs: 61_000, apart: some(wrong) }))
  expect(positionFindings(old, rules)).toEqual([])
  expect(unseenPositions(old, rules)).toEqual([
    { rule: 'positions-apart', subject: 'core' },
    { rule: 'positions-unchecked', subject: 'core' },
  ])
  const fresh = viewOf(aLook({}))
  expect(unseenPositions(fresh, rules)).toEqual([])
  expect(positionFindings(fresh, rules)).toEqual([])
})

test('a contract that cannot be asked is told of where no slot got through', () => {
  const stopped = aLook({ compared: 0, stopped: 'the node is down' })
  const before = aLook({ ageMs: 21_000, compared: 0, stopped: 'too many requests' })
  expect(positionFindings(viewOf(stopped, before), rules)).toEqual([
    {
      rule: 'positions-unchecked',
      subject: 'core',
      severity: 'warning',
      summary: 'the contract of core cannot be asked about its accounts: the node is down',
      since: timestamp(now - 21_000),
      afterMs: 300_000,
    },
  ])
  expect(positionFindings(viewOf(stopped, aLook({ ageMs: 21_000 })), rules)).toEqual([])
})

test('the looks are what index-positions left in its history; a slot that found it taken says nothing', async () => {
  const store = memoryStore({ clock: steppedClock() })
  const entry = { keeper: 'index-positions', subject: 'core', view: '{}' }
  const decided = { compared: 4, apart: some(wrong), doubts: some(), check: { next: 1 } }
  await store.history.record({ ...entry, slot: 1, at: now, decided: exactJson(decided) })
  const later = timestamp(now + 10_000)
  await store.history.record({ ...entry, slot: 2, at: later, decided: exactJson({}) })
  expect(await positionsSeen(store, 'core')).toEqual([
    { engine: 'core', at: now, compared: 4, apart: some(wrong), doubts: some() },
  ])
  expect(await positionsSeen(store, 'other')).toEqual([])
})
