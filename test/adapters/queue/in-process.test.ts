import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  HandlerSilentError,
  inProcessQueue,
  type InProcessQueueOptions,
  QueueStoppedError,
} from '../../../lib/adapters/queue/in-process.ts'
import type { Job } from '../../../lib/ports.ts'
import { type HandClock, handClock } from './hand-clock.ts'

const job: Job = { job: 'push-prices', subject: 'core', slot: 1 }

function aQueue(change: Partial<InProcessQueueOptions> = {}) {
  const clock: HandClock = handClock()
  const start = clock.now()
  const received: { readonly slot: number; readonly ms: number }[] = []
  const handler = async (one: Job): Promise<void> => {
    received.push({ slot: one.slot, ms: clock.now() - start })
    await change.handler?.(one)
  }
  const options = {
    clock,
    visibilityMs: 30_000,
    maxReceives: 3,
    concurrency: 10,
    ...change,
    handler,
  }
  return { clock, received, queue: inProcessQueue(options) }
}

function aGate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

describe('the queue in this process', () => {
  test('delivers a message once its delay is over, and not before', async () => {
    const { clock, received, queue } = aQueue()
    await queue.send([
      { job: { ...job, slot: 2 }, delayMs: 10_000 },
      { job, delayMs: 0 },
    ])
    await clock.pass(9_999)
    expect(received).toEqual([{ slot: 1, ms: 0 }])
    await clock.pass(1)
    expect(received).toEqual([
      { slot: 1, ms: 0 },
      { slot: 2, ms: 10_000 },
    ])
    await clock.pass(600_000)
    expect(received).toHaveLength(2)
  })

  test('delivers every message exactly once where nothing fails', async () => {
    const delays = fc.array(fc.nat(200_000), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(delays, fc.integer({ min: 1, max: 4 }), async (all, concurrency) => {
        const { clock, received, queue } = aQueue({ concurrency })
        await queue.send(all.map((delayMs, slot) => ({ job: { ...job, slot }, delayMs })))
        await clock.pass(200_000)
        const bySlot = received.toSorted((one, other) => one.slot - other.slot)
        expect(bySlot).toEqual(all.map((ms, slot) => ({ slot, ms })))
      }),
      { numRuns: 30 },
    )
  })

  test('delivers what failed again when it becomes visible, and tells of the failure', async () => {
    const failures: unknown[] = []
    let tries = 0
    const { clock, received, queue } = aQueue({
      handler: async () => {
        tries += 1
        if (tries < 3) throw new Error(`try ${tries}`)
      },
      onFailure: (_, error) => failures.push(error),
    })
    await queue.send([{ job, delayMs: 0 }])
    await clock.pass(300_000)
    expect(received.map(({ ms }) => ms)).toEqual([0, 30_000, 60_000])
    expect(failures).toEqual([new Error('try 1'), new Error('try 2')])
    expect(queue.deadLetters()).toEqual([])
  })

  test('sets aside what failed too often, with the last reason', async () => {
    const { clock, received, queue } = aQueue({
      handler: async () => {
        throw new Error('poison')
      },
    })
    await queue.send([{ job, delayMs: 0 }])
    await clock.pass(89_999)
    expect(queue.deadLetters()).toEqual([])
    await clock.pass(300_000)
    expect(received).toHaveLength(3)
    expect(queue.deadLetters()).toEqual([{ job, reason: new Error('poison') }])
  })

  test('delivers again while a slow handler still runs, and no more once it has ended', async () => {
    const gate = aGate()
    const { clock, received, queue } = aQueue({ handler: async () => await gate.opened })
    await queue.send([{ job, delayMs: 0 }])
    await clock.pass(30_000)
    expect(received.map(({ ms }) => ms)).toEqual([0, 30_000])
    gate.open()
    await clock.pass(300_000)
    expect(received).toHaveLength(2)
    expect(queue.deadLetters()).toEqual([])
  })

  test('sets aside what no handler ever ended', async () => {
    const { clock, queue } = aQueue({ handler: async () => await aGate().opened })
    await queue.send([{ job, delayMs: 0 }])
    await clock.pass(90_000)
    expect(queue.deadLetters()).toEqual([{ job, reason: new HandlerSilentError(30_000) }])
  })

  test('runs no more handlers at once than it may', async () => {
    const gates = [aGate(), aGate(), aGate()]
    let running = 0
    let most = 0
    const { clock, received, queue } = aQueue({
      concurrency: 2,
      handler: async ({ slot }) => {
        running += 1
        most = Math.max(most, running)
        await gates[slot]?.opened
        running -= 1
      },
    })
    await queue.send([0, 1, 2].map((slot) => ({ job: { ...job, slot }, delayMs: 0 })))
    await clock.pass(1_000)
    expect(received.map(({ slot }) => slot)).toEqual([0, 1])
    gates[1]?.open()
    await clock.pass(0)
    expect(received.map(({ slot }) => slot)).toEqual([0, 1, 2])
    for (const gate of gates) gate.open()
    await clock.pass(60_000)
    expect(received).toHaveLength(3)
    expect(most).toBe(2)
  })

  test('delivers some messages twice where it is told to', async () => {
    const { clock, received, queue } = aQueue({ duplicates: ({ slot }) => slot === 2 })
    await queue.send([1, 2].map((slot) => ({ job: { ...job, slot }, delayMs: 0 })))
    await clock.pass(60_000)
    expect(received.map(({ slot }) => slot)).toEqual([1, 2, 2])
  })

  test('stops: what runs may end, nothing new begins', async () => {
    const gate = aGate()
    const { clock, received, queue } = aQueue({ handler: async () => await gate.opened })
    await queue.send([
      { job, delayMs: 0 },
      { job: { ...job, slot: 2 }, delayMs: 1_000 },
    ])
    let stopped = false
    const stopping = queue.stop().then(() => (stopped = true))
    await clock.pass(60_000)
    expect(stopped).toBe(false)
    gate.open()
    await stopping
    await clock.pass(60_000)
    expect(received.map(({ slot }) => slot)).toEqual([1])
    await expect(queue.send([{ job, delayMs: 0 }])).rejects.toThrow(QueueStoppedError)
  })
})
