import type { Timestamp } from '../domain/time.ts'

/** What a StarkEx exchange tells of its batches. Every question throws `ChainUnavailableError` where there is no usable answer. */
export type StarkexFeeder = {
  /** Of the newest closed batch; undefined where it does not tell. */
  lastBatchId(): Promise<number | undefined>
  info(id: number): Promise<BatchAnswer<BatchInfo>>
  data(id: number): Promise<BatchAnswer<BatchData>>
}

export type BatchAnswer<T> =
  | { readonly kind: 'batch'; readonly batch: T }
  /** It may still come. */
  | { readonly kind: 'not-ready' }
  /** There is none of that id, or none any more. */
  | { readonly kind: 'none'; readonly code: string }

type Roots = { readonly positionRoot: string; readonly orderRoot: string }

export type BatchInfo = Roots & {
  /** Below zero where it is the first. */
  readonly previousId: number
  readonly sequence: number
  readonly createdAt: Timestamp
  readonly transactions: readonly BatchTransaction[]
}

export type BatchTransaction = {
  readonly id: number
  /** As it was handed in, in the gateway's JSON. */
  readonly transaction: unknown
  /** What was executed in its place; undefined where it was itself. */
  readonly alternatives: readonly unknown[] | undefined
}

/** The leaves that a batch changed. */
export type BatchData = Roots & {
  readonly previousId: number
  readonly positions: readonly PositionLeaf[]
}

export type PositionLeaf = {
  readonly id: string
  readonly publicKey: bigint
  readonly collateral: bigint
  readonly holdings: readonly {
    readonly asset: bigint
    readonly balance: bigint
    readonly cachedIndex: bigint
  }[]
}
