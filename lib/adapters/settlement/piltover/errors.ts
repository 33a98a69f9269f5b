/** The run is not this batch's, or nothing that the contract could be told. */
export class BatchInputError extends Error {
  override readonly name = 'BatchInputError'
  readonly batch: string

  constructor(batch: string, why: string) {
    super(`the run of ${batch} cannot be settled: ${why}`)
    this.batch = batch
  }
}

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
