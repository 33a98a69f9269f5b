import { describe, expect, test } from 'vitest'

import { coreChanges } from '../../../lib/adapters/watched/perpetual-core/core-changes.ts'
import { coreRows } from '../../../lib/adapters/watched/perpetual-core/core-events.ts'
import type { SeenEvent } from '../../../lib/adapters/watched/scan-events.ts'
import { timestamp } from '../../../lib/domain/time.ts'

// Selectors as recorded in the reference: what follows is not deployed anywhere here.
const added = 0x38a81c7fd04bac40e22e3eab2bcb3a09398bba67d0c5a263c6665c9c0b13a3n
const removed = 0x7633a8d8b49c5c6002a1329e2c9791ea2ced86e06e01e17b5d0d1d5312c792n
const replaced = 0x34bb683f971572e1b0f230f3dd40f3dbcee94e0b3e3261dd0a91229a1adc4b7n
const finalized = 0xd1831486d8c46712712653f17d3414869aa50b4c16836d0b3d4afcfeafa024n
const registered = 0x28363258a21d347d01cf74340b09eeb519849d99121b3332cfccfe9ba9f3d36n
const activated = 0x3cceca6332de7b3548e6028652502173cfbbacab4cc11e90b35643cf2c4294n
const requested = 0xd1f13e79c3be111275bfa7f35c09bc950ff3e784c3b9fa4185599ba2ffc294n
const changed = 0x7522ae04c17b280b37a754a3acb3d8ca668f6a935bec2eccf68825008835ecn
const granted = 0x9d4a59b844ac9d98627ddba326ab3707a7d7e105fd03c777569d0f61a91f1en
const btc = 0x4254432d3600000000000000000000n
/** `LIQUIDATIONS`. */
const liquidations = 0x4c49515549444154494f4e53n

const day = 86_400_000
const began = 1_800_000_000_000

let block = 0
/** As many blocks as two hours have. */
const wait = () => {
  block += 7_200
}

const event = (
  selector: bigint,
  data: readonly bigint[],
  keys: readonly bigint[] = [],
): SeenEvent => {
  block += 1
  return {
    keys: [selector, ...keys],
    data,
    block,
    at: timestamp(began + block * 1000),
    transaction: `0x${block}`,
    index: 0,
  }
}

const after = (
  events: readonly SeenEvent[],
  { days = 1, settings = {} }: { days?: number; settings?: Readonly<Record<string, string>> } = {},
) =>
  coreChanges(coreRows(events), {
    now: timestamp(began + days * day),
    upgradeDelaySeconds: 86_400,
    settings,
  })

/** No helper, not the last one. */
const next = [0xabcn, 1n, 0n]

describe('a class of the exchange', () => {
  test('is announced with the time from which on it may be taken', () => {
    const announcement = event(added, next)
    expect(after([announcement])).toEqual([
      expect.objectContaining({
        kind: 'upgrade',
        state: 'announced',
        announcedAt: announcement.at,
        effectiveAt: announcement.at + day,
        announces: { classHash: '0xabc' },
      }),
    ])
  })

  test.each([
    ['taken', replaced, 'done'],
    ['taken back', removed, 'dropped'],
  ])('is %s', (_what, selector, state) => {
    const [first] = after([event(added, next), event(selector, next)])
    expect(first?.state).toBe(state)
  })

  test('is worth nothing any more two weeks after its time', () => {
    const events = [event(added, next)]
    expect(after(events, { days: 14.9 })[0]?.state).toBe('announced')
    expect(after(events, { days: 15.1 })[0]?.state).toBe('dropped')
  })

  test('is the last one', () => {
    const [last] = after([event(finalized, [0xabcn])])
    expect(last).toMatchObject({ id: 'finalized:0xabc', state: 'done' })
  })

  test('of which two kinds are announced is told twice', () => {
    const changes = after([event(added, next), event(added, [0xabcn, 0n, 0x5n, 0n, 1n])])
    expect(new Set(changes.map(({ id }) => id)).size).toBe(2)
  })
})

describe('a part of the exchange', () => {
  const activation = BigInt(began / 1000 + 5_000)
  const said = () => event(registered, [activation, 0xdefn], [liquidations])

  test('is announced with its own time, and what it is for', () => {
    const [change] = after([said()])
    expect(change).toMatchObject({
      id: 'component:LIQUIDATIONS:0xdef',
      state: 'announced',
      effectiveAt: Number(activation) * 1000,
      touches: ['implementation', 'liquidations'],
      announces: { 'component:LIQUIDATIONS': '0xdef' },
    })
  })

  test('is done with its activation, as it was announced', () => {
    const registration = said()
    wait()
    const events = [registration, event(activated, [0xdefn], [liquidations])]
    const [change] = after(events, { settings: { 'component:LIQUIDATIONS': '0xdef' } })
    expect(change).toMatchObject({
      state: 'done',
      announces: { 'component:LIQUIDATIONS': '0xdef' },
    })
    // Another one came after it: that it is so no more is no contradiction.
    const [old] = after(events, { settings: { 'component:LIQUIDATIONS': '0x999' } })
    expect(old).toMatchObject({ state: 'done', announces: {} })
  })

  test('that is activated at once was announced to nobody', () => {
    const events = [said(), event(activated, [0xdefn], [liquidations])]
    const [change] = after(events, { settings: { 'component:LIQUIDATIONS': '0xdef' } })
    expect(change).toMatchObject({ state: 'done', announces: {} })
  })
})

describe('risk factors', () => {
  const tiers = [3n, 10n, 20n, 50n, 1_000n, 200n]

  test('are announced where they are asked for, and done where they are so', () => {
    const request = event(requested, tiers, [btc])
    const [asked] = after([request])
    expect(asked).toMatchObject({
      state: 'announced',
      announces: { 'tiers:BTC-6': '10 20 50 from 1000 by 200' },
    })
    expect(asked).not.toHaveProperty('effectiveAt')
    wait()
    const events = [request, event(changed, [...tiers, 1_000n, 1n], [btc])]
    const [done, change] = after(events, {
      settings: { 'tiers:BTC-6': '10 20 50 from 1000 by 200' },
    })
    expect(done).toMatchObject({
      state: 'done',
      announces: { 'tiers:BTC-6': '10 20 50 from 1000 by 200' },
    })
    expect(change).toMatchObject({ state: 'done', announces: {} })
  })
})

test('a role is told by its name, and one that nobody knows by its number', () => {
  const operator = 0x23edb77f7c8cc9e38e8afe78954f703aeeda7fffe014eeb6e56ea84e62f6da7n
  const changes = after([event(granted, [operator, 5n, 6n]), event(granted, [7n, 5n, 6n])])
  expect(changes.map(({ title }) => title)).toEqual(['0x5 is operator', '0x5 is 0x7'])
})
