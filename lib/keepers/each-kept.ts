/** As many as a table takes at once without making any of them wait for long. */
const atOnce = 50

/**
 * What `act` answers for each that it does not fail for, in their order and so many at once; what it threw is kept in
 * `troubles`, and keeps no other from its turn.
 */
export async function eachKept<T, R>(
  all: readonly T[],
  troubles: unknown[],
  act: (one: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers: R[] = []
  for (let start = 0; start < all.length; start += atOnce) {
    const ends = await Promise.allSettled(all.slice(start, start + atOnce).map(act))
    for (const end of ends)
      if (end.status === 'fulfilled') answers.push(end.value)
      else troubles.push(end.reason)
  }
  return answers
}
