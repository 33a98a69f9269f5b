import { describe, expect, test } from 'vitest'

import {
  bootloadedFact,
  wrappedFact,
} from '../../../../lib/adapters/settlement/facts/integrity-fact.ts'
import { piltoverSettlement } from '../../../../lib/adapters/settlement/piltover-settlement.ts'
import {
  appchainFact,
  layoutBridgeOutput,
  readAppchainHeader,
} from '../../../../lib/adapters/settlement/piltover/appchain-run.ts'
import { updateStateCall } from '../../../../lib/adapters/settlement/piltover/update-state-call.ts'
import { feltHex } from '../../../../lib/adapters/starknet-felt.ts'
import { BatchInputError } from '../../../../lib/domain/proving/batch-input-error.ts'
import type { BatchContent } from '../../../../lib/domain/proving/batch.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import {
  aBridge,
  anOutput,
  factOf,
  programs,
} from '../../../infra/contracts/piltover/appchain-output.ts'

const ours = {
  bootloader: programs.bootloader,
  snosConfig: programs.config,
  snos: programs.snos,
  layoutBridge: programs.layoutBridge,
}
const from = { root: 0x1n, number: 2n ** 251n + 17n * 2n ** 192n, hash: 0n }
const to = { root: 0x2n, number: 5n, hash: 0x55n }
const output = anOutput({ from, to })

const content: BatchContent = {
  name: 'blocks 0-5',
  previous: { number: -1, hash: '0x0' },
  last: { number: 5, hash: '0x55' },
  previousRoot: '0x1',
  newRoot: '0x2',
  size: 3,
  closedAt: timestamp(0),
  closedBy: 'count',
}
const settlement = piltoverSettlement({
  name: 'appchain',
  chain: 'nowhere',
  rpc: {
    answers: () => Promise.reject(new Error('nobody is asked')),
    values: () => Promise.reject(new Error('nobody is asked')),
  },
  finalityBlocks: 1,
  contract: '0xc0',
  registry: '0x1e6',
  account: '0xacc',
  programs: ours,
  strength: { minSecurityBits: 96, configurations: [], mayBeMocked: false },
})
const run = { programHash: feltHex(programs.snos), output: { programOutput: output } }

describe('a run of an appchain', () => {
  test('begins at block −1 where it is the first', () => {
    expect(readAppchainHeader(output)).toMatchObject({
      programHash: programs.snos,
      previousNumber: -1,
      newNumber: 5,
      newHash: 0x55n,
      configHash: programs.config,
    })
    expect(readAppchainHeader(output.slice(0, 14))).toBeUndefined()
  })

  test('has the fact of a run that was verified by a second program in the same bootloader', () => {
    const bridge = layoutBridgeOutput(output, ours)
    expect(bridge).toEqual(aBridge(output))
    const inner = { programHash: programs.snos, output: output.slice(3) }
    const { bootloader, layoutBridge: wrapper } = programs
    expect(appchainFact(bridge, ours)).toBe(wrappedFact({ bootloader, wrapper, run: inner }))
    expect(appchainFact(bridge, ours)).toBe(factOf(aBridge(output)))
    expect(appchainFact(bridge, ours)).not.toBe(bootloadedFact(bootloader, inner))
  })

  test('is refused where it is another batch’s, or nothing that the contract takes', () => {
    const others: readonly (readonly [string, object, object])[] = [
      ['its previous root is 0x1, not 0x9', { previousRoot: '0x9' }, {}],
      ['its last block is 0x5, not 0x6', { last: { number: 6, hash: '0x55' } }, {}],
      ['its last block hash is 0x55, not 0x56', { last: { number: 5, hash: '0x56' } }, {}],
      ['its program is 0x5005, not 0x1', {}, { programHash: '0x1' }],
      ['ends within its header', {}, { output: { programOutput: [1n] } }],
      [
        'its layout bridge verified something else',
        {},
        { output: { programOutput: output, bridgeOutput: [...aBridge(output), 0n] } },
      ],
      [
        'takes no blobs',
        {},
        { output: { programOutput: output, data: { kind: 'blobs', blobs: [], proofs: [] } } },
      ],
    ]
    for (const [why, otherContent, otherRun] of others) {
      const asked = () => settlement.facts({ ...content, ...otherContent }, { ...run, ...otherRun })
      expect(asked).toThrow(BatchInputError)
      expect(asked).toThrow(why)
    }
    expect(settlement.facts(content, run).fact).toBe(feltHex(factOf(aBridge(output))))
  })

  test('is told as two spans, a hash and a number in halves', () => {
    expect(
      updateStateCall('0xc0', {
        programOutput: [7n, 8n],
        bridgeOutput: [9n],
        data: { hash: 10n, size: (3n << 128n) | 11n },
      }),
    ).toEqual({
      kind: 'starknet',
      to: '0xc0',
      entrypoint: 'update_state',
      calldata: ['0x2', '0x7', '0x8', '0x1', '0x9', '0xa', '0xb', '0x3'],
    })
  })
})
