import type { Call } from '../../../domain/transaction.ts'
import { feltHex } from '../../starknet-felt.ts'

/** What `update_state` is told. */
export type AppchainUpdate = {
  readonly programOutput: readonly bigint[]
  readonly bridgeOutput: readonly bigint[]
  /** Where what changed can be read; the contract only repeats it. */
  readonly data: { readonly hash: bigint; readonly size: bigint }
}

export function updateStateCall(
  contract: `0x${string}`,
  { programOutput, bridgeOutput, data: { hash, size } }: AppchainUpdate,
): Call {
  const words = [...span(programOutput), ...span(bridgeOutput), hash, size & lowHalf, size >> 128n]
  return {
    kind: 'starknet',
    to: contract,
    entrypoint: 'update_state',
    calldata: words.map(feltHex),
  }
}

/** A u256 travels as two words, the low one first. */
const lowHalf = 2n ** 128n - 1n

function span(words: readonly bigint[]): readonly bigint[] {
  return [BigInt(words.length), ...words]
}
