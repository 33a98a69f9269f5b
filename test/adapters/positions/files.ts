/** Files in memory, as they would be elsewhere: nobody holds the bytes of another. */
export function memoryFiles() {
  const kept = new Map<string, Uint8Array>()
  const asked: string[] = []
  return {
    kept,
    asked,
    async put(key: string, content: Uint8Array): Promise<void> {
      kept.set(key, content.slice())
    },
    async get(key: string): Promise<Uint8Array | undefined> {
      asked.push(key)
      return kept.get(key)?.slice()
    },
  }
}
