/** What a program run put out, and what else the settlement contract is told with it. Each word is a number below 2^256. */
export type SettlementOutput = {
  readonly programOutput: readonly bigint[]
  /** StarkEx: batch ids and conditions. */
  readonly applicationData?: readonly bigint[]
  /** Where what changed can be read, as the contract is told it. */
  readonly data?:
    | { readonly kind: 'calldata'; readonly hash: bigint; readonly size: bigint }
    | {
        readonly kind: 'blobs'
        /** Of 131,072 bytes each. */
        readonly blobs: readonly `0x${string}`[]
        /** One for each blob, of 48 bytes: for the point that the output names. */
        readonly proofs: readonly `0x${string}`[]
      }
  /** Piltover: what the layout bridge put out, with the hash of the output in it. */
  readonly bridgeOutput?: readonly bigint[]
}

/** The first word of a run's blobs that is not what its output says of it; undefined where all are. */
export type CheckBlobs = (
  output: SettlementOutput,
) => Promise<
  { readonly word: string; readonly expected: string; readonly found: string } | undefined
>
