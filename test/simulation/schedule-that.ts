/** The number of a schedule, `most` or less, in which something shows; one more than `most` where it shows in none. Where it was `seen` last is tried first. */
export async function scheduleThat(
  shows: (seed: number) => Promise<boolean>,
  { most, seen }: { readonly most: number; readonly seen: number | undefined },
): Promise<number> {
  if (seen !== undefined && (await shows(seen))) return seen
  let seed = 1
  while (seed <= most && !(await shows(seed))) seed += 1
  return seed
}
