/** A key's text, which nothing prints by accident. */
export type KeySecret = { reveal(): string }

/** Reads a private key: hex, at least 1 and below the curve's order. What is wrong with it is told without showing it. */
export function privateScalar(
  secret: KeySecret,
  { curve, order }: { readonly curve: string; readonly order: bigint },
): bigint {
  const text = secret.reveal().trim()
  const digits = /^0x(?<digits>[0-9a-fA-F]+)$/.exec(text)?.groups?.['digits']
  if (digits === undefined) throw new BadKeyError(curve, 'it is not hex that begins with 0x')
  if (digits.length > 64) throw new BadKeyError(curve, 'it has more than 64 hex digits')
  const scalar = BigInt(text)
  if (scalar === 0n) throw new BadKeyError(curve, 'it is zero')
  if (scalar >= order) throw new BadKeyError(curve, "it is not below the curve's order")
  return scalar
}

/** The text that was given is no private key of the curve. The message never shows it. */
export class BadKeyError extends Error {
  override readonly name = 'BadKeyError'
  readonly curve: string

  constructor(curve: string, reason: string) {
    super(`the private key for ${curve} cannot be used: ${reason}`)
    this.curve = curve
  }
}
