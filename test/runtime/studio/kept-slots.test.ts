import { expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { aStudio, type AStudio, keptDecision } from './a-studio.ts'

const of = { keeper: 'publish-prices', subject: 'oracle-1' }

const feeds = [
  {
    feed: 'BTC-USD',
    role: 'market',
    outcome: { kind: 'price', price: new Decimal('97123.456') },
    sources: [
      { venue: 'kraken', instrument: 'BTC-USD', price: new Decimal('97123'), verdict: 'agrees' },
      { venue: 'okx', instrument: 'BTC-USDT', verdict: 'missing' },
    ],
  },
  {
    feed: 'ETH-USD',
    role: 'market',
    outcome: { kind: 'refused', reason: 'too-few-sources', detail: '1 of 3 is fresh' },
    sources: [],
  },
]

test('a slot is shown with its prices, each source and its verdict, and what decided it', async () => {
  const one = aStudio()
  const at = one.clock.now()
  await kept(one, 7, { decided: keptDecision({ recorded: { feeds } }) })
  const slot = await one.studio.slot({ ...of, at })
  expect(slot).toMatchObject({ slot: 7, at, parameters: 'aa', code: 'v1' })
  expect(slot?.own.feeds).toEqual([
    {
      feed: 'BTC-USD',
      role: 'market',
      price: '97123.456',
      sources: [
        { venue: 'kraken', instrument: 'BTC-USD', price: '97123', verdict: 'agrees' },
        { venue: 'okx', instrument: 'BTC-USDT', verdict: 'missing' },
      ],
    },
    {
      feed: 'ETH-USD',
      role: 'market',
      why: 'refused, too-few-sources: 1 of 3 is fresh',
      sources: [],
    },
  ])
  expect(slot?.shadow).toBeUndefined()
})

test('a push is shown with what could be told, and what was due and why', async () => {
  const one = aStudio()
  const recorded = {
    offered: [['BTC-USD', new Decimal('97123'), 5]],
    verdicts: [{ market: 'BTC-USD', kind: 'due', why: 'deviation' }],
  }
  await kept(one, 7, { decided: keptDecision({ recorded }) })
  const slot = await one.studio.slot({ ...of, at: one.clock.now() })
  expect(slot?.own.offers).toEqual([
    { market: 'BTC-USD', price: '97123', observedAt: 5, verdict: 'due', why: 'deviation' },
  ])
})

test('a list says how each slot ended, and where the second set decided otherwise', async () => {
  const one = aStudio()
  const from = one.clock.now()
  const decided = keptDecision({ actions: report('aa') })
  await kept(one, 1, { decided, beside: keptDecision({ actions: report('bb') }) })
  await kept(one, 2, { decided, beside: keptDecision({ kind: 'refused' }) })
  await kept(one, 3, { decided: keptDecision({ kind: 'refused' }) })
  await kept(one, 4, { decided: '{"failed":{"detail":"no answer","reason":"VenueError"}}' })
  const { slots, isCut } = await one.studio.kept({ ...of, from, to: one.clock.now(), limit: 9 })
  expect(isCut).toBe(false)
  // That reports name the set that made them is no difference.
  expect(slots.map(({ slot, outcome, shadow }) => [slot, outcome, shadow])).toEqual([
    [1, 'done', 'same'],
    [2, 'done', 'otherwise'],
    [3, 'refused', undefined],
    [4, 'failed', undefined],
  ])
  const failed = await one.studio.slot({ ...of, at: timestamp(from + 30_000) })
  expect(failed?.own.outcome).toEqual({
    kind: 'failed',
    reason: 'VenueError',
    detail: 'no answer',
  })
})

test('of more slots than were asked for the newest are listed, and that is said', async () => {
  const one = aStudio()
  const from = one.clock.now()
  for (const slot of [1, 2, 3, 4]) await kept(one, slot, { decided: keptDecision({}) })
  const list = await one.studio.kept({ ...of, from, to: one.clock.now(), limit: 2 })
  expect(list.isCut).toBe(true)
  expect(list.slots.map(({ slot }) => slot)).toEqual([3, 4])
})

test('a moment at which nothing was decided has no slot', async () => {
  const one = aStudio()
  expect(await one.studio.slot({ ...of, at: one.clock.now() })).toBeUndefined()
})

function report(configHash: string): readonly unknown[] {
  return [{ kind: 'publish-reports', round: 1, reports: [{ price: 1n, configHash }] }]
}

/** Ten seconds pass after each but the last that is asked for. */
async function kept(
  { store, clock }: AStudio,
  slot: number,
  { decided, beside }: { readonly decided: string; readonly beside?: string },
): Promise<void> {
  if (slot > 1 && slot !== 7) clock.pass(10_000)
  await store.history.keep({
    ...of,
    slot,
    at: clock.now(),
    parameters: 'aa',
    code: 'v1',
    view: '{}',
    decided,
    ...(beside !== undefined && { shadow: { parameters: 'bb', decided: beside } }),
  })
}
