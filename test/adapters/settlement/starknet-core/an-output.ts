import * as fc from 'fast-check'

import type { CoreOutput } from '../../../../lib/adapters/settlement/starknet-core/program-output.ts'

const prime = 2n ** 251n + 17n * 2n ** 192n + 1n
export const felt = fc.bigInt({ min: 0n, max: prime - 1n })
const payload = fc.array(felt, { maxLength: 4 })
const toL1 = fc.record({ from: felt, to: felt, payload })
const toL2 = fc.record({ from: felt, to: felt, nonce: felt, selector: felt, payload })
const blob = fc.record({
  commitment: fc
    .bigInt({ min: 0n, max: 2n ** 384n - 1n })
    .map((value) => `0x${value.toString(16).padStart(96, '0')}` as const),
  value: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
})

/** Any output that a core could be told. */
export const anOutput: fc.Arbitrary<CoreOutput> = fc.record({
  header: fc.record({
    prevRoot: felt,
    newRoot: felt,
    prevBlockNumber: fc.bigInt({ min: -1n, max: 2n ** 64n }),
    newBlockNumber: felt,
    prevBlockHash: felt,
    newBlockHash: felt,
    osProgramHash: fc.oneof(fc.constant(0n), felt),
    configHash: felt,
  }),
  data: fc.oneof(
    fc.constant({ kind: 'calldata' } as const),
    fc.record({
      kind: fc.constant('blobs' as const),
      point: felt,
      blobs: fc.array(blob, { maxLength: 3 }),
    }),
  ),
  toL1: fc.array(toL1, { maxLength: 3 }),
  toL2: fc.array(toL2, { maxLength: 3 }),
})
