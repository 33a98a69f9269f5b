import { describe, expect, test } from 'vitest'

import type { Finding } from '../../lib/domain/incident.ts'
import {
  batchExpires,
  batchLate,
  batchRejected,
  batchWaits,
  factLate,
  factWeak,
  laneHeld,
  proversUnreachable,
  settlementHeldByFee,
  settlementLate,
  waitsForOthers,
} from '../../lib/domain/liveness-batches.ts'
import { openKinds } from '../../lib/domain/proving/batch-way.ts'
import type { Batch, BatchState, HumanReason, WayBack } from '../../lib/domain/proving/batch.ts'
import type { OpenKind } from '../../lib/domain/proving/proving-rules.ts'
import { aBatch, at } from '../adapters/store/samples.ts'

const minute = 60_000
const hour = 60 * minute

/** An hour for each state. */
const deadlineMs = Object.fromEntries(openKinds.map((kind) => [kind, hour])) as Readonly<
  Record<OpenKind, number>
>

/** A batch that came into that state at the beginning, and may be there for an hour. */
function inState(state: BatchState, change: Partial<Batch> = {}): Batch {
  const history = [{ at: at(0), to: state.kind }]
  return aBatch(7, { state, stateSince: at(0), deadlineAt: at(hour), history, ...change })
}

function waiting(why: HumanReason, back: WayBack = 'ready'): Batch {
  return inState({ kind: 'needs-human', why, reason: 'in its words', back })
}

function severityOf(finding: Finding | undefined): string | undefined {
  return finding?.severity
}

const late = (batch: Batch, ms: number) =>
  batchLate({ batch, deadlineMs, isHeldUp: false, now: at(ms) })

const provenBy = (prover: string): NonNullable<Batch['proving']> => ({
  ...(aBatch(1).proving as NonNullable<Batch['proving']>),
  prover,
})

const told = (...batches: readonly Batch[]) =>
  proversUnreachable(batches, at(hour)).map(({ rule, subject }) => `${rule} ${subject}`)

const silent = (prover: string, looks = 3) => {
  const batch = inState({ kind: 'proving' }, { proving: provenBy(prover) })
  const trouble = { at: at(1), where: 'prover', message: `${prover} says nothing` } as const
  return { ...batch, trouble, attempts: { ...batch.attempts, trouble: looks } }
}

const answered = (prover: string) => inState({ kind: 'proving' }, { proving: provenBy(prover) })

const unasked = (prover: string) => inState({ kind: 'submitting' }, { proving: provenBy(prover) })

describe('a batch that stays in a state', () => {
  test.each(openKinds.filter((kind) => !/^(?:proved|needs|held)/.test(kind)))(
    'is told of at half of its time, and pages past it: %s',
    (kind) => {
      const batch = inState({ kind } as BatchState)
      expect(late(batch, hour / 2 - 1)).toBeUndefined()
      expect(late(batch, hour / 2)).toMatchObject({
        rule: 'batch-late',
        subject: 'appchain:7',
        severity: 'warning',
        since: at(hour / 2),
        afterMs: 0,
      })
      expect(late(batch, hour - 1)).toMatchObject({ severity: 'warning' })
      expect(late(batch, hour)).toMatchObject({ severity: 'critical', since: at(hour) })
    },
  )

  test('pages as soon as its keeper found it late, and says what its keeper said', () => {
    const found = late(waiting('deadline', 'proving'), 1)
    expect(found).toMatchObject({ severity: 'critical', since: at(0) })
    expect(found?.summary).toBe('batch 7 of appchain (blocks 71-80) is late: in its words')
  })

  test('is nobody’s to be told of while it is held up, finished, or waits for something else', () => {
    const proving = inState({ kind: 'proving' })
    const long = { deadlineMs, now: at(9 * hour) }
    expect(batchLate({ batch: proving, isHeldUp: true, ...long })).toBeUndefined()
    for (const state of [{ kind: 'finalized' }, { kind: 'superseded', reason: 'gone' }] as const)
      expect(late(inState(state), 9 * hour)).toBeUndefined()
    expect(late(waiting('rejected'), 9 * hour)).toBeUndefined()
    expect(late(inState({ kind: 'proved-fact-pending' }), 9 * hour)).toBeUndefined()
  })

  test('that the fee cap holds pages only past its time: the cap has a warning of its own', () => {
    const held = inState({ kind: 'held-fee-cap', most: 20n, cap: 10n })
    expect(late(held, hour - 1)).toBeUndefined()
    expect(late(held, hour)).toMatchObject({ severity: 'critical' })
    expect(settlementHeldByFee(held)).toMatchObject({
      rule: 'settlement-held-by-fee',
      severity: 'warning',
      since: at(0),
    })
    expect(settlementHeldByFee(held)?.summary).toContain('up to 20, and the cap is 10')
    expect(settlementHeldByFee(inState({ kind: 'settling' }))).toBeUndefined()
  })
})

const kinds = (of: (kind: OpenKind) => boolean) => openKinds.filter(of).toSorted()
const isUp = (kind: OpenKind, change: Partial<Batch>, lane: object, isNext = true) =>
  waitsForOthers(inState({ kind } as BatchState, change), lane, isNext)

const suspect = (batch: number) => ({ suspect: { batch, reason: 'no', since: at(0) } })

describe('a batch is held up', () => {
  const by = { by: 'ann', reason: 'an upgrade', at: at(0) }
  test('by a hold of its own or its lane’s wherever nothing is under way', () => {
    const stopped = ['fact-verified', 'held-fee-cap', 'held-l2-suspect', 'planned', 'preparing']
    const all = [...stopped, 'ready', 'submitting']
    expect(kinds((kind) => isUp(kind, { hold: by }, {}))).toEqual(all)
    expect(kinds((kind) => isUp(kind, {}, { hold: by }))).toEqual(all)
  })

  test('by a suspect batch before it, but not by one behind it, before it is submitted and before it is settled', () => {
    expect(kinds((kind) => isUp(kind, {}, suspect(6)))).toEqual([
      'fact-verified',
      'held-fee-cap',
      'held-l2-suspect',
      'ready',
    ])
    expect(kinds((kind) => isUp(kind, {}, suspect(8)))).toEqual(['held-l2-suspect'])
  })

  test('by those before it once it is proved', () => {
    expect(kinds((kind) => isUp(kind, {}, {}, false))).toEqual([
      'fact-verified',
      'held-fee-cap',
      'held-l2-suspect',
    ])
  })
})

const lateFact = (batch: Batch, ms: number, factMs = hour) =>
  factLate({ batch, deadlineMs: { ...deadlineMs, 'proved-fact-pending': factMs }, now: at(ms) })

describe('a fact that cannot be seen', () => {
  const pending = inState({ kind: 'proved-fact-pending' })

  test('is told of after ten minutes and pages after an hour', () => {
    expect(lateFact(pending, 10 * minute - 1)).toBeUndefined()
    expect(lateFact(pending, 10 * minute)).toMatchObject({
      rule: 'fact-late',
      severity: 'warning',
      since: at(10 * minute),
    })
    expect(severityOf(lateFact(pending, hour - 1))).toBe('warning')
    expect(severityOf(lateFact(pending, hour))).toBe('critical')
  })

  test('is told of at half of a shorter time, and pages when the network file says', () => {
    expect(severityOf(lateFact(pending, 5 * minute, 10 * minute))).toBe('warning')
    expect(severityOf(lateFact(pending, 10 * minute, 10 * minute))).toBe('critical')
    expect(severityOf(lateFact(pending, hour, 3 * hour))).toBe('warning')
  })

  test('counts from when the prover was done, also where it is a human’s to know by now', () => {
    const { state } = waiting('deadline', 'proved-fact-pending')
    const steps = [
      { at: at(0), to: 'proved-fact-pending' },
      { at: at(hour), to: 'needs-human' },
    ] as const
    const batch = inState(state, { stateSince: at(hour), history: steps })
    expect(lateFact(batch, 2 * hour)).toMatchObject({
      severity: 'critical',
      since: at(10 * minute),
    })
    expect(lateFact(batch, 2 * hour)?.summary).toContain('2 h ago')
    expect(lateFact(waiting('weak-fact', 'proved-fact-pending'), 2 * hour)).toBeUndefined()
  })
})

const reasons: readonly HumanReason[] = [
  'deadline',
  'rejected',
  'prover-failed',
  'bad-input',
  'wrong-fact',
  'mocked',
  'weak-fact',
  'unsettleable',
  'configuration',
  'bug',
  'foreign-state',
]

test('every reason for which a batch waits for a human pages, under exactly one rule', () => {
  const rules = Object.fromEntries(
    reasons.map((why) => {
      const batch = waiting(why)
      const found = [
        batchLate({ batch, deadlineMs, isHeldUp: false, now: at(1) }),
        batchRejected(batch),
        factLate({ batch, deadlineMs, now: at(1) }),
        factWeak(batch),
        batchWaits(batch),
      ].filter((one) => one !== undefined)
      expect(found.map(({ severity }) => severity)).toEqual(['critical'])
      expect(found[0]?.summary).toContain('in its words')
      return [why, found[0]?.rule]
    }),
  )
  expect(rules).toEqual({
    deadline: 'batch-late',
    rejected: 'batch-rejected',
    'prover-failed': 'batch-waits',
    'bad-input': 'batch-waits',
    'wrong-fact': 'fact-weak',
    mocked: 'fact-weak',
    'weak-fact': 'fact-weak',
    unsettleable: 'batch-waits',
    configuration: 'batch-waits',
    bug: 'batch-waits',
    'foreign-state': 'batch-waits',
  })
})

describe('the contract’s own deadline', () => {
  const input = {
    pie: 'run.zip',
    steps: 1,
    output: 'run.json',
    programHash: '0x1',
    fact: '0xfac7',
    proverFacts: {},
    settleBefore: at(100 * minute),
  } as const
  const expires = (state: BatchState, ms: number) => batchExpires(inState(state, { input }), at(ms))

  test('is told of when half of the time since the batch was closed is gone, and pages at four fifths', () => {
    const state = { kind: 'proving' } as const
    expect(expires(state, 50 * minute - 1)).toBeUndefined()
    expect(expires(state, 50 * minute)).toMatchObject({
      rule: 'batch-expires',
      severity: 'warning',
      since: at(50 * minute),
    })
    expect(severityOf(expires(state, 80 * minute - 1))).toBe('warning')
    expect(expires(state, 80 * minute)).toMatchObject({
      severity: 'critical',
      since: at(80 * minute),
    })
    expect(expires(state, 101 * minute)?.summary).toContain('its contract takes it no more')
  })

  test('holds in every state until the batch is settled, and for none that has no such deadline', () => {
    const states = openKinds.filter((kind) => kind !== 'settled' && kind !== 'needs-human')
    for (const kind of states)
      expect(severityOf(expires({ kind } as BatchState, 90 * minute))).toBe('critical')
    const human = { kind: 'needs-human', why: 'deadline', reason: 'late' } as const
    expect(severityOf(expires({ ...human, back: 'settling' }, 90 * minute))).toBe('critical')
    expect(expires({ ...human, back: 'settled' }, 90 * minute)).toBeUndefined()
    for (const kind of ['settled', 'finalized'] as const)
      expect(expires({ kind }, 90 * minute)).toBeUndefined()
    expect(batchExpires(inState({ kind: 'proving' }), at(90 * minute))).toBeUndefined()
  })
})

test('a hold is news for a day and a warning after it, by whom and why', () => {
  const hold = { by: 'ann', reason: 'an upgrade', at: at(0) }
  const held = (ms: number) =>
    laneHeld({ subject: 'appchain', what: 'the lane appchain', hold, now: at(ms) })
  expect(held(24 * hour)).toMatchObject({ rule: 'lane-held', severity: 'info', since: at(0) })
  expect(held(24 * hour + 1).severity).toBe('warning')
  expect(held(1).summary).toMatch(/^the lane appchain is held by ann since .+: an upgrade$/)
})

const lateLane = (ms: number, isHeld = false) =>
  settlementLate({
    lane: 'appchain',
    oldest: inState({ kind: 'proving' }),
    isHeld,
    deadlineMs,
    now: at(ms),
  })

describe('a lane whose oldest batch is unsettled', () => {
  test('is told of after all eight states together, and pages after twice that unless somebody holds it', () => {
    expect(lateLane(8 * hour)).toBeUndefined()
    expect(lateLane(8 * hour + 1)).toMatchObject({
      rule: 'settlement-late',
      subject: 'appchain',
      severity: 'warning',
      since: at(8 * hour),
    })
    expect(severityOf(lateLane(16 * hour))).toBe('warning')
    expect(severityOf(lateLane(16 * hour + 1))).toBe('critical')
    expect(severityOf(lateLane(16 * hour + 1, true))).toBe('warning')
  })
})

describe('a prover that does not answer', () => {
  test('is told after three looks, whatever lanes its batches are of', () => {
    expect(told(silent('atlantic', 2))).toEqual([])
    expect(told(silent('atlantic'), { ...silent('atlantic'), lane: 'other' })).toEqual([
      'prover-unreachable atlantic',
    ])
    expect(told(silent('atlantic'), silent('sharp'))).toEqual([
      'prover-unreachable atlantic',
      'prover-unreachable sharp',
    ])
  })

  test('is none that answers for one of them; one that was never asked about says nothing', () => {
    expect(told(silent('atlantic'), answered('atlantic'))).toEqual([])
    expect(told(silent('atlantic'), answered('sharp'))).toEqual(['prover-unreachable atlantic'])
    expect(told(silent('atlantic'), unasked('atlantic'))).toEqual(['prover-unreachable atlantic'])
  })
})
