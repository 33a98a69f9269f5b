/** A node's error that says nothing of what was asked. */
export class SettlementUnavailableError extends Error {
  override readonly name = 'SettlementUnavailableError'
  readonly code: number

  constructor(asked: string, code: number, message: string) {
    super(`the node did not tell ${asked}: error ${code}, ${message}`)
    this.code = code
  }
}

export function unexpectedAnswer(
  asked: string,
  { code, message }: { readonly code: number; readonly message: string },
): SettlementUnavailableError {
  return new SettlementUnavailableError(asked, code, message)
}
