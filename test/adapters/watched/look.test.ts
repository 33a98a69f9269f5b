import { describe, expect, test } from 'vitest'

import { type Glance, lookAtOnce, shared } from '../../../lib/adapters/watched/look.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { realClock } from './places.ts'

const never = new Promise<never>(() => undefined)
const before = { cursor: { kept: 'a', moved: 'b' }, heads: {} }

const look = async (glances: (signal: AbortSignal) => readonly Glance[], ms = 5_000) =>
  lookAtOnce({ clock: realClock, before, until: timestamp(Date.now() + ms), glances })

describe('one look', () => {
  test('puts its parts together', async () => {
    const sight = await look(() => [
      { parts: ['settings'], see: async () => ({ settings: { a: '1' }, cursor: { moved: 'c' } }) },
      { parts: ['settings'], see: async () => ({ settings: { b: '2' } }) },
    ])
    expect(sight).toMatchObject({
      settings: { a: '1', b: '2' },
      unseen: [],
      cursor: { kept: 'a', moved: 'c' },
    })
    expect(sight).not.toHaveProperty('finality')
  })

  test('names all parts of what failed, and shows the others', async () => {
    const sight = await look(() => [
      {
        parts: ['changes', 'progress:output'],
        see: async () => {
          throw new RangeError('the node is tired')
        },
      },
      { parts: ['settings'], see: async () => ({ settings: { a: '1' } }) },
    ])
    expect(sight.unseen).toEqual([
      { part: 'changes', reason: 'the node is tired' },
      { part: 'progress:output', reason: 'the node is tired' },
    ])
    expect(sight.settings).toEqual({ a: '1' })
    expect(sight.cursor).toEqual(before.cursor)
  })

  test('ends in time, tells the slow that nobody waits, and keeps what was seen', async () => {
    let wasTold = false
    const startedAt = Date.now()
    const sight = await look(
      (signal) => [
        {
          parts: ['marks'],
          see: async () => {
            signal.addEventListener('abort', () => (wasTold = true))
            return never
          },
        },
        { parts: ['settings'], see: async () => ({ settings: { a: '1' } }) },
      ],
      100,
    )
    expect(Date.now() - startedAt).toBeLessThan(1_000)
    expect(wasTold).toBe(true)
    expect(sight.unseen).toEqual([
      { part: 'marks', reason: 'not seen by the time at which the look had to end' },
    ])
    expect(sight.settings).toEqual({ a: '1' })
  })

  test('waits for nothing when it is done', async () => {
    const startedAt = Date.now()
    await look(() => [], 60_000)
    expect(Date.now() - startedAt).toBeLessThan(1_000)
  })

  test('is told of trouble once by each part that waits for the same, and nobody else is', async () => {
    const sight = await look(() => {
      const trouble = shared(Promise.reject(new RangeError('gone')))
      return [
        { parts: ['settings'], see: async () => trouble },
        { parts: ['changes'], see: async () => trouble },
        { parts: ['marks'], see: async () => ({}) },
      ]
    })
    expect(sight.unseen.map(({ part }) => part)).toEqual(['settings', 'changes'])
  })
})
