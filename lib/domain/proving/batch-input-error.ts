/** A program run is not what its batch says, or nothing that its settlement contract could be told: no time mends that. */
export class BatchInputError extends Error {
  override readonly name = 'BatchInputError'
  readonly batch: string
  /** What of it is another one than the batch's (`new root`, `number of blobs`, …), or what is wrong with it. */
  readonly word: string
  readonly expected: string | undefined
  readonly found: string | undefined

  constructor(
    batch: string,
    word: string,
    other?: { readonly expected: string; readonly found: string },
  ) {
    const why = other
      ? `has the ${word} ${other.found} instead of ${other.expected}`
      : `cannot be settled: ${word}`
    super(`the run of ${batch} ${why}`)
    this.batch = batch
    this.word = word
    this.expected = other?.expected
    this.found = other?.found
  }
}
