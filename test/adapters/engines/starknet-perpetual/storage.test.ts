import { keccak, pedersen } from '@scure/starknet'
import { expect, test } from 'vitest'

import {
  interestDivergence,
  lastInterestTimes,
  ownerKeys,
} from '../../../../lib/adapters/engines/starknet-perpetual/storage.ts'
import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'

// Where a contract with the exchange's own declarations (a component with the map `positions` of storage nodes, PositionId and
// Timestamp as structs) had them: compiled from Cairo, and read from starknet-devnet after its constructor had written them.
const ofPosition77 = '0x6ee1e1ec2338418bd34989b0806d11a3ecb1814e110bc01f2e7a73f462c25be'
const ofDivergence = '0x5ec586d3857bc03b87479564765827703ae0ab9af358bbf1b23df35e6f1b75'

const name = (text: string) => keccak(new TextEncoder().encode(text))

const contract = '0x0c'
const at = { block_hash: '0x0b' } as const

test('the time of a position’s interest is read where Cairo keeps it, as seconds', () => {
  const [request] = lastInterestTimes(starkCurve, { contract, positions: ['77'], at })
  expect(request).toMatchObject({
    method: 'starknet_getStorageAt',
    params: { contract_address: contract, key: ofPosition77, block_id: at },
  })
  expect(request?.read('0x6553f100')).toBe(1_700_000_000n)
})

test('each position has a place of its own', () => {
  const requests = lastInterestTimes(starkCurve, { contract, positions: ['77', '78', '0'], at })
  const keys = requests.map(({ params }) => (params as { key: string }).key)
  expect(new Set(keys).size).toBe(3)
})

test('the key of a position’s owner is another member of the same entry, by another library’s arithmetic', () => {
  const place = pedersen(pedersen(name('positions'), 77n), name('owner_public_key'))
  const [request] = ownerKeys(starkCurve, { contract, positions: ['77'], at })
  expect(request?.params).toMatchObject({
    key: `0x${(BigInt(place) % (2n ** 251n - 256n)).toString(16)}`,
  })
})

test('the sum of all interest is read with its sign', () => {
  const request = interestDivergence(contract, at)
  expect(request.params).toMatchObject({ key: ofDivergence })
  // -5 as the field has it.
  const prime = 2n ** 251n + 17n * 2n ** 192n + 1n
  expect(request.read(`0x${(prime - 5n).toString(16)}`)).toBe(-5n)
})
