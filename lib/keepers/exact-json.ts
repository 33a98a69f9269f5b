/** JSON for history and people: decimals and big integers as strings, nothing rounded. */
export function exactJson(value: unknown): string {
  // A decimal writes itself as a string.
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? member.toString() : member,
  )
}
