import { referenceName, type SecretReference } from './reference.ts'

/** A secret cannot be had. The message names its place and never shows a part of it. */
export class SecretUnavailableError extends Error {
  override readonly name = 'SecretUnavailableError'
  readonly reference: string

  constructor(reference: SecretReference, reason: string, options?: ErrorOptions) {
    const place = referenceName(reference)
    super(`${place} cannot be used: ${reason}`, options)
    this.reference = place
  }
}
