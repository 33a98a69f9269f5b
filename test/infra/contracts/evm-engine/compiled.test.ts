import type { Abi, AbiItem } from 'viem'
import { describe, expect, test } from 'vitest'

import {
  evmEngineSources,
  hashOfSources,
  readCompiledEvmEngine,
} from '../../../../infra/contracts/evm-engine/compiled-evm-engine.ts'
import { compileSolidity, SolidityError } from '../../../../infra/contracts/evm-engine/solidity.ts'
import { evmEngineAbi } from '../../../../lib/adapters/engines/evm-engine/abi.ts'
import { evmEngineErrors } from '../../../../lib/adapters/engines/evm-engine/errors-abi.ts'
import { evmLiquidationAbi } from '../../../../lib/adapters/engines/evm-engine/liquidation-abi.ts'
import { evmPositionsAbi } from '../../../../lib/adapters/engines/evm-engine/positions-abi.ts'
import { startEngine } from './engine.ts'

const { sourceHash, engine } = readCompiledEvmEngine()

describe('the compiled engine', () => {
  test('is of the source beside it; otherwise run infra/contracts/evm-engine/compile.ts', () => {
    expect(sourceHash).toBe(hashOfSources(evmEngineSources()))
  })

  test('fits into a contract', async () => {
    const { node, address } = await startEngine()
    const code = String(await node.rpc('eth_getCode', address, 'latest'))
    await node.stop()
    // EIP-170.
    expect((code.length - 2) / 2).toBeLessThanOrEqual(24_576)
  })

  test('has every function that the adapter calls and every event that it reads, as the adapter writes them', () => {
    const theirs = new Set(engine.abi.map((item) => signature(item)))
    const ours = [...evmEngineAbi, ...evmLiquidationAbi, ...evmPositionsAbi]
    expect(ours.length).toBeGreaterThan(evmEngineAbi.length)
    for (const item of ours) expect(theirs).toContain(signature(item))
  })

  test('has exactly the errors that the adapter can put into words', () => {
    expect(errors(evmEngineErrors)).toEqual(errors(engine.abi))
  })
})

describe('the compiler', () => {
  test('takes no warning', () => {
    const source = 'pragma solidity 0.8.37; contract A { function f(uint256 x) external pure {} }'
    expect(() => compileSolidity({ 'A.sol': source })).toThrow(SolidityError)
  })
})

function errors(abi: Abi): readonly string[] {
  return abi
    .filter(({ type }) => type === 'error')
    .map(signature)
    .toSorted()
}

/** All of it but the compiler's own names of types, the names that are empty, and what is not so. */
function signature(item: AbiItem): string {
  return JSON.stringify(withoutInternal(item))
}

function withoutInternal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutInternal)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, inner]) => key !== 'internalType' && inner !== '' && inner !== false,
  )
  const entries = kept.map(([key, inner]) => [key, withoutInternal(inner)] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
