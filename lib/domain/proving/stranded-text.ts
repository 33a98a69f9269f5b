import type { BlockRef } from './batch.ts'

/** Why no batch can follow, for people. */
export function strandedText({ number, hash }: BlockRef): string {
  return `the contract stands on block ${number} (${hash}), which the chain does not have: no batch can follow it`
}
