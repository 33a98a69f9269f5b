/** An exact fraction: the model rounds only where the contract's text says so. */
export type Ratio = { readonly top: bigint; readonly bottom: bigint }

export function ratio(top: bigint, bottom = 1n): Ratio {
  return bottom < 0n ? { top: -top, bottom: -bottom } : { top, bottom }
}

export const add = (a: Ratio, b: Ratio): Ratio =>
  ratio(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom)
export const times = (a: Ratio, b: Ratio): Ratio => ratio(a.top * b.top, a.bottom * b.bottom)
export const over = (a: Ratio, b: Ratio): Ratio => ratio(a.top * b.bottom, a.bottom * b.top)
export const compare = (a: Ratio, b: Ratio): number => {
  const left = a.top * b.bottom
  const right = b.top * a.bottom
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** To the whole number below, whatever the sign. */
export function floor({ top, bottom }: Ratio): bigint {
  const rest = ((top % bottom) + bottom) % bottom
  return (top - rest) / bottom
}

/** To the whole number nearer to zero. */
export function cut({ top, bottom }: Ratio): bigint {
  const size = floor(ratio(top < 0n ? -top : top, bottom))
  return top < 0n ? -size : size
}
