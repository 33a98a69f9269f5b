import { encodePacked, keccak256 } from 'viem/utils'

import { type Hash, wordHex } from '../facts/words.ts'

/** What the operator adds to a batch's output. */
export type ApplicationData = {
  readonly batchId: bigint
  readonly previousBatchId: bigint
  /** Of conditional transfers, in the order of the output's conditions. */
  readonly conditions: readonly TransferCondition[]
}

/** A transfer that counts only once this registry has this fact. */
export type TransferCondition = { readonly registry: `0x${string}`; readonly fact: Hash }

/** Conditions fit into the field. */
const conditionBits = 250

export function buildApplicationData(data: ApplicationData): readonly bigint[] {
  const { batchId, previousBatchId, conditions } = data
  const words = conditions.flatMap(({ registry, fact }) => [BigInt(registry), BigInt(fact)])
  return [batchId, previousBatchId, BigInt(conditions.length), ...words]
}

/** Undefined where the words are too few. Those behind the conditions mean nothing, to the contract too. */
export function parseApplicationData(words: readonly bigint[]): ApplicationData | undefined {
  const [batchId, previousBatchId, count] = words
  if (batchId === undefined || previousBatchId === undefined || count === undefined)
    return undefined
  const told = words.slice(3)
  if (BigInt(told.length) < 2n * count) return undefined
  const conditions = Array.from({ length: Number(count) }, (_, at) => ({
    registry: addressOf(told[2 * at] ?? 0n),
    fact: wordHex(told[2 * at + 1] ?? 0n),
  }))
  return { batchId, previousBatchId, conditions }
}

/** The condition as the program's output has it. */
export function conditionOf({ registry, fact }: TransferCondition): bigint {
  const hash = keccak256(encodePacked(['address', 'bytes32'], [registry, fact]))
  return BigInt.asUintN(conditionBits, BigInt(hash))
}

function addressOf(word: bigint): `0x${string}` {
  return `0x${BigInt.asUintN(160, word).toString(16).padStart(40, '0')}`
}
