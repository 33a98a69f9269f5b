import type { Blobs, Clock } from '../../ports.ts'
import { checkBlobKey, keptMsOf } from '../blob-rules.ts'

/** Blobs that live as long as their process; nobody holds the bytes of another. */
export function memoryBlobs({
  clock,
  historyKeptMs,
}: {
  readonly clock: Clock
  readonly historyKeptMs?: number | undefined
}): Blobs {
  /** By how long they are kept. */
  const all = new Map<number, Map<string, { readonly content: Uint8Array; readonly at: number }>>()

  function keptWith(key: string) {
    const keptMs = keptMsOf(key, historyKeptMs)
    const some = all.get(keptMs) ?? new Map<string, { content: Uint8Array; at: number }>()
    all.set(keptMs, some)
    return some
  }

  return {
    async put(key, content) {
      checkBlobKey(key)
      const now = clock.now()
      const kept = keptWith(key)
      // Deleted and set, so that the oldest come first.
      kept.delete(key)
      kept.set(key, { content: new Uint8Array(content), at: now })
      for (const [keptMs, some] of all)
        for (const [old, { at }] of some) {
          if (at + keptMs > now) break
          some.delete(old)
        }
    },

    async get(key) {
      checkBlobKey(key)
      const found = keptWith(key).get(key)
      return found && new Uint8Array(found.content)
    },
  }
}
