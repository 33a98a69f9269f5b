import { decodeErrorResult, isHex, parseAbi } from 'viem/utils'
import * as z from 'zod/mini'

import type { RpcRefusal } from '../rpc.ts'

/** Words for the revert data of a contract of ours; undefined where it is not one of its errors. */
export type DecodeRevert = (data: `0x${string}`) => string | undefined

/**
 * The revert that a node's error tells of, in words; undefined where it tells of none.
 * Data comes as `data` (geth, anvil), as `data.data` (others behind a proxy) or as `Reverted 0x…` (Parity's heirs).
 */
export function revertReason(error: RpcRefusal, decode: DecodeRevert): string | undefined {
  const data = revertData(error.data)
  if (data !== undefined && data !== '0x') return wordsOf(data, decode)
  // EIP-1474's descendants use 3 for reverts; the words are those of geth, anvil, Nethermind and Erigon.
  if (error.code === 3 || failedExecution.test(error.message)) return error.message
  return undefined
}

const failedExecution =
  /revert|out of ?gas|gas required exceeds|invalid opcode|opcode not found|stack (?:under|over)flow|invalid jump/i

function revertData(data: unknown): `0x${string}` | undefined {
  if (typeof data === 'string') {
    const found = /0x[0-9a-fA-F]*/.exec(data)?.[0]
    return isHex(found) ? found : undefined
  }
  const nested = Nested.safeParse(data)
  return nested.success ? revertData(nested.data.data) : undefined
}

const Nested = z.object({ data: z.unknown() })

function wordsOf(data: `0x${string}`, decode: DecodeRevert): string {
  return decode(data) ?? standardError(data) ?? `unknown error ${data}`
}

/** What `require`, `revert("…")` and the compiler's own checks give back (Solidity, Panic and Error). */
function standardError(data: `0x${string}`): string | undefined {
  const { errorName, args } = decodedOrNothing(data)
  if (errorName === 'Error') return args[0]
  if (errorName === 'Panic') return `Panic(${args[0]})`
  return undefined
}

function decodedOrNothing(data: `0x${string}`) {
  try {
    return decodeErrorResult({ abi: standardErrors, data })
  } catch {
    return { errorName: undefined, args: [] } as const
  }
}

const standardErrors = parseAbi(['error Error(string)', 'error Panic(uint256)'])
