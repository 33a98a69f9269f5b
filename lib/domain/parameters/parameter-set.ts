/** A number, a decimal in digits, or a list of sources: what a network file may say at one of its places. */
export type ParameterValue = number | string | readonly string[]

/**
 * One immutable set: every parameter that there is, by its place in the network file, such as `markets.BTC-USD.push.deviationBps`.
 * Whatever the file says of these later, the set says what it said.
 */
export type ParameterSet = {
  /** Of all values, and of what else of the file decides which prices are made of what: the same parameters have the same hash. */
  readonly hash: string
  readonly values: Readonly<Record<string, ParameterValue>>
}

/** A set by its number, which grows with every proposal, and its hash. */
export type SetReference = { readonly number: number; readonly hash: string }

/** In words; undefined is the network file's own. */
export function setName(set: SetReference | undefined): string {
  return set ? `set ${set.number} (${set.hash.slice(0, 12)})` : 'the network file’s own set'
}

/** One parameter that two sets have otherwise; undefined where one of them has none. */
export type ParameterChange = {
  readonly path: string
  readonly from: ParameterValue | undefined
  readonly to: ParameterValue | undefined
}

/** What the second set has otherwise than the first, by place. */
export function changesBetween(
  before: ParameterSet['values'],
  after: ParameterSet['values'],
): readonly ParameterChange[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
  return paths.flatMap((path) => {
    const [from, to] = [before[path], after[path]]
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, from, to }]
  })
}
