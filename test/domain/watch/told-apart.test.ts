import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { correlate } from '../../../lib/domain/watch/correlate.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import { systemFindings } from '../../../lib/domain/watch/system-findings.ts'
import type { SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import type { SystemRules } from '../../../lib/domain/watch/system-rules.ts'
import type { SystemSight, UnseenPart } from '../../../lib/domain/watch/system-sight.ts'
import { emptySight } from './watched-run.ts'

const start = 1_764_000_000_000
const lookMs = 15_000
const rules: SystemRules = {
  ownChains: {},
  mostMs: {},
  floors: {},
  ceilings: {},
  expect: {},
  lookMs,
  numbers: watchNumbers,
}
const apart: UnseenPart = {
  part: 'deadlines:funding',
  reason: 'lastFundingTick is 5 at one.example, 4 at two.example, in block 7',
  apart: 'l2',
}

/** One look each fifteen seconds; both nodes have the same newest block. */
function after(...unseen: readonly (readonly UnseenPart[])[]): SystemMemory {
  const looks = unseen.map((some, look): SystemSight => {
    const at = timestamp(start + look * lookMs)
    const answer = { kind: 'head', number: 7 + look, hash: `0x${look}`, time: at } as const
    const heads = ['one.example', 'two.example'].map((place) => ({ chain: 'l2', place, answer }))
    return { ...emptySight(at), at, heads, unseen: some }
  })
  const memory = looks.reduce<SystemMemory | undefined>(
    (before, sight) => remember('exchange', before, sight, watchNumbers),
    undefined,
  )
  if (!memory) throw new TypeError('nobody looked')
  return memory
}

const found = (memory: SystemMemory) =>
  systemFindings(memory, { now: memory.lookedAt, rules }).filter(
    ({ rule }) => rule === 'nodes-disagree',
  )

describe('nodes that have the same blocks and tell different states of one', () => {
  test('disagree, since when they do, with what each of them says', () => {
    expect(found(after([], [apart], [apart]))).toEqual([
      {
        rule: 'nodes-disagree',
        subject: 'exchange:l2',
        severity: 'warning',
        summary:
          'of exchange:l2 lastFundingTick is 5 at one.example, 4 at two.example, in block 7: one of them does not see the chain as it is',
        since: start + lookMs,
        // As long as for any other lie: a node that is a block behind is none.
        afterMs: 30_000,
      },
    ])
  })

  test('and do no longer at the first look at which they tell the same', () => {
    expect(found(after([apart], [apart], []))).toEqual([])
    const again = found(after([apart], [], [apart]))
    expect(again.map(({ since }) => since)).toEqual([start + 2 * lookMs])
  })

  test('critical after as long as where their heads are apart', () => {
    const looks = Array.from({ length: watchNumbers.apartPageMs / lookMs + 1 }, () => [apart])
    expect(found(after(...looks))[0]?.severity).toBe('critical')
    expect(found(after(...looks.slice(1)))[0]?.severity).toBe('warning')
  })

  test('what cannot be seen meanwhile is told with it, and not beside it', () => {
    const memory = after(...Array.from({ length: 70 }, () => [apart]))
    const all = systemFindings(memory, { now: memory.lookedAt, rules })
    expect(all.map(({ rule }) => rule).toSorted()).toEqual(['nodes-disagree', 'watch-blind'])
    const links = {
      engines: {},
      proving: {},
      provers: {},
      systems: { exchange: { chains: { l2: 'starknet' }, lanes: [] } },
    }
    const { findings } = correlate(all, { open: [], links, now: memory.lookedAt })
    expect(findings.map(({ rule }) => rule)).toEqual(['nodes-disagree'])
  })

  test('a part that nobody answered for is no disagreement', () => {
    const { apart: _apart, ...unanswered } = apart
    expect(found(after([unanswered], [unanswered]))).toEqual([])
  })
})
