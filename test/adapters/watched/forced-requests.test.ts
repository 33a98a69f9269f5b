import { expect, test } from 'vitest'

import type { ChainRow } from '../../../lib/adapters/watched/remembered.ts'
import {
  forcedDeadline,
  forcedRequestsIn,
  waitingSince,
} from '../../../lib/adapters/watched/stark-perpetual/forced-requests.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const row = (name: string, ...words: readonly number[]): ChainRow => ({
  position: 1,
  index: 0,
  at: timestamp(1_000),
  name,
  values: words.map((word) => `0x${word.toString(16)}`),
})
const withdrawal = row('forced-withdrawal', 10, 12, 500)
const trade = row('forced-trade', 10, 11, 12, 13, 1, 2, 3, 4, 1, 77)

const word = (value: bigint) => value.toString(16).padStart(64, '0')

test('a request is asked for with the very words of its event', () => {
  const asked = forcedRequestsIn([withdrawal, trade]).map(
    (request) => waitingSince('0xe', request).params as [{ readonly data: string }],
  )
  // Selectors as recorded in the reference.
  expect(asked.map(([{ data }]) => data)).toEqual([
    `0x260e96dd${[10n, 12n, 500n].map(word).join('')}`,
    `0xf00cec4b${[10n, 11n, 12n, 13n, 1n, 2n, 3n, 4n, 1n, 77n].map(word).join('')}`,
  ])
})

test('it waits since the second that the contract tells, and no more where it is served or was never made', () => {
  const [request] = forcedRequestsIn([trade])
  if (!request) throw new Error('it is none')
  const { read } = waitingSince('0xe', request)
  expect(read(`0x${word(1_800_000_000n)}`)).toBe(1_800_000_000)
  expect(read(`0x${word(0n)}`)).toBe(0)
  expect(read(`0x${'f'.repeat(64)}`)).toBe(0)
  expect(() => read('0x')).toThrow(TypeError)
})

test('made twice it is one request with both of its events', () => {
  const requests = forcedRequestsIn([withdrawal, trade, withdrawal, row('state-update', 1)])
  expect(requests.map(({ name, rows }) => [name, rows.length])).toEqual([
    ['withdrawal:0xa:12:500', 2],
    ['trade:0xa:12:0x4d', 1],
  ])
})

test('it must be served within seven days', () => {
  const [request] = forcedRequestsIn([trade])
  if (!request) throw new Error('it is none')
  expect(forcedDeadline(request, 1_800_000_000)).toEqual({
    name: 'forced-request:trade:0xa:12:0x4d',
    from: 1_800_000_000_000,
    until: 1_800_604_800_000,
    text: 'a forced trade of 0x2 between positions 12 and 13 must be served, or anyone may freeze the exchange for a year',
  })
})
