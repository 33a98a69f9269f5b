/** What was asked to be signed is no hash of the right size. */
export class UnsignableHashError extends Error {
  override readonly name = 'UnsignableHashError'

  constructor(expected: string) {
    super(`expected to sign ${expected}`)
  }
}

/** A signature came out that its own key does not confirm: a broken processor, library or service. It is not passed on. */
export class WrongSignatureError extends Error {
  override readonly name = 'WrongSignatureError'
  readonly signer: string

  constructor(signer: string, reason: string) {
    super(`a signature of ${signer} is wrong: ${reason}`)
    this.signer = signer
  }
}

/** The service that holds the key did not sign; whether to try again is the caller's to say. */
export class SignerUnavailableError extends Error {
  override readonly name = 'SignerUnavailableError'
  readonly key: string

  constructor(key: string, reason: string, options?: ErrorOptions) {
    super(`${key} does not sign: ${reason}`, options)
    this.key = key
  }
}
