import { describe, expect, test } from 'vitest'

import type { Simulation } from '../../../lib/domain/transaction.ts'
import type { Passing } from '../../../lib/keepers/lane/passing.ts'
import { withoutRefused } from '../../../lib/keepers/lane/without-refused.ts'

/** What a transaction with so many parts would cost; its answer names the bad ones. */
function simulated(parts: readonly string[], bad: readonly string[]): Simulation & { kind: 'ok' } {
  const gas = BigInt(parts.length)
  const fee = { kind: 'evm', gas, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n } as const
  const returned = parts.map((part) => (bad.includes(part) ? '1' : '0')).join('')
  return { kind: 'ok', fee, returned: `0x${returned}` }
}

async function left(
  parts: readonly string[],
  bad: readonly string[],
  later: (parts: readonly string[]) => Simulation = (some) => simulated(some, bad),
) {
  const found: Passing<string> = {
    kind: 'some',
    kept: parts,
    simulation: simulated(parts, bad),
    left: [],
  }
  return withoutRefused(found, {
    simulate: async (some) => later(some),
    refused: (_parts, returned) => Array.from(returned.slice(2), (one) => one === '1'),
  })
}

describe('parts that are refused beside others that pass', () => {
  test('are left out, and the fee is that of the others', async () => {
    expect(await left(['a', 'b', 'c'], ['b'])).toMatchObject({
      kind: 'some',
      kept: ['a', 'c'],
      simulation: { fee: { gas: 2n } },
      left: [{ part: 'b', why: 'refused' }],
    })
  })

  test('cost nothing where all are', async () => {
    const found = await left(['a', 'b'], ['a', 'b'])
    expect(found).toMatchObject({ kind: 'none', left: [{ part: 'a' }, { part: 'b' }] })
  })

  test('change nothing where there are none', async () => {
    expect(await left(['a', 'b'], [])).toMatchObject({ kept: ['a', 'b'], left: [] })
  })

  test('may have been what let the others pass', async () => {
    const reverted = { kind: 'reverted', reason: 'EnginePaused' } as const
    expect(await left(['a', 'b'], ['b'], () => reverted)).toMatchObject({
      kind: 'none',
      left: [
        { part: 'b', why: 'refused' },
        { part: 'a', why: 'refused', reason: 'EnginePaused' },
      ],
    })
  })
})
