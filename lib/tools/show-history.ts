import process from 'node:process'

import { exactJson } from '../keepers/exact-json.ts'
import { compose } from '../runtime/compose.ts'
import { daysBefore, historyView } from '../runtime/view/history-view.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import { historyLines } from './history-lines.ts'
import type { HistoryOptions } from './history.ts'
import { readNetwork } from './read-network.ts'
import { fromStore } from './silent-store.ts'

/** Whoever only looks needs no secret. */
const nothing = { oracles: false, senders: false, alerts: false, watched: false }

/** Prints what is kept, and answers the exit code. */
export async function showHistory({
  network: file,
  days,
  job,
  subject,
  json,
}: HistoryOptions): Promise<number> {
  const { network, directory } = await readNetwork(file)
  const world = await compose({ network, directory, clock: wallClock, needs: nothing })
  try {
    const to = wallClock.now()
    const from = daysBefore(to, days)
    const { store } = world.ports
    const all = await fromStore(world, file, () => historyView({ store, from, to }))
    const subjects = all.filter(
      (one) =>
        (job === undefined || one.keeper === job) &&
        (subject === undefined || one.subject === subject),
    )
    const text = json ? exactJson({ from, to, subjects }) : historyLines(subjects).join('\n')
    process.stdout.write(`${text}\n`)
    return 0
  } finally {
    await world.close()
  }
}
