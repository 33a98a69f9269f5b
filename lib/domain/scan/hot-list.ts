/** A set of whole numbers from zero on, that can be gone through bit by bit. */
export type HotList = {
  readonly size: number
  readonly add: (item: number) => void
  readonly drop: (item: number) => void
  /** The next `most` items, each once if that is all of them. `visit` may drop the item that it is given. */
  readonly turn: (most: number, visit: (item: number) => void) => void
}

export function openHotList(): HotList {
  const items: number[] = []
  const places = new Map<number, number>()
  let at = 0

  return {
    get size() {
      return items.length
    },
    add: (item) => {
      if (places.has(item)) return
      places.set(item, items.length)
      items.push(item)
    },
    drop: (item) => {
      const place = places.get(item)
      const last = items.at(-1)
      if (place === undefined || last === undefined) return
      items[place] = last
      places.set(last, place)
      items.pop()
      places.delete(item)
    },
    turn: (most, visit) => {
      const turns = Math.min(most, items.length)
      if (turns === items.length) at = items.length
      // Downwards: what comes to a dropped item's place was visited before it.
      for (let turn = 0; turn < turns; turn++) {
        at = at === 0 ? items.length - 1 : Math.min(at, items.length) - 1
        visit(items[at] ?? 0)
      }
    },
  }
}
