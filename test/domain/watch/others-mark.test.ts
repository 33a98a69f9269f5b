import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { markFindings } from '../../../lib/domain/watch/mark-findings.ts'
import { othersMark } from '../../../lib/domain/watch/others-mark.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { rememberMark } from '../../../lib/domain/watch/remember-mark.ts'
import type { MarkMemory, SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import type { MarkSight } from '../../../lib/domain/watch/system-sight.ts'
import { aSystemAllWrong, rulesOfAllWrong as rules } from './a-system-all-wrong.ts'

const now = timestamp(1_770_000_000_000)
const at = { now, numbers: watchNumbers }

function exchange(
  system: string,
  mark: Partial<MarkSight>,
  {
    ageMs = 30_000,
    unseen = {},
  }: { readonly ageMs?: number; readonly unseen?: SystemMemory['unseen'] } = {},
) {
  const last = { market: 'BTC-USD', mark: '68000', ...mark }
  const known: MarkMemory = { last, at: timestamp(now - ageMs), buckets: [] }
  return { system, unseen, marks: { 'BTC-USD': known } }
}

describe('what other exchanges publish of a market', () => {
  test('is the median of their indices, or of the marks of those without one', () => {
    const others = [
      exchange('paradex', { mark: '99999', index: '68010.5' }),
      exchange('dydx', { mark: '68020' }),
      exchange('extended', { mark: '1', index: '67990.000000000000000001' }),
    ]
    expect(othersMark('BTC-USD', others, at)).toEqual({
      median: '68010.5',
      of: ['dydx', 'extended', 'paradex'],
    })
  })

  test('of four is the mean of the two in the middle', () => {
    const others = ['68000', '68001', '68004', '90000'].map((mark, index) =>
      exchange(`e${index}`, { mark }),
    )
    expect(othersMark('BTC-USD', others, at)?.median).toBe('68002.5')
  })

  test('is nothing where only two tell it, now', () => {
    const two = [exchange('a', {}), exchange('b', {})]
    const why = { since: now, reason: 'status 502' }
    const none = { ...exchange('c', {}), marks: {} }
    expect(othersMark('BTC-USD', two, at)).toBeUndefined()
    expect(othersMark('BTC-USD', [...two, none], at)).toBeUndefined()
    const old = exchange('c', {}, { ageMs: 120_001 })
    expect(othersMark('BTC-USD', [...two, old], at)).toBeUndefined()
    const unseen = exchange('c', {}, { unseen: { marks: why } })
    expect(othersMark('BTC-USD', [...two, unseen], at)).toBeUndefined()
    expect(othersMark('constructor', [...two, exchange('c', {})], at)).toBeUndefined()
    expect(othersMark('BTC-USD', [...two, exchange('c', {})], at)).toBeDefined()
  })
})

/** What is remembered of a mark after looks ten minutes apart. */
function looks(...marks: readonly Partial<MarkSight>[]): MarkMemory {
  let known: MarkMemory | undefined
  for (const [index, mark] of marks.entries()) {
    const sight = { market: 'BTC-USD', mark: '68000', ...mark }
    known = rememberMark(known, sight, timestamp(now + index * 600_000), watchNumbers)
  }
  if (!known) throw new Error('no looks')
  return known
}

describe('a mark beside the other exchanges’ median', () => {
  const others = { median: '68000', of: ['dydx', 'extended', 'paradex'] }
  test('is told as that, with who they are', () => {
    const known = looks({ mark: '69360', others })
    const memory = { ...aSystemAllWrong(now), system: 'hyperliquid', marks: { 'BTC-USD': known } }
    expect(markFindings(memory, { now, rules }).map(({ summary }) => summary)).toEqual([
      "hyperliquid:BTC-USD has the mark 69360, held against the other exchanges' median 68000 (of dydx, extended, paradex): 200 bps apart, up to 100 are usual",
    ])
  })

  test('is not judged by what was usual beside ours, nor the other way round', () => {
    const usual = Array.from({ length: 40 }, () => ({ mark: '68500', ours: '68000' }))
    expect(looks(...usual).apartSince).toBeUndefined()
    const [ours, theirs] = [looks(...usual), looks(...usual, { mark: '68500', others })]
    expect([ours.buckets.length, theirs.buckets.length]).toEqual([40, 1])
    expect(looks(...usual, { others }, { mark: '68500', ours: '68000' }).buckets).toHaveLength(1)
    // A look that has neither says nothing of what is usual.
    expect(looks(...usual, {}, { mark: '68500', ours: '68000' }).buckets).toHaveLength(41)
  })

  test('gives way to ours', () => {
    const known = looks({ mark: '69360', ours: '69360', others })
    expect(known.bps).toBe(0)
  })
})
