/** Whole numbers with a key each, of which the first are found without a look at all the others. */
export type TopHeap = {
  readonly size: number
  /** Its key is looked at only where `rekey` was called. */
  readonly add: (item: number, key: number) => void
  readonly drop: (item: number) => void
  readonly has: (item: number) => boolean
  readonly items: () => Uint32Array
  /** All keys anew. */
  readonly rekey: (keyOf: (item: number) => number) => void
  /** Items by their keys, the largest first; nothing may be added or dropped while that is read. */
  readonly descending: () => Iterable<{ readonly item: number; readonly key: number }>
}

/** Where each item stands in its heap: heaps that have no item in common share one. */
export type Places = { at: Uint32Array }

/** A heap by halves: the item at n has no smaller key than those at 2n + 1 and 2n + 2. */
export function openHeap(places: Places): TopHeap {
  let items = new Uint32Array(0)
  let keys: Float64Array | undefined
  let size = 0

  function keyAt(at: number): number {
    return keys?.[at] ?? 0
  }

  function set(at: number, item: number, key: number): void {
    items[at] = item
    places.at[item] = at
    if (keys) keys[at] = key
  }

  function rise(from: number, item: number, key: number): void {
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!(keyAt(above) < key)) break
      set(at, items[above] ?? 0, keyAt(above))
      at = above
    }
    set(at, item, key)
  }

  function sink(from: number, item: number, key: number): void {
    let at = from
    for (;;) {
      const left = 2 * at + 1
      if (left >= size) break
      const below = left + 1 < size && keyAt(left + 1) > keyAt(left) ? left + 1 : left
      if (!(keyAt(below) > key)) break
      set(at, items[below] ?? 0, keyAt(below))
      at = below
    }
    set(at, item, key)
  }

  function has(item: number): boolean {
    const at = places.at[item] ?? 0
    return at < size && items[at] === item
  }

  return {
    get size() {
      return size
    },
    add: (item, key) => {
      if (size === items.length) {
        items = longer(items, new Uint32Array(Math.max(8, 2 * size)))
        keys &&= longer(keys, new Float64Array(items.length))
      }
      size += 1
      if (keys) rise(size - 1, item, key)
      else set(size - 1, item, 0)
    },
    drop: (item) => {
      if (!has(item)) return
      const at = places.at[item] ?? 0
      size -= 1
      if (at === size) return
      const [last, key] = [items[size] ?? 0, keyAt(size)]
      if (!keys) set(at, last, 0)
      else if (key > keyAt(at)) rise(at, last, key)
      else sink(at, last, key)
    },
    has,
    items: () => items.subarray(0, size),
    rekey: (keyOf) => {
      keys ??= new Float64Array(items.length)
      for (let at = 0; at < size; at++) keys[at] = keyOf(items[at] ?? 0)
      for (let at = (size >> 1) - 1; at >= 0; at--) sink(at, items[at] ?? 0, keyAt(at))
    },
    *descending() {
      // Places whose item may be next, the largest key last.
      const edge: number[] = size > 0 ? [0] : []
      for (;;) {
        const at = edge.pop()
        if (at === undefined) return
        yield { item: items[at] ?? 0, key: keyAt(at) }
        for (const below of [2 * at + 1, 2 * at + 2]) if (below < size) insert(edge, below)
      }
    },
  }

  function insert(edge: number[], at: number): void {
    let [low, high] = [0, edge.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (keyAt(edge[middle] ?? 0) < keyAt(at)) low = middle + 1
      else high = middle
    }
    edge.splice(low, 0, at)
  }
}

function longer<T extends Uint32Array | Float64Array>(array: T, into: T): T {
  into.set(array)
  return into
}
