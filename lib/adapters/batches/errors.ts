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
