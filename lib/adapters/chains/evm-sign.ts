import { keccak256, serializeTransaction } from 'viem/utils'

import type { EvmFee } from '../../domain/fee.ts'
import type { Call, SignedTransaction } from '../../domain/transaction.ts'
import type { EvmKey } from '../../ports.ts'
import { UnfitTransactionError } from './errors.ts'

type EvmCall = Extract<Call, { kind: 'evm' }>

/** The one call that an EVM transaction makes. */
export function onlyCall(chain: string, calls: readonly Call[]): EvmCall {
  const [call] = calls
  if (!call || calls.length > 1)
    throw new UnfitTransactionError(chain, `it makes ${calls.length} calls, and one is possible`)
  if (call.kind !== 'evm') throw new UnfitTransactionError(chain, `the call is a ${call.kind} one`)
  return call
}

/** Signs an EIP-1559 transaction, or one of EIP-4844 where blobs go with it; they are not in the bytes. The same input gives the same bytes, since keys sign deterministically. */
export async function signEvm(
  key: EvmKey,
  transaction: {
    readonly chainId: number
    readonly call: EvmCall
    readonly nonce: number
    readonly fee: EvmFee
  },
): Promise<SignedTransaction> {
  const { chainId, call, nonce, fee } = transaction
  const { gas, maxFeePerGas, maxPriorityFeePerGas } = fee
  const { to, data } = call
  const common = { chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, to, data }
  const fields =
    call.blobs && fee.blobs
      ? ({
          ...common,
          blobVersionedHashes: call.blobs,
          maxFeePerBlobGas: fee.blobs.maxFeePerGas,
          type: 'eip4844',
        } as const)
      : ({ ...common, type: 'eip1559' } as const)
  const signature = await key.sign(keccak256(serializeTransaction(fields)))
  const bytes = serializeTransaction(fields, {
    r: `0x${signature.slice(2, 66)}`,
    s: `0x${signature.slice(66, 130)}`,
    yParity: signature.endsWith('1b') ? 0 : 1,
  })
  return { hash: keccak256(bytes), bytes, fee }
}
