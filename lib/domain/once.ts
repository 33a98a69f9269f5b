/**
 * Makes what a key stands for where nobody did yet, and gives the same again where somebody did. A key says everything that what is
 * made goes by, beside what is the same for all who share one `Once`: for keepers, one view. It is a text, or the very object that what
 * is made is made of alone. `what` is made, so that nobody takes it for something else.
 */
export type Once = <Made>(what: string, key: string | object, make: () => Made) => Made

/** For two or more who do partly the same work. Nothing is forgotten: it is thrown away as a whole. */
export function sharedOnce(): Once {
  const all = new Map<string, Map<string | object, unknown>>()
  return <Made>(what: string, key: string | object, make: () => Made): Made => {
    const made = all.get(what) ?? new Map<string | object, unknown>()
    if (made.size === 0) all.set(what, made)
    // One thing has one type: that of whoever makes it.
    if (made.has(key)) return made.get(key) as Made
    const value = make()
    made.set(key, value)
    return value
  }
}

/** For one alone: nothing is kept. */
export const everyTime: Once = (_what, _key, make) => make()
