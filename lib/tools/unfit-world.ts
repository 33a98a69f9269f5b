/** The chains and contracts are not what the network file says; one line for each thing. */
export class UnfitWorldError extends Error {
  override readonly name = 'UnfitWorldError'

  constructor(file: string, problems: readonly string[]) {
    super(problems.map((problem) => `${file}: ${problem}`).join('\n'))
  }
}
