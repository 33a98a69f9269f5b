/** JSON in which whole numbers of any size and maps by them survive. */
export function writeExact(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return { $number: String(part) }
    if (part instanceof Map) return { $map: [...part] }
    return part
  })
}

/** What `writeExact` wrote; the caller knows what it wrote there. */
export function readExact(text: string): unknown {
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null) return part
    if ('$number' in part) return BigInt(String(part.$number))
    if ('$map' in part) return new Map(part.$map as [unknown, unknown][])
    return part
  })
}
