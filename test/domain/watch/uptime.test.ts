import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Finding } from '../../../lib/domain/incident.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers as numbers } from '../../../lib/domain/watch/parameters.ts'
import { type Uptime, uptimeAfter, whyDown } from '../../../lib/domain/watch/uptime.ts'

const start = timestamp(1_764_000_000_000)
const at = (seconds: number) => timestamp(start + seconds * 1000)

function finding(rule: string, change: Partial<Finding> = {}): Finding {
  return {
    rule,
    subject: 'l2',
    severity: 'warning',
    summary: `${rule} of l2`,
    since: start,
    afterMs: 0,
    ...change,
  }
}

const stalled = finding('chain-stalled', { severity: 'critical' })

/** The word after looks that found these, every fifteen seconds. */
function after(...looks: readonly (readonly Finding[])[]): Uptime {
  const word = looks.reduce<Uptime | undefined>(
    (before, found, look) =>
      uptimeAfter(before, { chain: 'l2', found, now: at(look * 15), numbers }),
    undefined,
  )
  if (!word) throw new TypeError('nobody looked')
  return word
}

const looks = (count: number, ...found: readonly Finding[]) =>
  Array.from({ length: count }, () => found)

describe('the word on a chain', () => {
  test.each([
    ['nothing found', [], 'up'],
    ['a stall that is only a warning', [finding('chain-stalled')], 'degraded'],
    ['a stall that wakes people', [stalled], 'down'],
    ['slow blocks', [finding('blocks-slow')], 'degraded'],
    ['nodes that disagree', [finding('nodes-disagree')], 'degraded'],
    ['no node at all: of the chain nothing is known', [finding('chain-unreachable')], 'degraded'],
    ['blocks undone a moment ago', [finding('head-went-back', { since: start })], 'down'],
    ['something that has not lasted', [finding('chain-unreachable', { afterMs: 60_000 })], 'up'],
    ['what is wrong elsewhere', [finding('price-late')], 'up'],
  ])('%s', (_, found, state) => {
    expect(after(found).state).toBe(state)
  })

  test('after a stall it recovers for ten minutes, and is up then', () => {
    const down = looks(4, stalled)
    expect(after(...down, ...looks(1)).state).toBe('recovering')
    expect(after(...down, ...looks(40)).state).toBe('recovering')
    expect(after(...down, ...looks(41)).state).toBe('up')
  })

  test('a grace is counted from when it came back, whatever was looked at since', () => {
    const back = after(...looks(4, stalled), ...looks(100))
    expect(back.flippedAt).toBe(at(4 * 15))
    expect(after(...looks(100)).flippedAt).toBe(start)
    expect(after(...looks(2), ...looks(9, stalled)).flippedAt).toBe(at(2 * 15))
  })

  test('blocks that were undone keep it down for a minute', () => {
    const seen = looks(6, finding('head-went-back'))
    expect(after(...seen.slice(0, 4)).state).toBe('down')
    expect(after(...seen.slice(0, 5)).state).toBe('recovering')
  })

  test('what does not change changes no time of it', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (isDown) => {
        const found = isDown.map((down) => (down ? [stalled] : []))
        const word = after(...found)
        const last = isDown.at(-1)
        const lastFlip = isDown.findLastIndex(
          (down, look) => look === 0 || down !== isDown[look - 1],
        )
        expect(word.flippedAt).toBe(at(lastFlip * 15))
        expect(word.state === 'down').toBe(last)
      }),
    )
  })
})

describe('who reads it', () => {
  test('moves no money while it is down, and goes by itself where the watch fell silent', () => {
    const down = after(...looks(1, stalled))
    expect(whyDown(down, at(0))).toEqual({
      reason: 'chain-down',
      detail: 'by the watch l2 is down since 2025-11-24 16:00:00 UTC: chain-stalled of l2',
    })
    expect(whyDown(down, at(120))).toBeDefined()
    expect(whyDown(down, timestamp(at(120) + 1))).toBeUndefined()
    expect(whyDown(after([]), at(0))).toBeUndefined()
    expect(whyDown(undefined, at(0))).toBeUndefined()
  })
})
