import type { Finding } from './problem.ts'

/** One finding for each item that says what an earlier one said already. */
export function repeated<T extends { readonly path: readonly PropertyKey[] }>(
  items: readonly T[],
  idOf: (item: T) => string,
  text: string,
): readonly Finding[] {
  const seen = new Set<string>()
  return items.flatMap((item) => {
    const id = idOf(item)
    if (seen.has(id)) return [{ path: item.path, text }]
    seen.add(id)
    return []
  })
}
