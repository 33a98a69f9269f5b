import * as z from 'zod'

/** A receiver's address: encrypted, or on this machine. Messages of the error never show the value. */
export const receiverUrl = z
  .string()
  .refine(isSafe, 'expected an https:// URL (http:// only for this machine)')

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  if (protocol === 'https:') return true
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
