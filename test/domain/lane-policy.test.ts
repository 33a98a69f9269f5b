import { expect, test } from 'vitest'

import { lanePolicyOf } from '../../lib/domain/lane-policy.ts'

test.for([
  ['a local chain', 1, 10_000],
  ['a chain of four seconds', 4, 12_000],
  ['Starknet', 6, 18_000],
  ['Ethereum', 12, 30_000],
] as const)('a fee on %s is raised after three blocks, within limits', ([, blockSeconds, ms]) => {
  expect(lanePolicyOf({ blockSeconds, kind: 'evm' }).replaceAfterMs).toBe(ms)
})

test('what a StarkEx gateway has taken is not replaced, and an id that it has taken of others is gone at once', () => {
  expect(lanePolicyOf({ blockSeconds: 1, kind: 'starkex' })).toMatchObject({
    maxAttempts: 1,
    lostAfterMs: 0,
  })
})

const placesOf = (kind: 'evm' | 'starknet' | 'starkex', urgentPlaces?: number) =>
  lanePolicyOf({ blockSeconds: 2, kind, ...(urgentPlaces !== undefined && { urgentPlaces }) })
    .urgentPlaces

test('only an EVM chain has places for urgent work: one, or as many as the network file says', () => {
  expect(placesOf('evm')).toBe(1)
  expect([0, 3].map((many) => placesOf('evm', many))).toEqual([0, 3])
  expect([placesOf('starknet', 3), placesOf('starkex', 3)]).toEqual([undefined, undefined])
})
