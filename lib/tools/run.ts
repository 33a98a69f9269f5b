import { Argument, Command, InvalidArgumentError } from 'commander'

import { type JobName, jobNames } from '../runtime/network/job-names.ts'
import { forOption } from './for-option.ts'
import { parsePort } from './parse-port.ts'

export type RunOptions = {
  readonly network: string
  readonly once?: true
  readonly dryRun?: true
  readonly for?: number
  readonly reportsPort?: number
  readonly pagePort?: number
  readonly json?: true
  readonly verbose?: true
}

const help = `
Jobs:
  publish-prices   ask the venues, agree on prices, sign and publish reports
  push-prices      tell the exchanges prices that moved or grew old
  liquidate        take over positions of accounts below their margin; brings index-positions, keep-books and
                   deliver-outbox along
  settle-funding, update-exchange-time, apply-interests, index-positions, deleverage, keep-books
  watch-systems    look at systems that are only watched, and keep what was seen for watch-liveness
  watch-liveness   look for what stalls, and raise and resolve alerts
  tell-uptime      tell contracts whether a chain is up, by what watch-liveness says of it
  govern           look after the parameters: guards of a set on probation, and what is announced on chains
  pack-history     pack what keepers saw and decided into files, once its hour is over
  deliver-outbox   take up unfinished transactions and messages again
  all              every job that the network file has

Exit code: 0 where all that there was to do is done and no rule was broken, otherwise 1.

Examples:
  starkeep run all --network infra/networks/sepolia.yml
  starkeep run all --network node.yml --reports-port 4801
  starkeep run liquidate --network liquidator.yml --page-port 4748
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
    .option(
      '--reports-port <port>',
      'serve what our nodes sign on this port, for peers; 0 takes a free one',
      parsePort,
    )
    .option(
      '--page-port <port>',
      'serve the live page on this port of this machine; 0 takes a free one',
      parsePort,
    )
    .option('--json', 'one JSON object per line, the last one of kind "summary"')
    .option('--verbose', 'tell more, also of what went wrong')
    .addHelpText('after', help)
    .action(async (jobs: readonly JobName[] | 'all', options: RunOptions) => {
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { runKeepers } = await import('./run-keepers.ts')
      end(await runKeepers(jobs, options))
    })
}

function parseJob(text: string): readonly JobName[] | 'all' {
  if (text === 'all') return 'all'
  const job = jobNames.find((name) => name === text)
  if (job === undefined)
    throw new InvalidArgumentError(`There is no such job; expected all, ${jobNames.join(', ')}.`)
  return [job]
}
