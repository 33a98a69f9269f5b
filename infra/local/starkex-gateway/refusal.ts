/** A code of StarkEx with words for people: thrown where the original throws its StarkException. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export function refuseUnless(holds: boolean, code: string, message: string): void {
  if (!holds) throw new Refusal(code, message)
}
