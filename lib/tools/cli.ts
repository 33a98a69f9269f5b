import { readFileSync } from 'node:fs'
import process from 'node:process'

import { Command, CommanderError } from 'commander'
import * as z from 'zod'

import { ackCommand, incidentsCommand, silenceCommand } from './attention.ts'
import { backtestCommand } from './backtest.ts'
import { batchCommand, batchesCommand } from './batches.ts'
import { compareCommand } from './compare.ts'
import { doctorCommand } from './doctor.ts'
import { governCommand } from './govern.ts'
import { historyCommand } from './history.ts'
import { localCommand } from './local.ts'
import { pnlCommand } from './pnl.ts'
import { replayCommand } from './replay.ts'
import { errorText } from './report-error.ts'
import { runCommand } from './run.ts'
import { runbookCommand } from './runbook.ts'
import { statusCommand } from './status.ts'
import { StoppedError } from './stop-signals.ts'
import { stressCommand } from './stress.ts'
import { watchCommand } from './watch.ts'

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))

const commands = [
  localCommand,
  runCommand,
  statusCommand,
  watchCommand,
  runbookCommand,
  doctorCommand,
  incidentsCommand,
  ackCommand,
  silenceCommand,
  governCommand,
  batchesCommand,
  batchCommand,
  pnlCommand,
  historyCommand,
  replayCommand,
  backtestCommand,
  compareCommand,
  stressCommand,
]

/** Reads the command line, does what it says, and answers the exit code: 0 done, 1 not done or a rule was broken. */
async function main(args: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('starkeep')
    .description('A network of oracles and keepers for perpetual exchanges.')
    .version(version)
    .showHelpAfterError('(--help tells what there is)')
    .exitOverride()
  for (const command of commands)
    program.addCommand(
      command((ended) => {
        code = ended
      }).copyInheritedSettings(program),
    )
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    // Commander has already said what is wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode
    if (error instanceof StoppedError) return 0
    process.stderr.write(`${errorText(error, { verbose: isVerbose(args) })}\n`)
    return 1
  }
}

function isVerbose(args: readonly string[]): boolean {
  const { DEBUG: debug = '' } = process.env
  return args.includes('--verbose') || debug !== ''
}

process.exitCode = await main(process.argv.slice(2))
