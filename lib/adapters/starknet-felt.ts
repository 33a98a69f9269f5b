import { keccak } from '@scure/starknet'
import * as z from 'zod/mini'

/** A felt or a number as Starknet nodes write it: hex in either case, with or without leading zeros. */
export const Felt = z.pipe(
  z.string().check(z.regex(/^0x[0-9a-fA-F]{1,64}$/)),
  z.transform((text) => BigInt(text)),
)

/** The one way in which we write felts: lower case, no leading zeros, so that equal felts are equal texts. */
export function feltHex(value: bigint | string): `0x${string}` {
  return `0x${BigInt(value).toString(16)}`
}

/** A felt in answers whose text is kept. */
export const FeltHex = z.pipe(
  Felt,
  z.transform((value) => feltHex(value)),
)

/** How Starknet names an entry point or event: the low 250 bits of the name's keccak. */
export function selectorOf(name: string): `0x${string}` {
  const known = selectors.get(name)
  if (known !== undefined) return known
  const selector = feltHex(keccak(Buffer.from(name, 'latin1')))
  selectors.set(name, selector)
  return selector
}

const selectors = new Map<string, `0x${string}`>()

/** The ASCII of a short string; undefined where the felt is none. */
export function shortString(felt: bigint): string | undefined {
  const hex = felt.toString(16)
  const text = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString(
    'latin1',
  )
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined
}

/** Starknet's prime: felts count below it, and a number below zero is written as what is missing to it. */
const prime = 2n ** 251n + 17n * 2n ** 192n + 1n

export function feltOfSigned(value: bigint): bigint {
  return value < 0n ? value + prime : value
}

/** Reads a signed integer. */
export function signedFelt(felt: bigint): bigint {
  return felt > prime / 2n ? felt - prime : felt
}
