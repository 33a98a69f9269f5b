import { expect, test } from 'vitest'

import { checkWorld } from '../../../lib/runtime/check-world.ts'
import { provingOnStarkPerpetual } from './proving-on-stark-perpetual-world.ts'

const long = { timeout: 120_000 }

/** What the committee is waited for to sign. */
function unsigned(message: string | undefined): `0x${string}` {
  const [, fact] = /has not signed (0x[0-9a-f]{64})/.exec(message ?? '') ?? []
  if (fact === undefined) throw new Error(`nothing is to be signed: ${message ?? 'no trouble'}`)
  return fact as `0x${string}`
}

test(
  'a StarkEx exchange’s batches are settled from its first one on, each when its data is vouched for, and cost nothing before',
  long,
  async () => {
    const it = await provingOnStarkPerpetual()
    expect(await checkWorld(it.world)).toEqual([])
    await it.book.price('10000')
    for (const number of [1, 2]) {
      const before = await it.sent()
      const waiting = await it.until(number, ({ trouble }) => trouble?.where === 'registry')
      expect(waiting.state.kind).toBe('fact-verified')
      expect(waiting.trouble?.message).toContain(`stands for the data of state ${number}`)
      for (let look = 0; look < 5; look += 1) {
        await it.pass(20)
        await it.slot()
      }
      expect(await it.row(number)).toMatchObject({
        state: { kind: 'fact-verified' },
        attempts: { settle: 0, trouble: 0 },
      })
      expect(await it.sent()).toBe(before)
      await it.sign(unsigned(waiting.trouble?.message))
      const final = await it.untilState(number, 'finalized')
      expect(final.trouble).toBeUndefined()
      expect(await it.sent()).toBe(before + 1)
    }
    const { content } = await it.row(2)
    expect((await it.settlement?.sight())?.finalized).toEqual({ number: content.last.number })
  },
)

test(
  'data that nobody vouches for in time is a human’s to know, with who has not; the batch goes on by itself',
  long,
  async () => {
    const it = await provingOnStarkPerpetual()
    await it.until(1, ({ trouble }) => trouble?.where === 'registry')
    await it.pass(301)
    const { state } = await it.untilState(1, 'needs-human')
    expect(state).toMatchObject({ why: 'deadline', back: 'fact-verified' })
    const reason = state.kind === 'needs-human' ? state.reason : ''
    expect(reason.toLowerCase()).toContain(`the committee ${it.contract.committee} has not signed`)
    await it.sign(unsigned(reason))
    await it.untilState(1, 'finalized')
  },
)
