import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  answered,
  isMistrusted,
  isQuarantined,
  longestQuarantineMs,
  newNode,
  type NodeHealth,
  placed,
  score,
  struck,
} from '../../../lib/adapters/chains/node-health.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const start = 1_764_000_000_000
const head = { number: 7, hash: '0x07', time: timestamp(start) } as const

type Event = {
  readonly kind: 'fault' | 'answer' | 'lie' | 'place'
  readonly afterMs: number
  readonly jitter: number
}

const events = fc.array(
  fc.record<Event>({
    kind: fc.constantFrom('fault', 'answer', 'lie', 'place'),
    afterMs: fc.nat(100_000),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 60 },
)

function after(node: NodeHealth, { kind, jitter }: Event, ms: number): NodeHealth {
  const now = timestamp(ms)
  switch (kind) {
    case 'fault':
      return struck(node, { trouble: 'timeout', detail: '', now, jitter })
    case 'lie':
      return struck(node, { trouble: 'ahead', detail: '', now, jitter })
    case 'answer':
      return answered(node, { tookMs: 10, now })
    case 'place':
      return placed(node, { head, lagBlocks: 0, fit: true })
  }
}

function taking(latencyMs: number): number {
  return score({ ...newNode, latencyMs })
}

/** The node after all that, and the time. */
function lived(
  all: readonly Event[],
  check: (node: NodeHealth, now: number, event: Event) => void,
) {
  let node = newNode
  let now = start
  for (const event of all) {
    now += event.afterMs
    node = after(node, event, now)
    check(node, now, event)
  }
  return { node, now }
}

describe('whatever a node does', () => {
  test('a fault puts it in quarantine, for no longer than the longest one and its jitter', () => {
    fc.assert(
      fc.property(events, (all) => {
        lived(all, (node, now, { kind }) => {
          if (kind !== 'fault' && kind !== 'lie') return
          const forMs = (node.quarantine?.until ?? 0) - now
          expect(forMs).toBeGreaterThanOrEqual(800)
          expect(forMs).toBeLessThanOrEqual(longestQuarantineMs * 1.2)
          expect(isQuarantined(node, timestamp(now))).toBe(true)
        })
      }),
    )
  })

  test('an answer frees it of silence, but only its place among the others frees it of a lie', () => {
    fc.assert(
      fc.property(events, (all) => {
        const { node, now } = lived(all, () => undefined)
        const silent = after(node, { kind: 'fault', afterMs: 0, jitter: 0 }, now)
        const lying = after(node, { kind: 'lie', afterMs: 0, jitter: 0 }, now)
        const heard = (one: NodeHealth) => answered(one, { tookMs: 1, now: timestamp(now) })
        expect(heard(silent).quarantine).toBeUndefined()
        expect(isMistrusted(heard(lying))).toBe(true)
        expect(placed(lying, { head, lagBlocks: 0, fit: true }).quarantine).toBeUndefined()
        expect(isMistrusted(placed(lying, { head, lagBlocks: 0, fit: false }))).toBe(true)
      }),
    )
  })

  test('it is forgiven one fault for each half minute without any, and all in the end', () => {
    fc.assert(
      fc.property(events, (all) => {
        const { node, now } = lived(all, () => undefined)
        const soon = answered(answered(node, { tookMs: 1, now: timestamp(now) }), {
          tookMs: 1,
          now: timestamp(now + 29_999),
        })
        expect(soon.strikes).toBeGreaterThanOrEqual(node.strikes - 1)
        let last = node
        for (let times = 1; times <= 8; times += 1)
          last = answered(last, { tookMs: 1, now: timestamp(now + times * 30_000) })
        expect(last.strikes).toBe(0)
      }),
    )
  })

  test('its quarantine began with the first fault of a row', () => {
    let node = newNode
    for (const afterMs of [0, 2_000, 9_000])
      node = after(node, { kind: 'fault', afterMs, jitter: 0.5 }, start + afterMs)
    expect(node.quarantine?.since).toBe(start)
  })
})

test('each fault in a row doubles the quarantine up to a minute', () => {
  const lengths: number[] = []
  lived(
    Array.from({ length: 9 }, () => ({ kind: 'fault', afterMs: 0, jitter: 0.5 }) as const),
    (node, now) => lengths.push((node.quarantine?.until ?? 0) - now),
  )
  expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000))
})

test('twice as slow weighs as much as one fault, and below 50 ms all are as fast', () => {
  expect([1, 50, 100, 200, 400].map(taking)).toEqual([0, 0, 1, 2, 3])
  expect(score({ ...newNode, latencyMs: 50, strikes: 2, lagScore: 1 })).toBe(3)
})
