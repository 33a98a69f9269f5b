/**
 * A short stand-in for a text that only has to be compared with another one (FNV-1a, 32 bits, base 36). Two texts of
 * which one replaces the other are taken for the same once in four billion times; nothing that signs or pays rests on it.
 */
export function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 0).toString(36)
}
