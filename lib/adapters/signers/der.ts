/**
 * Reads an ECDSA signature in DER: a sequence of two positive integers, and nothing else.
 * RFC 3279, section 2.2.3; https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export function readDerSignature(
  bytes: Uint8Array,
): { readonly r: bigint; readonly s: bigint } | undefined {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return undefined
  const r = readInteger(bytes, 2)
  const s = r && readInteger(bytes, r.end)
  return s && s.end === bytes.length ? { r: r.value, s: s.value } : undefined
}

/** Both halves of a secp256k1 signature fit in 33 bytes, so a length is always one byte. */
function readInteger(
  bytes: Uint8Array,
  at: number,
): { readonly value: bigint; readonly end: number } | undefined {
  const length = bytes[at + 1] ?? 0
  const content = bytes.subarray(at + 2, at + 2 + length)
  if (bytes[at] !== 0x02 || length === 0 || length > 33 || content.length !== length)
    return undefined
  const [first = 0, second = 0] = content
  const negative = first >= 0x80
  const padded = length > 1 && first === 0 && second < 0x80
  if (negative || padded) return undefined
  return { value: BigInt(`0x${Buffer.from(content).toString('hex')}`), end: at + 2 + length }
}
