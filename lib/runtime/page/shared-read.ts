/**
 * One read for all who ask within `freshMs` of its beginning, so that many viewers cost the store as much as one.
 * A read that failed is not kept.
 */
export function sharedRead<T>(read: () => Promise<T>, freshMs: number): () => Promise<T> {
  let last: { readonly at: number; readonly view: Promise<T> } | undefined
  return async () => {
    const at = performance.now()
    if (last && at - last.at < freshMs) return await last.view
    const view = read()
    const mine = { at, view }
    last = mine
    try {
      return await view
    } catch (error) {
      if (last === mine) last = undefined
      throw error
    }
  }
}
