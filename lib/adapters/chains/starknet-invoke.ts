import { poseidonHashMany } from '@scure/starknet'
import * as z from 'zod/mini'

import type { StarknetFee } from '../../domain/fee.ts'
import type { Call } from '../../domain/transaction.ts'
import { Felt, selectorOf } from '../starknet-felt.ts'
import { UnfitTransactionError } from './errors.ts'
import { commonFields, commonOf, hashOfV3 } from './starknet-v3.ts'

/** The RPC's INVOKE_TXN_V3, as far as its hash depends on it. */
export const Invoke = z.object({
  type: z.literal('INVOKE'),
  sender_address: Felt,
  calldata: z.array(Felt),
  account_deployment_data: z.array(Felt),
  ...commonFields,
})
export type Invoke = z.infer<typeof Invoke>

export function invokeOf(parts: {
  readonly account: bigint
  readonly calldata: readonly bigint[]
  readonly nonce: bigint
  readonly fee: StarknetFee
}): Invoke {
  const { account, calldata } = parts
  return {
    type: 'INVOKE',
    sender_address: account,
    calldata: [...calldata],
    account_deployment_data: [],
    ...commonOf(parts),
  }
}

const prefix = 0x696e766f6b65n // 'invoke'

export function invokeHash(invoke: Invoke, chainId: bigint): bigint {
  return hashOfV3({
    prefix,
    sender: invoke.sender_address,
    common: invoke,
    chainId,
    own: [poseidonHashMany(invoke.account_deployment_data), poseidonHashMany(invoke.calldata)],
  })
}

/** Gateways take no more in one transaction (apollo gateway_config.json). */
const mostFelts = 5_000

/** The calls as a Cairo 1 account takes them: `[calls, (to, selector, length, …arguments) for each]`; none is possible too. */
export function multicall(chain: string, calls: readonly Call[]): readonly bigint[] {
  const calldata = [BigInt(calls.length), ...calls.flatMap((call) => encoded(chain, call))]
  if (calldata.length <= mostFelts) return calldata
  throw new UnfitTransactionError(
    chain,
    `its calldata is ${calldata.length} felts, and ${mostFelts} are possible`,
  )
}

function encoded(chain: string, call: Call): bigint[] {
  if (call.kind !== 'starknet')
    throw new UnfitTransactionError(chain, `the call is an ${call.kind} one`)
  const { to, entrypoint, calldata } = call
  return [to, selectorOf(entrypoint), calldata.length, ...calldata].map(BigInt)
}
