import { afterEach, expect, test } from 'vitest'

import { lifelineReceiver, type LifelineReceiver } from '../../../infra/local/lifeline.ts'
import { httpLifeline } from '../../../lib/adapters/alerts/lifeline.ts'
import { wallClock } from '../../../lib/runtime/wall-clock.ts'

const opened: LifelineReceiver[] = []

async function receiver(periodMs = 60_000): Promise<LifelineReceiver> {
  const one = await lifelineReceiver({ periodMs, clock: wallClock })
  opened.push(one)
  return one
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (one) => one.close()))
})

test('each sign of life is taken with its words', async () => {
  const it = await receiver()
  expect(it.state()).toBe('new')
  await httpLifeline(it.url, { clock: wallClock }).show('2026-01-01: 0 found; l2 9')
  expect(it.state()).toBe('up')
  expect(it.log()).toEqual(['2026-01-01: 0 found; l2 9'])
})

test('one that does not come for its period is noticed outside, and one that comes again too', async () => {
  const it = await receiver(50)
  const line = httpLifeline(it.url, { clock: wallClock })
  await line.show('first')
  await expect.poll(() => it.state()).toBe('down')
  await line.show('second')
  expect(it.state()).toBe('up')
})

test.each([
  ['an address that nobody knows', { kind: 'unknown' }, '404'],
  ['a server that is out of order', { kind: 'status', status: 503 }, '503'],
  ['one that hangs up', { kind: 'hang-up' }, 'ECONNRESET'],
] as const)('%s: an error that shows no address', async (_, fault, words) => {
  const it = await receiver()
  it.fail(fault)
  const shown = httpLifeline(it.url, { clock: wallClock }).show('text')
  await expect(shown).rejects.toThrow(words)
  await expect(shown).rejects.not.toThrow(it.id)
})
