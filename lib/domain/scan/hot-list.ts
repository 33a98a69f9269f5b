/** A set of whole numbers from zero on, that can be gone through bit by bit. */
export type HotList = {
  readonly size: number
  readonly add: (item: number) => void
  readonly drop: (item: number) => void
  /** The next `most` items, each once if that is all of them. `visit` may drop the item that it is given. */
  readonly turn: (most: number, visit: (item: number) => void) => void
}

const nowhere = -1

/** Two columns of numbers: a map of ten million would take longer to grow than all else. */
export function openHotList(): HotList {
  let items = new Uint32Array(0)
  let places = new Int32Array(0)
  let size = 0
  let at = 0

  function placeOf(item: number): number {
    return places[item] ?? nowhere
  }

  function grow(item: number): void {
    if (item >= places.length) {
      const longer = new Int32Array(Math.max(item + 1, 2 * places.length)).fill(nowhere)
      longer.set(places)
      places = longer
    }
    if (size < items.length) return
    const longer = new Uint32Array(Math.max(64, 2 * items.length))
    longer.set(items)
    items = longer
  }

  return {
    get size() {
      return size
    },
    add: (item) => {
      if (placeOf(item) >= 0) return
      grow(item)
      places[item] = size
      items[size] = item
      size += 1
    },
    drop: (item) => {
      const place = placeOf(item)
      if (place < 0) return
      size -= 1
      const last = items[size] ?? 0
      items[place] = last
      places[last] = place
      places[item] = nowhere
    },
    turn: (most, visit) => {
      const turns = Math.min(most, size)
      if (turns === size) at = size
      // Downwards: what comes to a dropped item's place was visited before it.
      for (let turn = 0; turn < turns; turn++) {
        at = at === 0 ? size - 1 : Math.min(at, size) - 1
        visit(items[at] ?? 0)
      }
    },
  }
}
