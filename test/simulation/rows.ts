import type { MemoryRows } from '../../lib/adapters/store/memory-rows.ts'

/**
 * A table that keeps the objects themselves: all that our code stores is read-only, and a schedule lasts minutes, so
 * nothing expires. Turning every row into text and back would take most of a schedule's time.
 */
export function rowsByReference(): MemoryRows {
  const table = new Map<string, Map<string, unknown>>()
  const get = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => table.get(pk)?.get(sk)
  return {
    get,
    stored: get,
    put({ pk, sk }, content) {
      let partition = table.get(pk)
      if (!partition) table.set(pk, (partition = new Map<string, unknown>()))
      partition.set(sk, content)
    },
    remove({ pk, sk }) {
      table.get(pk)?.delete(sk)
    },
    partition(pk, order) {
      const partition = table.get(pk)
      if (!partition || partition.size === 0) return []
      if (partition.size === 1) return [...partition.values()]
      const sign = order === 'ascending' ? 1 : -1
      return [...partition]
        .toSorted(([one], [other]) => (one < other ? -sign : sign))
        .map(([, content]) => content)
    },
    all: () => [],
  }
}
