import { hash as starknetHash } from 'starknet'
import { z } from 'zod'

import type { ContractCall } from './call-contract.ts'
import { type Hex, hex } from './felt.ts'
import { FeltHex, hashedFields, transactionFields } from './transaction-fields.ts'

/** The RPC's INVOKE_TXN_V3. */
export const Invoke = z.object({
  type: z.literal('INVOKE'),
  sender_address: FeltHex,
  calldata: z.array(FeltHex),
  account_deployment_data: z.array(FeltHex),
  ...transactionFields,
})
export type Invoke = z.infer<typeof Invoke>

export function invokeHash(tx: Invoke, chainId: Hex): Hex {
  const computed = starknetHash.calculateInvokeTransactionHash({
    senderAddress: tx.sender_address,
    compiledCalldata: tx.calldata,
    chainId: chainId as never,
    accountDeploymentData: tx.account_deployment_data,
    ...hashedFields(tx),
  })
  return hex(BigInt(computed))
}

/** Reads `[calls, (to, selector, length, …calldata) for each]`; undefined where it is not that, and the account panics. */
export function multicallOf(calldata: readonly Hex[]): readonly ContractCall[] | undefined {
  const felts = calldata.map(BigInt)
  let at = 0
  const count = felts[at++]
  if (count === undefined || count > felts.length) return undefined
  const calls: ContractCall[] = []
  while (BigInt(calls.length) < count) {
    const [to, selector, length] = felts.slice(at, at + 3)
    if (to === undefined || selector === undefined || length === undefined) return undefined
    at += 3
    if (length > felts.length - at) return undefined
    calls.push({ to: hex(to), selector, calldata: felts.slice(at, at + Number(length)) })
    at += Number(length)
  }
  return at === felts.length ? calls : undefined
}
