/** An intent was moved that was never added. */
export class UnknownIntentError extends Error {
  override readonly name = 'UnknownIntentError'
  readonly id: string

  constructor(id: string) {
    super(`there is no intent ${id}`)
    this.id = id
  }
}
