import { expect, test } from 'vitest'

import { gapsIn } from '../../../lib/domain/history/gaps.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const slot = (number: number, seconds: number) => ({ slot: number, at: timestamp(seconds * 1_000) })

test('slots that are missing are told by what is there before and after them', () => {
  expect(gapsIn([slot(1, 5), slot(2, 10), slot(5, 25), slot(6, 30)])).toEqual([
    { after: timestamp(10_000), before: timestamp(25_000), slots: 2 },
  ])
})

test('a job whose slots became longer or shorter misses none: their numbers jump', () => {
  expect(gapsIn([slot(353_000_000, 5), slot(176_500_001, 10)])).toEqual([])
  expect(gapsIn([slot(176_500_000, 5), slot(353_000_001, 10)])).toEqual([])
})

test('of none, and of one, nothing is missing', () => {
  expect(gapsIn([])).toEqual([])
  expect(gapsIn([slot(1, 5)])).toEqual([])
})
