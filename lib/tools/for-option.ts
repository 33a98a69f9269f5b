import { InvalidArgumentError, Option } from 'commander'

import { DurationError, parseDuration } from './duration.ts'

/** `--for 60s`: how long to run. */
export function forOption(): Option {
  return new Option('--for <duration>', 'end by itself after so long: 60s, 5m, 1h30m').argParser(
    durationArgument,
  )
}

/** A length of time as an argument: commander says what is wrong with it. */
export function durationArgument(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    if (error instanceof DurationError) throw new InvalidArgumentError(error.message)
    throw error
  }
}
