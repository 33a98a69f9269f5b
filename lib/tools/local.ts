import { Command, InvalidArgumentError, Option } from 'commander'

import { forOption } from './for-option.ts'
import { localHelp } from './local-help.ts'
import { defaultPort, type LocalOptions } from './local-options.ts'
import { type MarketChoice, marketOf, parseMarketOption } from './market-option.ts'
import { parsePort } from './parse-port.ts'

export function localCommand(end: (code: number) => void): Command {
  return new Command('local')
    .description('Run a whole network on this machine: chains, exchanges, venues, keepers, page.')
    .addOption(forOption())
    .addOption(
      new Option('--market <market>', 'simulated, recorded:<file> or live')
        .default({ kind: 'simulated' } satisfies MarketChoice, 'simulated')
        .argParser(parseMarketOption),
    )
    .option('--from <time>', 'where a recording begins, in ISO 8601; its first row', parseTime)
    .option('--speed <factor>', 'how fast a recording plays; 60', parseSpeed)
    .option('--seed <text>', 'which simulated market', 'starkeep')
    .option('--port <port>', `the live page's port; ${defaultPort}, or a free one`, parsePort)
    .option('--data <directory>', 'where everything is kept between starts', '.starkeep')
    .option('--temporary', 'keep nothing: a new directory, removed at the end')
    .addOption(
      new Option('--starknet <node>', 'the Starknet node')
        .choices(['box', 'devnet'])
        .default('box'),
    )
    .option('--starkex', 'a StarkEx exchange too, behind a gateway that asks for a certificate')
    .option('--blobs', 'the appchain’s batches publish their data in blobs (EIP-4844)')
    .option('--json', 'one JSON object per line, the last one of kind "summary"')
    .option('--verbose', 'tell more, also of what went wrong')
    .addHelpText('after', localHelp)
    .action(async (options: LocalOptions & { readonly market: MarketChoice }) => {
      const market = marketOf(options)
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { runLocal } = await import('./run-local.ts')
      end(await runLocal({ ...options, market }))
    })
}

function parseTime(text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('Expected a time in ISO 8601, such as 2023-03-11T06:00:00Z.')
  return ms
}

function parseSpeed(text: string): number {
  const speed = Number(text)
  if (!(speed > 0 && speed <= 100_000))
    throw new InvalidArgumentError('Expected a number above 0, at most 100000.')
  return speed
}
