import { Command } from 'commander'

const help = `
Reads the store only: it asks no chain and no venue, and changes nothing.

Exit code: 0, or 1 where a critical alert is open or the store cannot be read.

Examples:
  starkeep status --network .starkeep/network.yml
  starkeep status --network infra/networks/sepolia.yml --json
`

export function statusCommand(end: (code: number) => void): Command {
  return new Command('status')
    .description('Show how a network is: prices, exchanges, transactions, alerts.')
    .requiredOption('--network <file>', 'the network file')
    .option('--json', 'everything, as one JSON object')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
    .action(async ({ network, json }: { network: string; json?: true }) => {
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { showStatus } = await import('./show-status.ts')
      end(await showStatus(network, json === true))
    })
}
