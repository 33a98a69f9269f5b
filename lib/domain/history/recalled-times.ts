/**
 * The times that stood in this value before: each stands in many places, and how long ago it was in others. `Place` is whatever
 * tells places apart.
 */
export type RecalledTimes<Place> = {
  /** Of every whole number that is written out. */
  see(value: number, place: Place): void
  /** What is under the key `now`: what is told as so long ago is told from then. */
  isNow(value: unknown): void
  /** Where that time stood; undefined where it did not, or what it is is no time. */
  placeOf(value: number): Place | undefined
  /** Where the time stood that is so long ago. */
  placeAgo(value: number): Place | undefined
  /** The time that stood there last; undefined where none did. */
  at(place: Place): number | undefined
  /** How long ago that was. */
  since(place: Place): number | undefined
  /** A new value begins. */
  turn(): void
}

/** Whole numbers from there on are times, in milliseconds; the year is 2004. */
const leastTime = 2 ** 40

/** Smaller ones are counts, which would be taken for times by chance. */
const leastAgo = 33

export function recalledTimes<Place>(): RecalledTimes<Place> {
  const places = new Map<number, Place>()
  const times = new Map<Place, number>()
  let now = 0

  /** Another time may stand there since. */
  function placeWith(time: number): Place | undefined {
    const place = places.get(time)
    return place !== undefined && times.get(place) === time ? place : undefined
  }

  return {
    see(value, place) {
      if (value < leastTime) return
      if (!places.has(value)) places.set(value, place)
      times.set(place, value)
    },

    isNow(value) {
      if (typeof value === 'number' && value >= leastTime) now = value
    },

    placeOf: (value) => (value < leastTime ? undefined : placeWith(value)),

    placeAgo: (value) =>
      value < leastAgo || value > now - leastTime ? undefined : placeWith(now - value),

    at: (place) => times.get(place),

    since(place) {
      const time = times.get(place)
      return time === undefined ? undefined : now - time
    },

    turn() {
      places.clear()
      times.clear()
      now = 0
    },
  }
}
