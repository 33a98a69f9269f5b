import process from 'node:process'

import { compose } from '../runtime/compose.ts'
import { networkView } from '../runtime/view/network-view.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import { readNetwork } from './read-network.ts'
import { fromStore } from './silent-store.ts'
import { statusLines } from './status-lines.ts'

/** Whoever only looks needs no secret. */
const nothing = { oracles: false, senders: false, alerts: false, watched: false }

/** Prints how a network is, and answers the exit code. */
export async function showStatus(file: string, json: boolean): Promise<number> {
  const { network, directory } = await readNetwork(file)
  const world = await compose({ network, directory, clock: wallClock, needs: nothing })
  try {
    const now = wallClock.now()
    const { store } = world.ports
    const view = await fromStore(world, file, () => networkView({ network, store, now }))
    const text = json ? JSON.stringify(view) : statusLines(view).join('\n')
    process.stdout.write(`${text}\n`)
    return view.overall.state === 'critical' ? 1 : 0
  } finally {
    await world.close()
  }
}
