import type { DecodeEventLogReturnType, Hex } from 'viem'
import { decodeEventLog, encodeEventTopics, encodeFunctionData } from 'viem/utils'

import { coreAbi } from './core-abi.ts'

/** How the block's data is published with an update. */
export type PublishedData =
  /** As pages of the proved statement; size 0 where there is none. */
  | { readonly kind: 'calldata'; readonly hash: bigint; readonly size: bigint }
  /** In the transaction's blobs, with one proof for each, of 48 bytes. */
  | { readonly kind: 'blobs'; readonly proofs: readonly Hex[] }

/** The call that brings an update. */
export function stateUpdateCall(programOutput: readonly bigint[], data: PublishedData): Hex {
  switch (data.kind) {
    case 'calldata':
      return encodeFunctionData({
        abi: coreAbi,
        functionName: 'updateState',
        args: [programOutput, data.hash, data.size],
      })
    case 'blobs':
      return encodeFunctionData({
        abi: coreAbi,
        functionName: 'updateStateKzgDA',
        args: [programOutput, data.proofs],
      })
  }
}

/** One of the core's events. */
export type CoreEvent = DecodeEventLogReturnType<typeof coreAbi>
export type CoreEventName = NonNullable<CoreEvent['eventName']>

/** The event that a log of the core tells of; undefined where it is none that is known here. */
export function coreEventOf({
  topics,
  data,
}: {
  readonly topics: readonly Hex[]
  readonly data: Hex
}): CoreEvent | undefined {
  const [signature, ...indexed] = topics
  if (signature === undefined) return undefined
  try {
    return decodeEventLog({ abi: coreAbi, topics: [signature, ...indexed], data })
  } catch {
    // Another event, or the older form of one.
    return undefined
  }
}

/** What to ask logs for. */
export function coreTopic(eventName: CoreEventName): Hex {
  const [topic] = encodeEventTopics({ abi: coreAbi, eventName })
  return topic
}
