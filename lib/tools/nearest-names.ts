/** The names most like what was written, the nearest first; none where nothing is like it. */
export function nearestNames(
  written: string,
  names: readonly string[],
  most = 3,
): readonly string[] {
  const wanted = written.toLowerCase()
  return names
    .map((name) => ({ name, far: distance(wanted, name) }))
    .filter(({ name, far }) => far <= Math.max(2, name.length / 3) || sharesWord(wanted, name))
    .toSorted((one, other) => one.far - other.far || (one.name < other.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name)
}

/** Whole words of a name in kebab-case. */
function sharesWord(written: string, name: string): boolean {
  const words = new Set(written.split(/[^a-z0-9]+/))
  return name.split('-').some((word) => word.length > 2 && words.has(word))
}

/** How many letters must be put in, left out or changed. */
function distance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [row, letter] of one.split('').entries()) {
    const line = [row + 1]
    for (const [column, wanted] of other.split('').entries())
      line.push(
        Math.min(
          (line[column] ?? 0) + 1,
          (above[column + 1] ?? 0) + 1,
          (above[column] ?? 0) + (letter === wanted ? 0 : 1),
        ),
      )
    above = line
  }
  return above.at(-1) ?? 0
}
