/** JSON with bigints as `123n`: no other text that we store looks so. */
export function toPlainJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one))
}

export function fromPlainJson(text: string): unknown {
  return JSON.parse(text, (_key, one: unknown) =>
    typeof one === 'string' && /^-?[0-9]+n$/.test(one) ? BigInt(one.slice(0, -1)) : one,
  )
}
