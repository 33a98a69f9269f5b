import process from 'node:process'

import { Command } from 'commander'

import { compose } from '../runtime/compose.ts'
import { networkView } from '../runtime/view/network-view.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import { readNetwork } from './read-network.ts'
import { statusLines } from './status-lines.ts'

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
      end(await status(network, json === true))
    })
}

/** Whoever only looks needs no secret. */
const nothing = { oracles: false, senders: false, alerts: false }

async function status(file: string, json: boolean): Promise<number> {
  const { network, directory } = await readNetwork(file)
  const world = await compose({ network, directory, clock: wallClock, needs: nothing })
  try {
    const now = wallClock.now()
    const view = await networkView({ network, store: world.ports.store, now })
    const text = json ? JSON.stringify(view) : statusLines(view).join('\n')
    process.stdout.write(`${text}\n`)
    return view.overall.state === 'critical' ? 1 : 0
  } finally {
    await world.close()
  }
}
