import { Command, Option } from 'commander'

export type StressOptions = {
  readonly network: string
  readonly json?: true
  readonly html?: string
}

const help = `
Takes every exchange's accounts as index-positions has them, and its newest marks and rules from the chain, and lets prices
jump by 5, 10, 20, 30 and 50 % up and down: of each market, and of all together. Changes nothing.

All prices jump at once, nobody adds margin, and what liquidations do to prices is not in it.

Examples:
  starkeep stress --network .starkeep/network.yml
  starkeep stress --network infra/networks/sepolia.yml --html stress.html
`

export function stressCommand(end: (code: number) => void): Command {
  return new Command('stress')
    .description('Show whom a jump of prices lets fall, and what the insurance fund pays.')
    .requiredOption('--network <file>', 'the network file')
    .addOption(new Option('--json', 'everything, as one JSON object').conflicts('html'))
    .option('--html <file>', 'write one page with a plot, which needs nothing else')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
    .action(async (options: StressOptions) => {
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { showStress } = await import('./show-stress.ts')
      end(await showStress(options))
    })
}
