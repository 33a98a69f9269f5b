import type { BlobSidecars } from '../../../lib/ports.ts'

/** For lanes whose transactions have no blobs. */
export const noSidecars: BlobSidecars = {
  keep: async (hash) => Promise.reject(new Error(`there is no blob ${hash} here`)),
  read: async () => Promise.resolve(undefined),
}
