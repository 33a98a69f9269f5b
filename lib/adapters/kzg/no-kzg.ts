import type { Kzg } from '../kzg.ts'

/** For a process that computes nothing of blobs: the library and the ceremony's setup are larger than all the rest of it. */
export const noKzg: Kzg = {
  commitment: async () => Promise.reject(new NoKzgError()),
  cellProofs: async () => Promise.reject(new NoKzgError()),
  evaluate: async () => Promise.reject(new NoKzgError()),
  holds: async () => Promise.reject(new NoKzgError()),
}

/** Somebody asked a process for proofs of blobs that was made without them. */
export class NoKzgError extends Error {
  override readonly name = 'NoKzgError'

  constructor() {
    super('this process computes no proofs of blobs; the one that proves batches does')
  }
}
