import { describe, expect, test } from 'vitest'

import type { Batch } from '../../lib/domain/proving/batch.ts'
import { batchesLines, batchLines, type BatchSeen } from '../../lib/tools/batch-lines.ts'
import { aBatch, aProvingLane, at, start } from '../adapters/store/samples.ts'
import { aBatchView, aLaneView } from '../runtime/some-batches.ts'

const minute = 60_000

describe('all batches', () => {
  const hold = { by: 'ann', reason: 'an upgrade', at: start - 10 * minute }

  test('are one line each: number, name, state, how long, how long yet, prover, fact and transaction', () => {
    const rows = [
      aBatchView(4, { transaction: `0x${'be'.repeat(32)}` }),
      aBatchView(5, { deadline: { at: start - 3 * minute, ofMs: minute }, hold }),
    ]
    const ended = [aBatchView(2, { state: 'finalized', deadline: undefined, fact: undefined })]
    const lines = batchesLines([aLaneView(rows, { ended, more: 7 })], start)
    expect(lines[0]).toBe('appchain: settled up to 3, final up to 2 of 12, unsettled for 60 min')
    expect(lines.slice(1, 5).map((line) => line.trim().split(/\s{2,}/))).toEqual([
      'batch|content|state|for|left|prover|fact|transaction|why'.split('|'),
      '4|blocks 401-500|proving|15 min|5.8 h|atlantic|0xfac7…fac7|0xbebe…bebe'.split('|'),
      '5|blocks 501-600|proving|15 min|3 min over|atlantic|0xfac7…fac7|-|held by ann: an upgrade'.split(
        '|',
      ),
      '2|blocks 201-300|finalized|15 min|-|atlantic|-|-'.split('|'),
    ])
    expect(lines[5]).toBe('and 7 more behind them; --limit shows more')
  })

  test('are told of under what humans decided about their lane, where somebody holds it', () => {
    const acts = [
      { at: hold.at, act: 'hold', by: 'ann', reason: 'an upgrade' },
      { at: hold.at - minute, act: 'release', by: 'bob', reason: 'it is safe' },
      { at: hold.at - 2 * minute, act: 'hold', by: 'bob', reason: 'a strange root' },
    ] as const
    const told = [
      'the lane is held by ann for 10 min: an upgrade',
      '2025-11-24 15:50:00 UTC  hold (ann: an upgrade)',
      '2025-11-24 15:49:00 UTC  release (bob: it is safe)',
      '2025-11-24 15:48:00 UTC  hold (bob: a strange root)',
    ]
    expect(batchesLines([{ ...aLaneView([], { hold }), acts }], start).slice(1)).toEqual(told)
    const free = { ...aLaneView([], { hold: undefined }), acts }
    expect(batchesLines([free], start)).toHaveLength(1)
  })

  test('are told of by lane, with who holds it and which batch was refused', () => {
    const suspect = { batch: 4, reason: 'invalid trace', since: start }
    const lanes = [
      aLaneView([], { hold, suspect, stranded: 'no batch can follow it' }),
      aLaneView([], { lane: 'two', reach: undefined }),
    ]
    expect(batchesLines(lanes, start).slice(1)).toEqual([
      'the lane is held by ann for 10 min: an upgrade',
      'a prover refused batch 4: invalid trace',
      'no batch can follow it',
      '',
      'two: no batch was closed yet',
    ])
    expect(batchesLines([], start)).toEqual(['The network file has no proving lane.'])
  })
})

const seen = (change: Partial<Batch>, rest: Partial<BatchSeen> = {}): readonly string[] =>
  batchLines(
    { batch: aBatch(7, change), lane: aProvingLane(), intent: undefined, acts: [], ...rest },
    at(10 * minute),
  )

describe('one batch', () => {
  test('is told with each step of its way, when it was and how long it took', () => {
    const lines = seen({
      state: { kind: 'proving' },
      history: [
        { at: at(0), to: 'planned', note: 'closed by count' },
        { at: at(30_000), to: 'preparing' },
        { at: at(3 * minute), to: 'proving' },
      ],
    })
    const steps = lines.slice(lines.indexOf('') + 1)
    expect(steps.map((line) => line.split(/ {2,}/).slice(1))).toEqual([
      ['30 s', 'planned (closed by count)'],
      ['2.5 min', 'preparing'],
      ['7 min', 'proving'],
    ])
    expect(steps[1]).toMatch(/^2025-11-24 16:00:30 UTC/)
  })

  test('has no time after its last step once it is final', () => {
    const history = [{ at: at(0), to: 'finalized' }] as const
    const lines = seen({ state: { kind: 'finalized' }, history })
    expect(lines.at(-1)).toMatch(/UTC\s+finalized$/)
    expect(lines.join('\n')).not.toContain('deadline')
  })

  test.each<[Batch['state'], string]>([
    [
      { kind: 'needs-human', why: 'bug', reason: 'Panic 0x32', back: 'fact-verified' },
      'for a human, bug: Panic 0x32; then it goes on from fact-verified',
    ],
    [
      { kind: 'held-fee-cap', most: 9n, cap: 7n },
      'for lower fees: it would cost up to 9, the cap is 7',
    ],
    [{ kind: 'held-l2-suspect', because: 4 }, 'for batch 4, which a prover refused'],
  ])('says why it waits: %o', (state, words) => {
    expect(seen({ state }).find((line) => line.startsWith('  waits'))).toBe(
      `  ${'waits'.padEnd(12)} ${words}`,
    )
  })

  test('says who holds it and its lane, what trouble there is, and what became of its transaction', () => {
    const hold = { by: 'ann', reason: 'an upgrade', at: at(0) }
    const acts = [{ act: 'hold', by: 'bob', reason: 'all of it', at: at(0) }] as const
    const text = seen(
      {
        hold,
        intent: 'settle:7:1',
        trouble: { at: at(9 * minute), where: 'prover', message: 'timeout' },
      },
      {
        lane: aProvingLane({ hold: { ...hold, by: 'bob' } }),
        intent: { kind: 'claimed', nonce: 1, hash: '0xbeef', sentAt: at(0) },
        acts,
      },
    ).join('\n')
    expect(text).toContain('the batch is held by ann for 10 min: an upgrade')
    expect(text).toContain('the lane is held by bob for 10 min: an upgrade')
    expect(text).toContain('prover, 60 s ago: timeout')
    expect(text).toContain('0xbeef, claimed, settle:7:1')
    expect(text).toMatch(/The lane\n2025-11-24 16:00:00 UTC {2}hold \(bob: all of it\)$/)
  })
})
