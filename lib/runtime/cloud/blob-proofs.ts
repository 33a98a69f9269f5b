import { type Kzg, openKzg } from '../../adapters/kzg.ts'

/** For the one function that computes them: it alone carries the library and its setup. */
export function blobProofs(): Kzg {
  return openKzg()
}
