/**
 * Whether all of `text` is what the pattern says: `*` stands for any characters, also none, `?` for exactly one, and all
 * else for itself. Takes at most as many steps as both lengths multiplied, whatever the pattern.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const [wanted, given] = [Array.from(pattern), Array.from(text)]
  let [at, place] = [0, 0]
  // Where the last star was, and how far it reaches: only the last one must ever give back.
  let star: { readonly at: number; reach: number } | undefined
  while (place < given.length) {
    if (wanted[at] === '*') {
      star = { at, reach: place }
      at += 1
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[place])) {
      at += 1
      place += 1
    } else if (star) {
      star.reach += 1
      at = star.at + 1
      place = star.reach
    } else {
      return false
    }
  }
  return wanted.slice(at).every((one) => one === '*')
}
