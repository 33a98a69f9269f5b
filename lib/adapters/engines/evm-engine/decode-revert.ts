import { decodeErrorResult } from 'viem/utils'

import { evmEngineErrors } from './errors-abi.ts'
import { textOf } from './feed-id.ts'

/** The contract's error in words, such as `StalePrice(BTC-USD, 1700000000, 120)`; undefined where it is none of its own. */
export function decodeEngineRevert(data: `0x${string}`): string | undefined {
  const error = errorIn(data)
  if (!error) return undefined
  const args: readonly unknown[] = error.args ?? []
  return `${error.errorName}(${args.map(written).join(', ')})`
}

function errorIn(data: `0x${string}`) {
  try {
    return decodeErrorResult({ abi: evmEngineErrors, data })
  } catch {
    // Another contract's error, or none.
    return undefined
  }
}

function written(value: unknown): string {
  const isWord = typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value)
  return isWord ? textOf(value as `0x${string}`) : String(value)
}
