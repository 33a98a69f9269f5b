import { userInfo } from 'node:os'

import { InvalidArgumentError, Option } from 'commander'

/** `--by`: who decides; whoever runs the command unless it says so. */
export function byOption(): Option {
  return new Option('--by <name>', 'who decides')
    .argParser(fewWords)
    .default(userName(), 'who you are here')
}

/** Sixty of them are kept in one row. */
const longest = 300

/** One line of words, for whoever reads it later. */
export function fewWords(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  if (line === '') throw new InvalidArgumentError('expected some words')
  if (line.length > longest)
    throw new InvalidArgumentError(`expected at most ${longest} characters`)
  return line
}

/** Who runs this program. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number that no user has.
    return 'somebody'
  }
}
