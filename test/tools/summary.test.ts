import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Incident } from '../../lib/domain/incident.ts'
import type { Notice } from '../../lib/keepers/notice.ts'
import { startTally, type Summary } from '../../lib/tools/summary.ts'
import { anIncident, anInclusion, anIntent, at, aTick, start } from './notices.ts'

const facts = {
  begunAt: at(0),
  slotAt: ({ slot }: { slot: number }) => start + slot * 1000,
  chainOf: { evm: 'evm' },
  batched: ['perps'],
  sends: true,
}

function planned(seconds: number, slots: readonly number[]): Notice {
  const jobs = slots.map((slot) => ({ job: 'push-prices', subject: 'evm', slot }))
  return { kind: 'planned', at: at(seconds), jobs }
}

function anIncidentNotice(state: 'opened' | 'worsened' | 'resolved'): Notice {
  return { kind: 'incident', at: at(5), state, incident: anIncident() }
}

type End = Parameters<ReturnType<typeof startTally>['summary']>[0]

function summed(notices: readonly Notice[], end: Partial<End> = {}, change = {}): Summary {
  const tally = startTally({ ...facts, ...change })
  for (const notice of notices) tally.add(notice)
  return tally.summary({ at: at(60), openIntents: [], openIncidents: [], ...end })
}

describe('the summary of a run', () => {
  test('counts what was done, and what was refused and failed by reason', () => {
    const { ticks } = summed([
      aTick(1),
      aTick(2),
      aTick(3, { kind: 'refused', reason: 'no-quorum' }),
      aTick(4, { kind: 'refused', reason: 'no-quorum' }),
      aTick(5, { kind: 'refused', reason: 'paused' }),
      aTick(6, { kind: 'failed', reason: 'StoreUnavailableError' }),
    ])
    expect(ticks).toEqual({
      planned: 0,
      done: 2,
      refused: { 'no-quorum': 2, paused: 1 },
      failed: { StoreUnavailableError: 1 },
    })
  })

  test('counts a slot once, however often it is planned, and only when its time has come', () => {
    const notices = [planned(0, [1, 2, 3]), planned(2, [3, 4, 61]), planned(59, [60, 61])]
    expect(summed(notices).ticks.planned).toBe(5)
  })

  test('counts the slots of a run of many hours', () => {
    const notices = Array.from({ length: 4_999 }, (_, slot) => planned(slot, [slot + 1]))
    expect(summed(notices, { at: at(5_000) }).ticks.planned).toBe(4_999)
  })

  test('takes percentiles by the nearest rank', () => {
    const values = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(values, (latencies) => {
        const notices = latencies.map((afterMs, index) =>
          anInclusion({ hash: `0x${index.toString(16)}`, afterMs }),
        )
        const { p50, p99 } = summed(notices).chains['evm']?.slotToInclusionMs ?? {}
        for (const [percent, value] of [
          [50, p50],
          [99, p99],
        ] as const) {
          const atMost = latencies.filter((one) => one <= (value ?? NaN)).length
          const below = latencies.filter((one) => one < (value ?? NaN)).length
          expect(latencies).toContain(value)
          expect(atMost * 100).toBeGreaterThanOrEqual(latencies.length * percent)
          expect(below * 100).toBeLessThan(latencies.length * percent)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('counts a transaction once, also when it settles two intents or is told twice', () => {
    const { chains } = summed([anInclusion(), anInclusion(), anInclusion({ hash: '0xbb' })])
    expect(chains['evm']?.included).toBe(2)
  })

  test('measures no latency of what an earlier run had left', () => {
    const { chains } = summed([anInclusion({ slot: -3_600 }), anInclusion({ hash: '0xbb' })])
    expect(chains['evm']).toEqual({
      included: 2,
      reverted: 0,
      slotToInclusionMs: { p50: 1_000, p99: 1_000 },
    })
  })

  test('counts incidents', () => {
    const { incidents } = summed([
      anIncidentNotice('opened'),
      anIncidentNotice('worsened'),
      anIncidentNotice('opened'),
      anIncidentNotice('resolved'),
    ])
    expect(incidents).toEqual({ opened: 2, resolved: 1 })
  })
})

describe('a run is not ok', () => {
  const fine = [aTick(1), anInclusion()]

  const broken = (change: Partial<Incident>) =>
    summed(fine, { openIncidents: [anIncident({ severity: 'critical', ...change })] }).broken

  test('unless all rules were kept', () => {
    expect(summed(fine)).toMatchObject({ ok: true, broken: [] })
  })

  test('where a transaction reverted', () => {
    const summary = summed([...fine, anInclusion({ hash: '0xbb', reverted: 'STALE' })])
    expect(summary).toMatchObject({ ok: false, broken: ['1 transaction reverted on evm'] })
    expect(summary.chains['evm']).toMatchObject({ included: 1, reverted: 1 })
  })

  test('where a chain included nothing though its prices were due', () => {
    expect(summed([aTick(1)]).broken).toEqual([
      'nothing was included on evm, though prices were due there',
    ])
  })

  test.each([
    ['nothing was due', [aTick(1, { reason: 'nothing-due' })], {}],
    ['they were due only at the end', [aTick(45)], {}],
    ['it was a dry run', [aTick(1)], { sends: false }],
  ] as const)('though not for a chain without transactions where %s', (_, notices, change) => {
    expect(summed(notices, {}, change).ok).toBe(true)
  })

  test('where work was left past its deadline', () => {
    const openIntents = [anIntent({ kind: 'waiting' })]
    expect(summed(fine, { openIntents, at: at(61) }).broken).toEqual([
      'push-prices:evm:1 is still waiting, long after its deadline',
    ])
    expect(summed(fine, { openIntents, at: at(45) }).ok).toBe(true)
  })

  test('though not for work that a StarkEx exchange has taken, and only waits for its batches', () => {
    const inclusion = { nonce: 4, hash: '0xaa', sentAt: at(1), seenAt: at(2) } as const
    const block = { number: 5, hash: '0x05', time: at(2) } as const
    const taken = anIntent({ kind: 'included', reverted: undefined, ...inclusion, block })
    const there = { ...taken, action: { ...taken.action, engine: 'perps' } }
    expect(summed(fine, { openIntents: [there], at: at(61) }).ok).toBe(true)
    expect(summed(fine, { openIntents: [taken], at: at(61) }).broken).toHaveLength(1)
  })

  test('where a critical incident is open, and still seen', () => {
    expect(broken({})).toEqual(['venue-down is not resolved: kraken does not answer'])
    expect(broken({ goneSince: at(55) })).toEqual([])
    expect(broken({ state: 'pending' })).toEqual([])
    expect(broken({ severity: 'warning' })).toEqual([])
    // Told for a while after it happened: nothing of it goes on.
    for (const rule of ['head-went-back', 'blocks-lost']) expect(broken({ rule })).toEqual([])
  })
})
