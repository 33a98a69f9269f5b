import { encodeErrorResult, keccak256, parseAbi, stringToHex } from 'viem'
import { expect, test } from 'vitest'

import { decodeEngineRevert } from '../../../../lib/adapters/engines/evm-engine/decode-revert.ts'

const abi = parseAbi([
  'error StalePrice(bytes32 feedId, uint64 publishedAt, uint64 maxAge)',
  'error NotScheduled(bytes32 id)',
  'error EmptyBatch()',
  'error Foreign(uint256)',
  'error Error(string)',
])

test.each([
  [
    encodeErrorResult({
      abi,
      errorName: 'StalePrice',
      args: [stringToHex('BTC-USD', { size: 32 }), 1_700_000_000n, 120n],
    }),
    'StalePrice(BTC-USD, 1700000000, 120)',
  ],
  [
    encodeErrorResult({ abi, errorName: 'NotScheduled', args: [keccak256('0x')] }),
    `NotScheduled(${keccak256('0x')})`,
  ],
  [encodeErrorResult({ abi, errorName: 'EmptyBatch' }), 'EmptyBatch()'],
])('an error of the engine comes out in words: %#', (data, words) => {
  expect(decodeEngineRevert(data)).toBe(words)
})

test.each([
  encodeErrorResult({ abi, errorName: 'Foreign', args: [1n] }),
  '0x',
  '0x1234',
  encodeErrorResult({ abi, errorName: 'StalePrice', args: [keccak256('0x'), 1n, 1n] }).slice(0, 40),
])('anything else is not its own: %s', (data) => {
  expect(decodeEngineRevert(data as '0x')).toBeUndefined()
})
