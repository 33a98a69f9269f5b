import type { Hex } from 'viem'
import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'
import * as z from 'zod/mini'

import type { RpcRequest } from '../rpc.ts'

/** What every fact registry on L1 answers (StarkWare's IFactRegistry). */
const abi = [
  {
    type: 'function',
    name: 'isValid',
    stateMutability: 'view',
    inputs: [{ name: 'fact', type: 'bytes32' }],
    outputs: [{ name: '', type: 'bool' }],
  },
] as const

/** Whether a registry has that fact, as of the newest block. */
export function registeredFact(registry: Hex, fact: Hex): RpcRequest<boolean> {
  const functionName = 'isValid'
  return {
    method: 'eth_call',
    params: [
      { to: registry, data: encodeFunctionData({ abi, functionName, args: [fact] }) },
      'latest',
    ],
    read: (result) => decodeFunctionResult({ abi, functionName, data: Data.parse(result) }),
  }
}

const Data = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
