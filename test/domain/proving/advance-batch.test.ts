import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { advanceBatch, plannedBatch } from '../../../lib/domain/proving/advance-batch.ts'
import { afterPrepare, afterSubmit } from '../../../lib/domain/proving/after-effect.ts'
import type { BatchSight } from '../../../lib/domain/proving/batch-sight.ts'
import type { Batch, BatchState } from '../../../lib/domain/proving/batch.ts'
import { heldByHand, releasedByHand, retriedByHand } from '../../../lib/domain/proving/by-hand.ts'
import type { ProverJob } from '../../../lib/domain/proving/prover-job.ts'
import type { OpenKind, ProvingRules } from '../../../lib/domain/proving/proving-rules.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const start = 1_764_000_000_000
const at = (ms: number) => timestamp(start + ms)
const hour = 3_600_000

const openKinds: readonly OpenKind[] = [
  'planned',
  'preparing',
  'ready',
  'submitting',
  'proving',
  'proved-fact-pending',
  'fact-verified',
  'settling',
  'settled',
  'held-fee-cap',
  'held-l2-suspect',
  'needs-human',
]

const rules: ProvingRules = {
  provers: ['one', 'two'],
  deadlineMs: Object.fromEntries(openKinds.map((kind) => [kind, hour])) as Record<OpenKind, number>,
  pollMs: { least: 1_000, most: 60_000 },
  troubleMs: { least: 1_000, most: 60_000 },
  unknownMs: 600_000,
  maxSubmits: 3,
  maxSettles: 3,
  buffer: 10,
  mayBeMocked: false,
  feeCap: 100n,
  urgentMs: 600_000,
  settleLifeMs: 60_000,
  digest: (text) => `digest of ${text}`,
}

const input = {
  pie: 'pie',
  steps: 1,
  output: 'output',
  programHash: '0x9',
  fact: '0xfac7',
  proverFacts: { sharp: '0xfac7' },
} as const

function aBatch(state: BatchState, change: Partial<Batch> = {}): Batch {
  const first = plannedBatch(
    {
      lane: 'appchain',
      number: 3,
      content: {
        name: 'blocks 3-4',
        previous: { number: 2, hash: '0x2' },
        last: { number: 4, hash: '0x4' },
        previousRoot: '0x2a',
        newRoot: '0x4a',
        size: 2,
        closedAt: at(0),
        closedBy: 'count',
      },
      fence: 1,
    },
    { now: at(0), rules },
  )
  const proving = { prover: 'one', key: 'key', id: 'id' }
  return {
    ...first,
    state,
    input,
    proving,
    intent: 'settle-batch:appchain:3:1',
    attempts: { ...first.attempts, submit: 1, settle: 1 },
    ...change,
  }
}

const block = { number: 50, hash: '0xb', time: at(0) } as const
const standing = (number: number) =>
  ({ number, hash: `0x${number}`, root: `0x${number}a` }) as const

function aSight(change: Partial<BatchSight> = {}): BatchSight {
  return {
    now: at(1_000),
    jitter: 0.5,
    stands: { kind: 'told', value: true },
    settlement: {
      kind: 'told',
      value: { latest: standing(2), finalized: standing(2), block, time: at(1_000) },
    },
    place: 'next',
    isNext: true,
    isHeld: false,
    suspectSince: undefined,
    ...change,
  }
}

const job = (change: Partial<ProverJob>): NonNullable<BatchSight['job']> => ({
  kind: 'told',
  value: { id: 'id', status: 'running', facts: {}, isMocked: false, ...change },
})
const strong = { kind: 'told', value: { kind: 'strong' } } as const
const trouble = { kind: 'trouble', message: 'connection refused' } as const

function next(batch: Batch, sight: BatchSight, by: Partial<ProvingRules> = {}) {
  const advance = advanceBatch(batch, sight, { ...rules, ...by })
  if (!advance) throw new Error('it is finished')
  return advance
}

const moment = (state: BatchState) => ({ batch: aBatch(state), sight: aSight(), rules })

describe('a batch', () => {
  test.each<[string, BatchState, Partial<BatchSight>, object]>([
    ['is made ready once it is planned', { kind: 'planned' }, {}, { kind: 'preparing' }],
    ['gets a key before anybody is asked', { kind: 'ready' }, {}, { kind: 'submitting' }],
    [
      'that a prover has already is not submitted again',
      { kind: 'submitting' },
      { job: job({ status: 'queued' }) },
      { kind: 'proving' },
    ],
    [
      'is not proved because the prover says so',
      { kind: 'proving' },
      { job: job({ status: 'done' }) },
      { kind: 'proved-fact-pending' },
    ],
    [
      'that the prover calls impossible waits for a human',
      { kind: 'proving' },
      { job: job({ status: 'rejected', reason: 'INVALID' }) },
      { kind: 'needs-human', why: 'rejected', reason: 'INVALID' },
    ],
    [
      'whose fact is another one waits for a human',
      { kind: 'proving' },
      { job: job({ status: 'done', facts: { sharp: '0xbad' } }) },
      { kind: 'needs-human', why: 'wrong-fact' },
    ],
    [
      'whose program is another one waits for a human',
      { kind: 'proving' },
      { job: job({ status: 'done', programHash: '0x8' }) },
      { kind: 'needs-human', why: 'wrong-fact' },
    ],
    [
      'with a mocked fact waits for a human',
      { kind: 'proving' },
      { job: job({ status: 'done', isMocked: true }) },
      { kind: 'needs-human', why: 'mocked' },
    ],
    [
      'that a prover could not prove is for the next one',
      { kind: 'proving' },
      { job: job({ status: 'failed', reason: 'a machine was lost' }) },
      { kind: 'ready' },
    ],
    [
      'whose size was declared wrong is not tried again as it is',
      { kind: 'proving' },
      { job: job({ status: 'failed', isSizeRight: false }) },
      { kind: 'needs-human', why: 'bad-input' },
    ],
    [
      'that a prover has forgotten is submitted under another key',
      { kind: 'proving' },
      { job: { kind: 'told', value: undefined } },
      { kind: 'ready' },
    ],
    [
      'whose fact is weak waits for a human',
      { kind: 'proved-fact-pending' },
      { fact: { kind: 'told', value: { kind: 'weak', reason: '40 bits' } } },
      { kind: 'needs-human', why: 'weak-fact', reason: '40 bits' },
    ],
    [
      'whose fact is there is verified',
      { kind: 'proved-fact-pending' },
      { fact: strong },
      { kind: 'fact-verified' },
    ],
    [
      'whose fact is there no more goes back to wait for it',
      { kind: 'fact-verified' },
      // Nobody tries what is not proved.
      { fact: { kind: 'told', value: { kind: 'absent' } } },
      { kind: 'proved-fact-pending' },
    ],
    [
      'is settled when it is its turn',
      { kind: 'fact-verified' },
      { fact: strong, trial: { kind: 'told', value: { kind: 'ok', most: 100n } } },
      { kind: 'settling' },
    ],
    [
      'that costs more than it may is held',
      { kind: 'fact-verified' },
      { fact: strong, trial: { kind: 'told', value: { kind: 'ok', most: 101n } } },
      { kind: 'held-fee-cap', most: 101n, cap: 100n },
    ],
    [
      'that is not the next one waits',
      { kind: 'fact-verified' },
      { isNext: false, fact: strong, trial: { kind: 'told', value: { kind: 'ok', most: 1n } } },
      { kind: 'fact-verified' },
    ],
    [
      'that needs more than its fact waits for that too',
      { kind: 'fact-verified' },
      { fact: strong, trial: { kind: 'told', value: { kind: 'missing', what: 'a signature' } } },
      { kind: 'fact-verified' },
    ],
    [
      'that can never be settled waits for a human',
      { kind: 'fact-verified' },
      {
        fact: strong,
        trial: {
          kind: 'told',
          value: {
            kind: 'reverted',
            reason: 'INVALID_MESSAGE_TO_CONSUME',
            meaning: 'human',
            why: 'unsettleable',
          },
        },
      },
      { kind: 'needs-human', why: 'unsettleable', reason: 'INVALID_MESSAGE_TO_CONSUME' },
    ],
    [
      'before which somebody else settled something else waits for a human',
      { kind: 'fact-verified' },
      { place: 'foreign' },
      { kind: 'needs-human', why: 'foreign-state' },
    ],
    [
      'whose transaction failed is asked why before another is sent',
      { kind: 'settling' },
      { intent: { kind: 'failed', why: 'reverted', reason: 'X', hash: undefined } },
      { kind: 'fact-verified' },
    ],
    [
      'that the contract has is settled',
      { kind: 'settling' },
      { place: 'settled' },
      { kind: 'settled' },
    ],
    [
      'that others settled is settled',
      { kind: 'proving' },
      { place: 'settled' },
      { kind: 'settled' },
    ],
    [
      'is final when the chain says so',
      { kind: 'settled' },
      { place: 'final' },
      { kind: 'finalized' },
    ],
    ['that the chain has no more is settled again', { kind: 'settled' }, {}, { kind: 'settling' }],
    [
      'whose blocks are gone is given up',
      { kind: 'proving' },
      { stands: { kind: 'told', value: false } },
      { kind: 'superseded' },
    ],
    [
      'whose transaction is sent is not given up before its outcome is known',
      { kind: 'settling' },
      {
        stands: { kind: 'told', value: false },
        intent: { kind: 'claimed', nonce: 1, hash: '0x1', sentAt: undefined },
      },
      { kind: 'settling' },
    ],
    [
      'after one that was refused is given to no prover',
      { kind: 'ready' },
      { suspectSince: 2 },
      { kind: 'held-l2-suspect', because: 2 },
    ],
    ['goes on when that is over', { kind: 'held-l2-suspect', because: 2 }, {}, { kind: 'ready' }],
  ])('%s', (_, state, sight, expected) => {
    const { batch } = next(aBatch(state), aSight(sight))
    expect(batch.state).toMatchObject(expected)
    expect(batch.version).toBe(2)
  })

  test('is submitted under a key of lane, number, last block and attempt, to each prover in turn', () => {
    const first = aBatch(
      { kind: 'ready' },
      { attempts: { ...aBatch({ kind: 'ready' }).attempts, submit: 0 } },
    )
    const { batch } = next(first, aSight())
    expect(batch.proving).toEqual({ prover: 'one', key: 'digest of appchain/3/4/1' })
    const again = next({ ...batch, state: { kind: 'ready' } }, aSight())
    expect(again.batch.proving).toEqual({ prover: 'two', key: 'digest of appchain/3/4/2' })
  })

  test('that nobody could prove waits for a human, who gives it as many tries again', () => {
    const spent = aBatch({ kind: 'proving' })
    const tired = { ...spent, attempts: { ...spent.attempts, submit: 3 } }
    const { batch } = next(tired, aSight({ job: job({ status: 'failed' }) }))
    expect(batch.state).toMatchObject({ kind: 'needs-human', why: 'prover-failed', back: 'ready' })
    const hand = { by: 'anna', reason: 'they mended it', now: at(5_000) }
    const retried = retriedByHand(batch, hand, rules.deadlineMs)
    expect(retried).toMatchObject({
      state: { kind: 'ready' },
      attempts: { submit: 3, granted: { submit: 3 } },
    })
    const failed = next(
      { ...retried, state: { kind: 'proving' } },
      aSight({ job: job({ status: 'failed' }) }),
    )
    expect(failed.batch.state.kind).toBe('ready')
  })

  test('is settled whatever it costs shortly before the contract will not take it any more', () => {
    const sight = aSight({
      fact: strong,
      trial: { kind: 'told', value: { kind: 'ok', most: 10n ** 18n } },
    })
    const urgent = aBatch(
      { kind: 'held-fee-cap', most: 1n, cap: 1n },
      { input: { ...input, settleBefore: at(600_999) } },
    )
    const { batch, effect } = next(urgent, sight)
    expect(batch.state.kind).toBe('settling')
    expect(effect).toEqual({
      kind: 'settle',
      intent: 'settle-batch:appchain:3:2',
      deadline: at(61_000),
    })
    const calm = { ...urgent, input: { ...input, settleBefore: at(601_001) } }
    expect(next(calm, sight).batch.state.kind).toBe('held-fee-cap')
  })

  test('that took a prover too long is for the next one, and for a human after the last', () => {
    const late = { now: at(2 * hour), job: job({ status: 'running' }) }
    const proving = aBatch({ kind: 'proving' })
    expect(next(proving, aSight(late)).batch.state.kind).toBe('ready')
    const last = { ...proving, attempts: { ...proving.attempts, submit: 3 } }
    const { batch } = next(last, aSight(late))
    expect(batch.state).toMatchObject({ kind: 'needs-human', why: 'deadline', back: 'proving' })
    // It was late and not lost.
    const done = next(batch, aSight({ now: at(3 * hour), job: job({ status: 'done' }) }))
    expect(done.batch.state.kind).toBe('proved-fact-pending')
    const running = next(batch, aSight({ now: at(3 * hour), job: job({ status: 'running' }) }))
    expect(running.batch.state).toEqual(batch.state)
  })

  test('whose weak fact becomes strong goes on by itself; what was refused never does', () => {
    const weak = {
      kind: 'needs-human',
      why: 'weak-fact',
      reason: '40 bits',
      back: 'proved-fact-pending',
    } as const
    expect(next(aBatch(weak), aSight({ fact: strong })).batch.state.kind).toBe('fact-verified')
    const refused = { ...weak, why: 'rejected', back: 'ready' } as const
    const { batch, effect } = next(
      aBatch(refused),
      aSight({ fact: strong, job: job({ status: 'done' }) }),
    )
    expect(batch.state).toEqual(refused)
    expect(effect).toBeUndefined()
  })

  test('that is held is neither submitted nor sent, and is followed all the same', () => {
    const hand = { by: 'anna', reason: 'looked into', now: at(500) }
    const sight = aSight({ fact: strong, trial: { kind: 'told', value: { kind: 'ok', most: 1n } } })
    for (const kind of ['planned', 'ready', 'fact-verified'] as const) {
      const held = heldByHand(aBatch({ kind }), hand)
      const { batch, effect } = next(held, sight)
      expect([batch.state.kind, effect]).toEqual([kind, undefined])
      const free = releasedByHand(batch, { ...hand, now: at(900) })
      expect(free.history.slice(-2).map(({ to, note }) => `${to} ${note}`)).toEqual([
        'hold anna: looked into',
        'release anna: looked into',
      ])
      expect(next(free, sight).batch.state.kind).not.toBe(kind)
    }
    const followed = heldByHand(aBatch({ kind: 'proving' }), hand)
    expect(next(followed, aSight({ job: job({ status: 'done' }) })).batch.state.kind).toBe(
      'proved-fact-pending',
    )
  })

  test('that needs a signature of others says so as long as it waits, looks as often as for a fact, and goes on by itself', () => {
    const needs = (now: number) =>
      aSight({
        now: at(now),
        fact: strong,
        trial: { kind: 'told', value: { kind: 'missing', what: 'no signature yet' } },
      })
    const { batch } = next(aBatch({ kind: 'fact-verified' }), needs(2_000))
    expect(batch.trouble).toEqual({
      at: at(2_000),
      where: 'registry',
      message: 'no signature yet',
    })
    const unseen = next(aBatch({ kind: 'proved-fact-pending' }), aSight({ now: at(2_000) })).batch
    expect(batch.nextActionAt).toBe(unseen.nextActionAt)
    expect(batch.attempts).toMatchObject({ looks: 1, trouble: 0 })
    const late = next(batch, needs(3 * hour)).batch
    expect(late.state).toMatchObject({ why: 'deadline', back: 'fact-verified' })
    expect(late.state.kind === 'needs-human' && late.state.reason).toContain('no signature yet')
    const signed = { kind: 'told', value: { kind: 'ok', most: 1n } } as const
    const sight = aSight({ now: at(4 * hour), fact: strong, trial: signed })
    expect(next(late, sight).batch.state.kind).toBe('settling')
  })

  test('is not undone by a node that has not got its block', () => {
    const settled = aBatch({ kind: 'settled' }, { settledIn: { block: { ...block, number: 51 } } })
    expect(next(settled, aSight()).batch.state.kind).toBe('settled')
    const here = aBatch({ kind: 'settled' }, { settledIn: { block } })
    expect(next(here, aSight()).batch.state.kind).toBe('settling')
  })

  test('what came of an effect counts only where the row still waits for it', () => {
    expect(afterPrepare(moment({ kind: 'preparing' }), { kind: 'input', input })?.state.kind).toBe(
      'ready',
    )
    expect(afterPrepare(moment({ kind: 'preparing' }), { kind: 'absent' })?.state.kind).toBe(
      'preparing',
    )
    expect(
      afterPrepare(moment({ kind: 'preparing' }), { kind: 'wrong', reason: 'root' })?.state,
    ).toMatchObject({
      why: 'bad-input',
    })
    expect(afterPrepare(moment({ kind: 'proving' }), { kind: 'input', input })).toBeUndefined()
    expect(afterSubmit(moment({ kind: 'submitting' }), { kind: 'taken', id: 'x' })).toMatchObject({
      state: { kind: 'proving' },
      proving: { id: 'x' },
    })
    expect(
      afterSubmit(moment({ kind: 'submitting' }), { kind: 'refused', reason: 'no' })?.state.kind,
    ).toBe('ready')
    expect(afterSubmit(moment({ kind: 'proving' }), { kind: 'taken', id: 'x' })).toBeUndefined()
  })
})

const asked = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    value.map((one) => ({ kind: 'told', value: one }) as const),
    fc.constant(trouble),
    fc.constant({ ...trouble, retryAfterMs: 90_000 }),
  )

describe('whatever is seen', () => {
  const status = fc.constantFrom('queued', 'running', 'done', 'failed', 'rejected', 'unknown')
  const anyJob = fc.record({
    id: fc.constant('id'),
    status,
    facts: fc.constantFrom({}, { sharp: '0xfac7' } as const, { sharp: '0xbad' } as const),
    isMocked: fc.boolean(),
  })
  const anyTrial = fc.oneof(
    fc.bigInt(0n, 200n).map((most) => ({ kind: 'ok', most }) as const),
    fc.constantFrom(
      { kind: 'missing', what: 'M' } as const,
      { kind: 'reverted', reason: 'R', meaning: 'wait' } as const,
      { kind: 'reverted', reason: 'R', meaning: 're-read' } as const,
      { kind: 'reverted', reason: 'R', meaning: 'human', why: 'bug' } as const,
    ),
  )
  const anySight = fc
    .record({
      ms: fc.integer({ min: 0, max: 3 * hour }),
      jitter: fc.double({ min: 0, max: 0.999, noNaN: true }),
      stands: asked(fc.constantFrom(true, true, true, false)),
      settlement: asked(
        fc.constant({ latest: standing(2), finalized: standing(2), block, time: at(0) }),
      ),
      place: fc.constantFrom('before', 'next', 'next', 'settled', 'final', 'foreign', undefined),
      isNext: fc.boolean(),
      isHeld: fc.boolean(),
      suspectSince: fc.constantFrom(undefined, undefined, 2),
      job: fc.option(asked(fc.option(anyJob, { nil: undefined })), { nil: undefined }),
      fact: fc.option(
        asked(
          fc.constantFrom(
            { kind: 'absent' } as const,
            { kind: 'strong' } as const,
            { kind: 'weak', reason: 'w' } as const,
          ),
        ),
        { nil: undefined },
      ),
      trial: fc.option(asked(anyTrial), { nil: undefined }),
    })
    .map(({ ms, job: seen, fact, trial, ...rest }): BatchSight => ({
      ...rest,
      now: at(ms),
      ...(seen && { job: seen }),
      ...(fact && { fact }),
      ...(trial && { trial }),
    }))
  const anyState = fc.constantFrom<BatchState>(
    ...(
      ['planned', 'preparing', 'ready', 'submitting', 'proving', 'proved-fact-pending'] as const
    ).map((kind) => ({ kind }) as const),
    ...(['fact-verified', 'settling', 'settled'] as const).map((kind) => ({ kind }) as const),
    { kind: 'held-fee-cap', most: 1n, cap: 1n },
    { kind: 'held-l2-suspect', because: 2 },
    { kind: 'needs-human', why: 'deadline', reason: 'late', back: 'proving' },
    { kind: 'needs-human', why: 'rejected', reason: 'INVALID', back: 'ready' },
  )

  test('each row has an owner and a deadline, and one version more', () => {
    fc.assert(
      fc.property(anyState, anySight, (state, sight) => {
        const { batch } = next(aBatch(state), sight)
        expect(batch.version).toBe(2)
        if (batch.state.kind === 'finalized' || batch.state.kind === 'superseded') return
        expect(batch.nextActionAt).toBeGreaterThanOrEqual(sight.now)
        expect(batch.nextActionAt).toBeLessThanOrEqual(sight.now + hour)
        expect(batch.deadlineAt).toBeGreaterThan(start)
      }),
    )
  })

  test('trouble on the way changes no state before its deadline', () => {
    fc.assert(
      fc.property(anyState, fc.integer({ min: 0, max: hour - 1 }), (state, ms) => {
        const sight = aSight({
          now: at(ms),
          stands: trouble,
          settlement: trouble,
          place: undefined,
          job: trouble,
          fact: trouble,
          trial: trouble,
          intent: { kind: 'claimed', nonce: 1, hash: '0x1', sentAt: undefined },
        })
        const { batch } = next(aBatch(state), sight)
        // Its own next steps need nobody who could be in trouble.
        const own = { planned: 'preparing', 'held-l2-suspect': 'ready' } as Record<string, string>
        expect(batch.state.kind).toBe(own[state.kind] ?? state.kind)
      }),
    )
  })

  test('nothing is sent but what is next, stands, is held by nobody and has a strong fact', () => {
    fc.assert(
      fc.property(anyState, anySight, (state, sight) => {
        const { effect, batch } = next(aBatch(state), sight)
        if (effect?.kind !== 'settle' || state.kind === 'settling') return
        expect(sight).toMatchObject({
          isNext: true,
          isHeld: false,
          place: 'next',
          stands: { kind: 'told', value: true },
          fact: { kind: 'told', value: { kind: 'strong' } },
          suspectSince: undefined,
        })
        expect(batch.state.kind).toBe('settling')
      }),
      { numRuns: 2_000 },
    )
  })

  test('nothing is submitted but what a prover has just said it does not have', () => {
    fc.assert(
      fc.property(anyState, anySight, (state, sight) => {
        const { effect } = next(aBatch(state), sight)
        if (effect?.kind !== 'submit') return
        expect(sight.job).toEqual({ kind: 'told', value: undefined })
        expect(effect.submission).toEqual({ prover: 'one', key: 'key' })
      }),
      { numRuns: 2_000 },
    )
  })
})
