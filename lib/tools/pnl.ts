import { Command, InvalidArgumentError, Option } from 'commander'

export type PnlOptions = {
  readonly network: string
  readonly from?: number
  readonly to?: number
  readonly csv?: true
  readonly json?: true
}

const help = `
Reads the store only: what keep-books has booked, of blocks and batches that are final.

Days are UTC. The table has one line for each day; --csv and --json have every row: liquidations of ours with penalty, the
fund's share or what the order paid to the exchange, fee and slippage, work that changed nothing, and what others had and why.

Examples:
  starkeep pnl --network .starkeep/network.yml
  starkeep pnl --network infra/networks/sepolia.yml --from 2026-11-01 --to 2026-11-30 --csv > november.csv
`

export function pnlCommand(end: (code: number) => void): Command {
  return new Command('pnl')
    .description('Show what liquidations earned, what they cost, and what others had.')
    .requiredOption('--network <file>', 'the network file')
    .option('--from <day>', 'the first day, such as 2026-11-01; by default 30 days ago', dayBegin)
    .option('--to <day>', 'the last day', dayEnd)
    .addOption(new Option('--csv', 'every row, as CSV').conflicts('json'))
    .option('--json', 'sums and every row, as one JSON object')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
    .action(async (options: PnlOptions) => {
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { showPnl } = await import('./show-pnl.ts')
      end(await showPnl(options))
    })
}

function dayBegin(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(at)) throw new InvalidArgumentError('expected a day such as 2026-11-01')
  return at
}

function dayEnd(text: string): number {
  return dayBegin(text) + 24 * 60 * 60_000 - 1
}
