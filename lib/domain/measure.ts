/** One number at one time, for whoever draws it or is told when it is too large. */
export type Measure = {
  /** In lower case, words apart by dashes, the unit last where there is one: `insurance-fund-usd`. */
  readonly name: string
  /** What it is of: `{ engine: 'evm' }`. */
  readonly of: Readonly<Record<string, string>>
  readonly value: number
}
