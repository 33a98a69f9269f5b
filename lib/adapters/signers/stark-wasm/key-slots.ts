import { pointAt } from './scure-math.ts'
import { type StarkModule, wordSize } from './stark-module.ts'

/** Where the module has each key's table; a key is left out where no point of the curve has that x. */
export type KeySlots = (keys: ReadonlySet<bigint>) => ReadonlyMap<bigint, number>

/**
 * Makes a key's table when the key is first seen, some milliseconds each, and keeps it while there is room: those that
 * were used least recently give way. To be asked for no more keys at once than there are slots.
 */
export function keySlots({ run, at, put }: StarkModule): KeySlots {
  /** The least recently used first. */
  const known = new Map<bigint, number>()

  function free(): number {
    const [oldest] = known
    if (!oldest || known.size < at.SLOTS) return known.size
    const [key, slot] = oldest
    known.delete(key)
    return slot
  }

  function make(key: bigint): void {
    const point = pointAt(key)
    if (!point) return
    const slot = free()
    put(at.HASHES, point.x)
    put(at.HASHES + wordSize, point.y)
    run.prepareKey(slot)
    known.set(key, slot)
  }

  return (keys) => {
    for (const key of keys) {
      const slot = known.get(key)
      if (slot === undefined) continue
      known.delete(key)
      known.set(key, slot)
    }
    // Now those that are asked for are the last to give way.
    for (const key of keys) if (!known.has(key)) make(key)
    return known
  }
}
