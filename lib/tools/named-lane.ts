/** The proving lane that was named; the only one where none was. Throws where that is no lane, or not clear. */
export function namedLane(
  lanes: Readonly<Record<string, unknown>>,
  name: string | undefined,
): string {
  const names = Object.keys(lanes)
  if (name !== undefined && names.includes(name)) return name
  const [only] = names
  if (only === undefined) throw new NoSuchLaneError('the network file has no proving lane')
  const there = `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`
  if (name !== undefined) throw new NoSuchLaneError(`there is no proving lane ${name}; ${there}`)
  if (names.length > 1) throw new NoSuchLaneError(`say which lane with --lane; ${there}`)
  return only
}

/** The lane that was asked for is not there, or it was not said which. */
export class NoSuchLaneError extends Error {
  override readonly name = 'NoSuchLaneError'
}
