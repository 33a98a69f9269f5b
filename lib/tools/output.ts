import process from 'node:process'

import { openAccount, type Account } from './account.ts'

/** The account of a command on this process's standard output. */
export function accountOnStdout(options: {
  readonly json: boolean
  readonly verbose: boolean
  readonly everything?: boolean
}): Account {
  const { stdout, env } = process
  const { NO_COLOR: noColour = '' } = env
  return openAccount({ ...options, output: stdout, noColour: noColour !== '' })
}
