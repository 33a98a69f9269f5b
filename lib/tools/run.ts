import { Argument, Command, InvalidArgumentError } from 'commander'

import { checkWorld } from '../runtime/check-world.ts'
import { compose, type World } from '../runtime/compose.ts'
import { type JobName, jobNames } from '../runtime/network/jobs.ts'
import { runOnce } from '../runtime/run.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import type { Account } from './account.ts'
import { forOption } from './for-option.ts'
import { accountOnStdout } from './output.ts'
import { readNetwork } from './read-network.ts'
import { runUntil } from './run-until.ts'
import { stopSignals } from './stop-signals.ts'
import type { Summary } from './summary.ts'
import { UnfitWorldError } from './unfit-world.ts'
import { watchRun } from './watched-run.ts'

type RunOptions = {
  readonly network: string
  readonly once?: true
  readonly dryRun?: true
  readonly for?: number
  readonly json?: true
  readonly verbose?: true
}

const help = `
Jobs:
  publish-prices   ask the venues, agree on prices, sign and publish reports
  push-prices      tell the exchanges prices that moved or grew old
  watch-liveness   look for what stalls, and raise and resolve alerts
  deliver-outbox   take up unfinished transactions and messages again
  all              every job that the network file has

Exit code: 0 where all that there was to do is done and no rule was broken, otherwise 1.

Examples:
  starkeep run all --network infra/networks/sepolia.yml
  starkeep run push-prices --network .starkeep/network.yml --once
  starkeep run all --network .starkeep/network.yml --once --dry-run --json
`

export function runCommand(end: (code: number) => void): Command {
  return new Command('run')
    .description('Run the keepers of a network file, one pass or until stopped.')
    .addArgument(new Argument('<job>', 'one job, or all').argParser(parseJob))
    .requiredOption('--network <file>', 'the network file')
    .option('--once', 'one pass over what is due now')
    .option('--dry-run', 'decide and simulate, but send nothing and write nothing')
    .addOption(forOption())
    .option('--json', 'one JSON object per line, the last one of kind "summary"')
    .option('--verbose', 'tell more, also of what went wrong')
    .addHelpText('after', help)
    .action(async (jobs: readonly JobName[] | 'all', options: RunOptions) => {
      end(await run(jobs, options))
    })
}

function parseJob(text: string): readonly JobName[] | 'all' {
  if (text === 'all') return 'all'
  const job = jobNames.find((name) => name === text)
  if (job === undefined)
    throw new InvalidArgumentError(`There is no such job; expected all, ${jobNames.join(', ')}.`)
  return [job]
}

async function run(jobs: readonly JobName[] | 'all', options: RunOptions): Promise<number> {
  const { network: file, once = false, dryRun = false, json = false, verbose = false } = options
  const account = accountOnStdout({ json, verbose })
  const { network, directory } = await readNetwork(file)
  const stops = stopSignals()
  const world = await compose({
    network,
    directory,
    clock: wallClock,
    dryRun,
    write: account.alert,
  })
  try {
    const problems = await checkWorld(world)
    if (problems.length > 0) throw new UnfitWorldError(file, problems)
    const sends = !dryRun
    const summary = once
      ? await onePass({ world, jobs, account, sends })
      : await runUntil({
          world,
          jobs,
          account,
          sends,
          signal: stops.signal,
          forMs: options.for,
        })
    account.summary(summary)
    return summary.ok ? 0 : 1
  } finally {
    await world.close()
    stops.release()
  }
}

/** One pass is done when everything that it began is. */
async function onePass(pass: {
  readonly world: World
  readonly jobs: readonly JobName[] | 'all'
  readonly account: Account
  readonly sends: boolean
}): Promise<Summary> {
  const { notify, summary } = watchRun(pass.world, pass)
  const { ok } = await runOnce({ ...pass, notify })
  const told = await summary()
  if (ok || !told.ok) return told
  return { ...told, ok, broken: ['not everything that was to do is done yet'] }
}
