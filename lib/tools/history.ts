import { Command, InvalidArgumentError } from 'commander'

export type HistoryOptions = {
  readonly network: string
  readonly days: number
  readonly job?: string
  readonly subject?: string
  readonly json?: true
}

const help = `
Reads the store only: what of each job's slots is kept, in files and in rows that are packed later, by the day (UTC).
Slots that are missing between two that are there are told as gaps: those of a network that was stopped, and those that
could not be kept. starkeep replay decides them again.

Examples:
  starkeep history --network .starkeep/network.yml
  starkeep history --network infra/networks/sepolia.yml --days 30 --job push-prices --json
`

export function historyCommand(end: (code: number) => void): Command {
  return new Command('history')
    .description('Show what is kept of what jobs saw and decided, and what is missing.')
    .requiredOption('--network <file>', 'the network file')
    .option('--days <count>', 'how many days, with today; by default 7', whole, 7)
    .option('--job <name>', 'of one job only')
    .option('--subject <name>', 'of one exchange, node or lane only')
    .option('--json', 'all of it, as one JSON object')
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
    .action(async (options: HistoryOptions) => {
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { showHistory } = await import('./show-history.ts')
      end(await showHistory(options))
    })
}

function whole(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number of days from 1 to 9999')
}
