/** Trouble on the way to a prover, or with what is in front of it: it says nothing about any job. */
export class ProverUnavailableError extends Error {
  override readonly name = 'ProverUnavailableError'
  readonly prover: string
  readonly detail: string
  /** How long it asks to be left alone, where it does. */
  readonly retryAfterMs: number | undefined

  constructor(prover: string, detail: string, retryAfter?: number) {
    super(`${prover} gave no usable answer: ${detail}`)
    this.prover = prover
    this.detail = detail
    this.retryAfterMs = retryAfter
  }
}

/** The prover itself will not take a job. */
export class ProverRefusedError extends Error {
  override readonly name = 'ProverRefusedError'
  readonly prover: string
  readonly status: number
  /** The prover's own. */
  readonly words: string

  constructor(prover: string, status: number, words: string) {
    super(`${prover} does not take the job: status ${status}, ${words}`)
    this.prover = prover
    this.status = status
    this.words = words
  }
}
