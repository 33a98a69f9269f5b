import { toEventSelector, toFunctionSelector } from 'viem/utils'
import * as z from 'zod/mini'

import type { RpcRequest } from '../rpc.ts'

type Hex = `0x${string}`

/** What a view of one contract answers, as 32-byte words; undefined where nothing answers there. */
export function evmView(
  to: string,
  signature: string,
  args: readonly bigint[] = [],
): RpcRequest<readonly bigint[] | undefined> {
  const data =
    toFunctionSelector(signature) + args.map((word) => word.toString(16).padStart(64, '0')).join('')
  return {
    method: 'eth_call',
    params: [{ to, data }, 'latest'],
    read(result) {
      const words = wordsOf(Data.parse(result))
      return words.length === 0 ? undefined : words
    },
  }
}

/** The word at a place of a contract's storage. */
export function storageAt(to: string, slot: Hex): RpcRequest<bigint> {
  return {
    method: 'eth_getStorageAt',
    params: [to, slot, 'latest'],
    read: (result) => BigInt(Data.parse(result)),
  }
}

/** Whether a node says that the contract refused, or has no such view; all else is trouble of the node. */
export function isEvmRefusal({
  code,
  message,
}: {
  readonly code: number
  readonly message: string
}): boolean {
  return code === 3 || /revert|invalid opcode|vm execution error/i.test(message)
}

export function topicOf(signature: string): Hex {
  return toEventSelector(signature)
}

/** Whole words; what is left at the end is none. */
export function wordsOf(data: string): readonly bigint[] {
  return (data.slice(2).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`))
}

/** Of the low 20 bytes, in lower case. */
export function addressOf(word: bigint): Hex {
  return `0x${BigInt.asUintN(160, word).toString(16).padStart(40, '0')}`
}

/** Of 32 bytes that are a hash and no number. */
export function hashOf(word: bigint): Hex {
  return `0x${word.toString(16).padStart(64, '0')}`
}

const Data = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))])
