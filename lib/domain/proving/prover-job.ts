/** What a prover says of a job. */
export type ProverJob = {
  /** The prover's own id; its key where it has none. */
  readonly id: string
  readonly status: 'queued' | 'running' | 'done' | 'failed' | 'rejected' | 'unknown'
  /** `failed`: the prover could not; `rejected`: it says that the batch itself cannot be proved (INVALID). In its words. */
  readonly reason?: string
  /** Where it is, in its words (`step`). */
  readonly stage?: string
  readonly programHash?: `0x${string}`
  /** As the prover computed them: never believed, compared with ours. */
  readonly facts: { readonly sharp?: `0x${string}`; readonly integrity?: `0x${string}` }
  /** Its fact or its proof is a mock. */
  readonly isMocked: boolean
  /** False where the declared size was wrong. */
  readonly isSizeRight?: boolean
}

export type ProofRequest = {
  /** Names the work: a second submission under it is the same job. */
  readonly key: string
  /** For people: shown at the prover. */
  readonly label: string
  /** A Cairo PIE as a zip. */
  readonly pie: Uint8Array
  readonly steps: number
}
