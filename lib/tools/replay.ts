import { Command, Option } from 'commander'

import { type Moment, momentArgument } from './replay/moment.ts'

export type ReplayOptions = {
  readonly network: string
  readonly from: Moment
  readonly to?: Moment
  readonly job?: string
  readonly subject?: string
  readonly with?: readonly string[]
  readonly set?: string
  readonly json?: true
}

const help = `
Decides every kept slot of that time again, from the view that was kept of it, under the parameters that it was decided with, and
compares the decision byte for byte; also what a candidate decided beside it. Reads the store only: it needs no key, asks no
chain and no venue, and changes nothing. A time is one such as 2026-11-27T10:00:00Z, or how long ago: 90s, 5m, 24h.

With --with or --set it tells instead what other parameters would have done in these slots: which prices, pushes, refusals and
accounts differ. Both decide by the code of now. A source that nobody asked then has no quote now.

Exit code: 1 where a slot comes out otherwise or cannot be decided again; with --with or --set 0.

Examples:
  starkeep replay --network .starkeep/network.yml --from 5m
  starkeep replay --network .starkeep/network.yml --from 24h --to 1h --job push-prices --json
  starkeep replay --network .starkeep/network.yml --from 1h --with markets.BTC-USD.push.deviationBps=50
  starkeep replay --network .starkeep/network.yml --from 1h --set 3
`

export function replayCommand(end: (code: number) => void): Command {
  return new Command('replay')
    .description('Decide again what was decided, and say where it comes out otherwise.')
    .requiredOption('--network <file>', 'the network file')
    .requiredOption('--from <time>', 'the first time, or how long ago', momentArgument)
    .option('--to <time>', 'the last time, or how long ago; by default now', momentArgument)
    .option('--job <name>', 'of this job alone')
    .option('--subject <name>', 'of this oracle node, exchange, lane, system or feed alone')
    .addOption(
      new Option(
        '--with <path=value...>',
        'what these parameters would have done in place of those that each slot was decided with',
      ).conflicts('set'),
    )
    .option('--set <number or hash>', 'what a set that was proposed would have done')
    .option('--json', 'everything, as one JSON object')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
    .action(async (options: ReplayOptions) => {
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { showReplay } = await import('./replay/show-replay.ts')
      end(await showReplay(options))
    })
}
