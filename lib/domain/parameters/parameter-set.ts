/** A number, a decimal in digits, or a list of sources: what a network file may say at one of its places. */
export type ParameterValue = number | string | readonly string[]

/**
 * One immutable set of parameters: what is otherwise than the network file says, by the place in that file, such as
 * `markets.BTC-USD.push.deviationBps`. An empty one is the file itself.
 */
export type ParameterSet = {
  /** Of everything that a set may change, as it is with this one: the same parameters have the same hash, wherever they come from. */
  readonly hash: string
  readonly values: Readonly<Record<string, ParameterValue>>
}

/** A set by its number, which grows with every proposal, and its hash. */
export type SetReference = { readonly number: number; readonly hash: string }

/** In words; undefined is the network file's own. */
export function setName(set: SetReference | undefined): string {
  return set ? `set ${set.number} (${set.hash.slice(0, 12)})` : 'the network file’s own set'
}
