/** Trouble on the way to whoever knows of the batches, or of their program runs: it says nothing about any of them. */
export class SourceUnavailableError extends Error {
  override readonly name = 'SourceUnavailableError'
  readonly source: string
  readonly detail: string
  /** How long it asks to be left alone, where it does. */
  readonly retryAfterMs: number | undefined

  constructor(
    source: string,
    detail: string,
    more: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(`${source} gave no usable answer: ${detail}`, { cause: more.cause })
    this.source = source
    this.detail = detail
    this.retryAfterMs = more.retryAfterMs
  }
}

/** What is to be proved is not what the batch says: no time mends that. */
export class BatchInputError extends Error {
  override readonly name = 'BatchInputError'
  readonly batch: string
  /** What of it differs: `new root`, `previous block hash`, … */
  readonly word: string
  readonly expected: string
  readonly found: string

  constructor(
    batch: string,
    word: string,
    told: { readonly expected: string; readonly found: string },
  ) {
    super(`the run of ${batch} has the ${word} ${told.found} instead of ${told.expected}`)
    this.batch = batch
    this.word = word
    this.expected = told.expected
    this.found = told.found
  }
}
