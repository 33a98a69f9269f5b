import { getAddress, isAddress } from 'viem/utils'
import * as z from 'zod'

import { Decimal } from '../../domain/decimal.ts'
import { looksLikeReference, type Text } from '../reference.ts'
import { secretReference } from './references.ts'

/** Names become parts of rows and of ids, which are joined with `:` and `#`. */
export const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'expected a name of lower-case letters, digits and dashes that begins with a letter, at most 40 long',
  )

/** Encrypted, or on this machine. */
export function isPrivateUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname))
}

export function isThisMachine(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

export const privateUrl = z
  .string()
  .refine(isPrivateUrl, 'expected an https:// URL (http:// only for this machine)')

/** Any web address: nodes and emulators inside a private network often speak plain HTTP. */
export const webUrl = z
  .string()
  .refine(isWebUrl, 'expected an http:// or https:// URL without name and password in it')

/** An address that may hold a key of its provider, such as a node's: written out, or by reference. */
export function urlOrReference(isGood: (text: string) => boolean, expected: string) {
  return z.string().transform((text, context): Text => {
    if (looksLikeReference(text)) return referenceIn(text, context)
    if (isGood(text)) return { kind: 'literal', text }
    context.addIssue({ code: 'custom', message: expected })
    return z.NEVER
  })
}

export const nodeUrl = urlOrReference(
  isWebUrl,
  'expected an http:// or https:// URL without name and password in it, or a reference to one',
)

/** Lower or upper case, or mixed with the right checksum of EIP-55; comes out with the checksum. */
export const evmAddress = z.string().transform((text, context) => {
  const hex = /^0x[0-9a-fA-F]{40}$/.test(text)
  if (hex && BigInt(text) > 0n && isAddress(sameCase(text) ? text.toLowerCase() : text))
    return getAddress(text)
  context.addIssue({
    code: 'custom',
    message: hex
      ? 'expected an Ethereum address with a right EIP-55 checksum, or all in lower case'
      : 'expected an Ethereum address, 0x and 40 hex digits',
  })
  return z.NEVER
})

/** Comes out in lower case and without leading zeros, as nodes write it. */
export const starknetAddress = felt('a Starknet address, 0x and up to 64 hex digits below 2^251', {
  below: 2n ** 251n,
})

/** Hex, in quotes or not. */
export function felt(
  what: string,
  { below, least = 1n }: { readonly below: bigint; readonly least?: bigint },
) {
  return z.string().transform((text, context): `0x${string}` => {
    const value = /^0x[0-9a-fA-F]{1,64}$/.test(text) ? BigInt(text) : -1n
    if (value >= least && value < below) return `0x${value.toString(16)}`
    context.addIssue({ code: 'custom', message: `expected ${what}` })
    return z.NEVER
  })
}

const wholeNumber =
  'expected a whole number greater than 0, in quotes where it has more than 15 digits'

/** A whole number greater than 0 that may be too large for a plain YAML number. */
export const amount = z
  .union([z.int(wholeNumber).positive(wholeNumber), z.string().regex(/^[1-9]\d{0,77}$/)], {
    error: wholeNumber,
  })
  .transform((value) => BigInt(value))

/** A ratio such as 0.9; a decimal's shortest text is exact. */
export const ratio = z
  .union([z.number().positive().max(10), z.string().regex(/^\d{1,2}(\.\d{1,18})?$/)], {
    error: 'expected a decimal number such as 0.90',
  })
  .transform((value) => new Decimal(String(value)))

export function milliseconds(most: number) {
  return z.int().min(0).max(most)
}

export const seconds = z.int().min(1).max(86_400)

/** Basis points: a hundredth of a percent. */
export const bps = z.number().positive().max(10_000)

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return ['http:', 'https:'].includes(protocol) && username === '' && password === ''
}

function sameCase(address: string): boolean {
  const digits = address.slice(2)
  return digits === digits.toLowerCase() || digits === digits.toUpperCase()
}

function referenceIn(text: string, context: z.RefinementCtx): Text {
  const parsed = secretReference.safeParse(text)
  if (parsed.success) return parsed.data
  for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message })
  return z.NEVER
}
