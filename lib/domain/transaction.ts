import type { Fee } from './fee.ts'
import type { Timestamp } from './time.ts'

/** One contract call, in the chain's own encoding. */
export type Call =
  | {
      readonly kind: 'evm'
      readonly to: `0x${string}`
      readonly data: `0x${string}`
      /** The versioned hashes of the blobs that travel with it (EIP-4844), in their order; absent where none do. */
      readonly blobs?: readonly `0x${string}`[]
    }
  | {
      readonly kind: 'starknet'
      readonly to: `0x${string}`
      /** Entry point name, such as `price_tick`. */
      readonly entrypoint: string
      readonly calldata: readonly `0x${string}`[]
    }
  /** `transaction` is its JSON, without the id that it is sent with. */
  | { readonly kind: 'starkex'; readonly transaction: string }

/** A transaction ready to go out: its hash is known before it is sent. */
export type SignedTransaction = {
  readonly hash: `0x${string}`
  /** What is broadcast: raw transaction hex (EVM; blobs join it on the way) or the JSON of the RPC's transaction (Starknet). */
  readonly bytes: string
  readonly fee: Fee
}

export type Block = {
  readonly number: number
  readonly hash: `0x${string}`
  readonly time: Timestamp
}

/** What a node said to a broadcast. Only `refused` means that the bytes are certainly not in its pool. */
export type BroadcastAnswer =
  | { readonly kind: 'accepted' }
  /** The pool or the chain has these very bytes already: success. */
  | { readonly kind: 'known' }
  | {
      readonly kind: 'refused'
      readonly why:
        | 'nonce-too-low'
        | 'nonce-too-high'
        | 'underpriced'
        | 'funds'
        | 'invalid'
        | 'duplicate-nonce'
      readonly reason: string
    }

/** Where a transaction stands, by its hash. */
export type TransactionStatus =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'included'
      readonly block: Block
      readonly outcome: 'succeeded' | 'reverted'
      /** The revert reason as the contract gave it, decoded. */
      readonly reason: string | undefined
      /** In the fee token's smallest unit. */
      readonly feePaid: bigint
      /** The chain itself calls it final (Starknet: ACCEPTED_ON_L1). */
      readonly final: boolean
    }

/** What became of a transaction that a StarkEx gateway had taken. */
export type Fate =
  | { readonly kind: 'executed'; readonly batch: number }
  /** The exchange's operator gave others in its place, or none. */
  | { readonly kind: 'replaced'; readonly batch: number; readonly by: number }
  /** The batches went on without it. */
  | { readonly kind: 'dropped'; readonly batch: number }

/** What a node says would happen. */
export type Simulation =
  | {
      readonly kind: 'ok'
      readonly fee: Fee
      /** What the call would answer, where the node says that too. */
      readonly returned?: `0x${string}`
    }
  | { readonly kind: 'reverted'; readonly reason: string }
