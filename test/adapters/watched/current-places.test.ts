import { describe, expect, test } from 'vitest'

import type { RpcPlace } from '../../../lib/adapters/rpc.ts'
import {
  currentFirst,
  currentHeads,
  toldByCurrent,
} from '../../../lib/adapters/watched/current-places.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { HeadSight } from '../../../lib/domain/watch/system-sight.ts'

const now = timestamp(1_800_000_000_000)

const head = (place: string, number: number, secondsAgo: number): HeadSight => ({
  chain: 'l1',
  place,
  answer: { kind: 'head', number, hash: `0x${number}`, time: timestamp(now - secondsAgo * 1000) },
})
const dead = (place: string): HeadSight => ({
  chain: 'l1',
  place,
  answer: { kind: 'trouble', reason: 'no answer' },
})
const names = (heads: readonly HeadSight[]) => currentHeads(heads, now).map(({ place }) => place)

describe('nodes that go on', () => {
  test('are those with the newest block, and those a little behind them', () => {
    expect(names([head('a', 9, 20), head('b', 10, 8), dead('c')])).toEqual(['b', 'a'])
  })

  test('are not those whose newest block is much older', () => {
    expect(names([head('a', 5, 700), head('b', 10, 8)])).toEqual(['b'])
  })

  test('are all of them where the chain itself stands still', () => {
    expect(names([head('a', 10, 7_000), head('b', 9, 7_012)])).toEqual(['a', 'b'])
  })

  test('are not those that are ahead of time, unless all are', () => {
    expect(names([head('a', 99, -3_600), head('b', 10, 8)])).toEqual(['b'])
    expect(names([head('a', 99, -3_600), head('b', 98, -3_590)])).toEqual(['a', 'b'])
  })

  test('are none where no node answers', () => {
    expect(names([dead('a')])).toEqual([])
  })
})

test('nodes that go on are asked first, and every other one after them', () => {
  const places = ['a', 'b', 'c', 'd'].map((place) => ({ place }) as RpcPlace)
  const heads = [head('a', 5, 700), dead('b'), head('c', 9, 20), head('d', 10, 8)]
  expect(currentFirst(places, heads, now).map(({ place }) => place)).toEqual(['d', 'c', 'a', 'b'])
})

test('what a node that stands still told counts only where no other one told anything', () => {
  const heads = [head('a', 5, 700), head('b', 10, 8)]
  const [old, fresh] = [
    { place: 'a', value: 1 },
    { place: 'b', value: 2 },
  ]
  expect(toldByCurrent([old, fresh], heads, now)).toEqual([fresh])
  expect(toldByCurrent([old], heads, now)).toEqual([old])
})
