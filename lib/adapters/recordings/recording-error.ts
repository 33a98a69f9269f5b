/** One thing that is wrong with a recording. */
export type RecordingProblem = {
  readonly file: string
  readonly line: number
  readonly text: string
}

/** A recording that cannot be played: everything that is wrong with it, each with its file and line. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly problems: readonly RecordingProblem[]

  /** There is more that is not listed. */
  readonly hasMore: boolean

  constructor(
    problems: readonly RecordingProblem[],
    { hasMore = false, ...options }: ErrorOptions & { readonly hasMore?: boolean } = {},
  ) {
    const lines = problems.map(({ file, line, text }) => `${file}, line ${line}: ${text}`)
    super([...lines, ...(hasMore ? [notAll] : [])].join('\n'), options)
    this.problems = problems
    this.hasMore = hasMore
  }
}

const notAll = '… and more, which are not listed'
