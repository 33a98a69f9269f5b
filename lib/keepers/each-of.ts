/** What `act` answers for each, in their order, `width` at once: a table or a node that is asked everything at once answers late. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  width: number,
  act: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += width)
    results.push(...(await Promise.all(items.slice(start, start + width).map(act))))
  return results
}
