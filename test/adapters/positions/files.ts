import type { Blobs } from '../../../lib/ports.ts'

/** Blobs in memory that can be looked into, and that can be lost. */
export function memoryFiles(): Blobs & {
  readonly kept: Map<string, Uint8Array>
  readonly asked: string[]
} {
  const kept = new Map<string, Uint8Array>()
  const asked: string[] = []
  return {
    kept,
    asked,
    async put(key, content) {
      kept.set(key, content.slice())
    },
    async get(key) {
      asked.push(key)
      return kept.get(key)?.slice()
    },
  }
}
