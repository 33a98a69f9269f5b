import type { Hex } from './felt.ts'

/** What a fact registry stores. */
export type IntegrityState = {
  readonly owner: bigint
  /** Takes facts without a verifier. */
  readonly mocked: boolean
  /** By the preset's hash. */
  readonly verifiers: Readonly<Record<Hex, bigint>>
  /** Hashes of verifications by fact, in the order in which they came. */
  readonly listed: Readonly<Record<Hex, readonly Hex[]>>
  /** By hash. */
  readonly verifications: Readonly<Record<Hex, Verification>>
}

/** Short strings, as felts. */
export type VerifierConfig = {
  readonly layout: bigint
  readonly hasher: bigint
  readonly stoneVersion: bigint
  readonly memoryVerification: bigint
}

export type Verification = {
  readonly factHash: bigint
  readonly securityBits: bigint
  readonly config: VerifierConfig
}

export function emptyRegistry(owner: bigint, mocked: boolean): IntegrityState {
  return { owner, mocked, verifiers: {}, listed: {}, verifications: {} }
}
