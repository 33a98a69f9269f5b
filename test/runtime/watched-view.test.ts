import { describe, expect, test } from 'vitest'

import { timestamp } from '../../lib/domain/time.ts'
import type { UptimeState } from '../../lib/domain/watch/uptime.ts'
import { gauges } from '../../lib/runtime/view/gauges.ts'
import { networkView } from '../../lib/runtime/view/network-view.ts'
import { tookEffectAt } from '../../lib/runtime/view/took-effect-at.ts'
import { anIncident } from '../adapters/store/samples.ts'
import { aNetwork } from './a-network.ts'
import { aWatchedNetwork, aWatchedStore, watchedAt } from './a-watched-network.ts'

type Store = Awaited<ReturnType<typeof aWatchedStore>>

async function look(store: Store, now = watchedAt) {
  return await networkView({ network: aWatchedNetwork(), store, now })
}

async function system(
  name: string,
  { store, now = watchedAt }: { store?: Store; now?: number } = {},
) {
  const { watched } = await look(store ?? (await aWatchedStore()), timestamp(now))
  const found = watched.find((one) => one.system === name)
  if (!found) throw new TypeError(`there is no ${name}`)
  return found
}

describe('a watched system', () => {
  test('is as its worst open alert says, and a change that is announced is nothing wrong', async () => {
    expect(await system('starknet')).toMatchObject({
      state: 'critical',
      alerts: 1,
      why: expect.stringMatching(/^starknet:state-update: no state-update/) as string,
    })
    expect(await system('dydx')).toMatchObject({ state: 'up', why: '', alerts: 0 })
  })

  test('is not up where only another alert explains what is wrong with it', async () => {
    const store = await aWatchedStore()
    const symptom = {
      rule: 'chain-stalled',
      subject: 'base:l1',
      severity: 'warning',
      summary: 'base:l1 has made no block',
      since: watchedAt,
    } as const
    await store.incidents.write(
      anIncident('l1', { summary: 'l1 stands', since: watchedAt, symptoms: [symptom] }),
    )
    expect(await system('base', { store })).toMatchObject({ state: 'warning', why: 'l1 stands' })
    expect(await system('dydx', { store })).toMatchObject({ state: 'up' })
  })

  test('is not known while nobody looks, whatever was seen before', async () => {
    expect(await system('untouched')).toMatchObject({
      state: 'unknown',
      why: 'nobody has looked yet',
    })
    const hourMs = 3_600_000
    expect(await system('base', { now: watchedAt + hourMs })).toMatchObject({
      state: 'unknown',
      why: 'nobody has looked lately',
    })
  })

  test('shows the last thirty intervals of its progress, oldest first', async () => {
    const [progress] = (await system('base')).progress
    expect(progress?.intervals).toEqual(Array.from({ length: 30 }, () => 1_800_000))
  })

  test('shows up to where a mark is as far from ours as is usual', async () => {
    // Distances of 4 to 8 bps are less than what is never told of.
    expect((await system('paradex')).marks).toMatchObject([
      { market: 'BTC-USD', bps: 2.4, usualBps: 25, apart: false },
      { market: 'ETH-USD', bps: -79.5, usualBps: 25, apart: true },
    ])
  })

  test('says how near a deadline is', async () => {
    // Of an hour two thirds are gone, of ten minutes nine.
    expect((await system('dydx')).deadlines).toMatchObject([
      { name: 'prices', usedPercent: 90, near: 'critical' },
      { name: 'funding', usedPercent: 66, near: 'warning' },
    ])
  })

  test('says of a change whether it came as announced, where that can be seen', async () => {
    const of = async (name: string, id: string) =>
      (await system(name)).changes.find((one) => one.id === id)?.asAnnounced
    expect(await of('dydx', 'proposal:305')).toBe(true)
    expect(await of('starknet', 'upgrade:0x2')).toBe(false)
    expect(await of('dydx', 'proposal:310')).toBeUndefined()
    const store = await aWatchedStore()
    const dydx = await store.systems.read('dydx')
    if (!dydx) throw new TypeError('the sample has dydx')
    await store.systems.write({ ...dydx, settings: {}, lookedAt: watchedAt })
    const blind = await system('dydx', { store })
    expect(blind.changes.find(({ id }) => id === 'proposal:305')?.asAnnounced).toBeUndefined()
  })
})

test.each([
  ['an event that is its own announcement', { effectiveAt: 10 }, { at: 10, isEarliest: false }],
  ['seen before it was done', { effectiveAt: 70, seenAt: 50 }, { at: 90, isEarliest: false }],
  ['seen done at first', { effectiveAt: 70 }, { at: 70, isEarliest: true }],
  ['seen done at first, of no known time', {}, { at: 10, isEarliest: true }],
  ['not done', { doneAt: undefined }, undefined],
])('a change that was %s took effect when that says', (_what, given, expected) => {
  const {
    doneAt,
    effectiveAt,
    seenAt = 90,
  } = {
    doneAt: 90,
    ...(given as { doneAt?: number; effectiveAt?: number; seenAt?: number }),
  }
  expect(
    tookEffectAt({
      announcedAt: timestamp(10),
      seenAt: timestamp(seenAt),
      ...(doneAt !== undefined && { doneAt: timestamp(doneAt) }),
      ...(effectiveAt !== undefined && { effectiveAt: timestamp(effectiveAt) }),
    }),
  ).toEqual(expected)
})

describe('an incident', () => {
  test('shows what happened, who has it in hand, and who wants to hear no more of it', async () => {
    const store = await aWatchedStore()
    const until = timestamp(watchedAt + 60_000)
    const key = 'progress-stalled:starknet:state-update:1'
    const [rule, subject] = ['progress-stalled', 'starknet:state-update']
    await store.desk.acknowledge({ rule, subject, key, until, by: 'ann', note: 'on it' })
    await store.desk.silence({
      id: 's1',
      match: { rule: 'change-*', subject: '*' },
      until,
      by: 'bob',
      reason: 'known',
      deadlines: false,
    })
    const { incidents } = await look(store)
    const of = (name: string) => incidents.open.find((one) => one.rule === name)
    expect(of('progress-stalled')).toMatchObject({
      acknowledged: { by: 'ann', until, note: 'on it' },
      silenced: undefined,
    })
    expect(of('progress-stalled')?.timeline.map(({ what }) => what)).toContain('it was told')
    expect(of('change-ahead')).toMatchObject({
      acknowledged: undefined,
      silenced: { by: 'bob', until, reason: 'known' },
    })
  })
})

async function said(state: UptimeState, ageMs: number) {
  const store = await aWatchedStore()
  const [since, at] = [timestamp(watchedAt - 600_000), timestamp(watchedAt - ageMs)]
  await store.uptimes.write({ chain: 'l1', state, since, flippedAt: since, at, reason: 'why' })
  return await networkView({ network: aNetwork(), store, now: watchedAt })
}

describe('the word on a chain', () => {
  test('is shown with since when and why, and counted', async () => {
    const view = await said('down', 120_000)
    const since = watchedAt - 600_000
    expect(view.chains[0]?.uptime).toEqual({ state: 'down', since, reason: 'why' })
    expect(view.chains[1]?.uptime).toBeUndefined()
    const states = gauges(view).filter(({ name }) => name === 'starkeep_chain_state')
    expect(states.map(({ of, value }) => [of['chain'], of['state'], value])).toEqual([
      ['l1', 'up', 0],
      ['l1', 'degraded', 0],
      ['l1', 'down', 1],
      ['l1', 'recovering', 0],
    ])
  })

  test('is nobody’s any more once the watch has not looked for two minutes', async () => {
    const view = await said('down', 120_001)
    expect(view.chains[0]?.uptime).toBeUndefined()
    expect(gauges(view).some(({ name }) => name === 'starkeep_chain_state')).toBe(false)
  })
})

test('what is watched is counted for Prometheus', async () => {
  const found = gauges(await look(await aWatchedStore())).map(({ name, of, value }) => [
    name.replace('starkeep_', ''),
    of,
    value,
  ])
  const [starknet, dydx] = [{ system: 'starknet' }, { system: 'dydx' }]
  for (const gauge of [
    ['watched_looked_age_s', starknet, 12],
    ['watched_head_age_s', { ...starknet, chain: 'l2' }, 2],
    ['watched_place_age_s', { ...starknet, chain: 'l2', place: 'two.example' }, 8],
    ['watched_place_behind_blocks', { ...starknet, chain: 'l2', place: 'two.example' }, 3],
    ['watched_progress_age_s', { system: 'base', progress: 'output' }, 1_200],
    ['watched_progress_limit_s', { system: 'base', progress: 'output' }, 5_040],
    ['watched_deadline_left_s', { ...dydx, deadline: 'prices' }, 60],
    ['watched_level', { ...dydx, level: 'insurance-fund', unit: 'USDC' }, 18_204_112],
    ['watched_final_s', starknet, 18_720],
    ['watched_withdrawal_s', { system: 'base' }, 615_600],
    ['watched_mark_bps', { system: 'paradex', market: 'ETH-USD' }, -79.5],
    ['incidents_open', { severity: 'critical' }, 1],
    ['incidents_open', { severity: 'info' }, 1],
  ])
    expect(found).toContainEqual(gauge)
  expect(found.some(([, of]) => (of as { system?: string }).system === 'untouched')).toBe(false)
})
