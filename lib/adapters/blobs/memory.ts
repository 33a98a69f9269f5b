import type { Blobs, Clock } from '../../ports.ts'
import { blobKeptMs, checkBlobKey } from '../blob-rules.ts'

/** Blobs that live as long as their process; nobody holds the bytes of another. */
export function memoryBlobs({ clock }: { readonly clock: Clock }): Blobs {
  const kept = new Map<string, { readonly content: Uint8Array; readonly at: number }>()

  return {
    async put(key, content) {
      checkBlobKey(key)
      const now = clock.now()
      // Deleted and set, so that the oldest come first.
      kept.delete(key)
      kept.set(key, { content: new Uint8Array(content), at: now })
      for (const [old, { at }] of kept) {
        if (at + blobKeptMs > now) break
        kept.delete(old)
      }
    },

    async get(key) {
      checkBlobKey(key)
      const found = kept.get(key)
      return found && new Uint8Array(found.content)
    },
  }
}
