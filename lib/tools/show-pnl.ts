import process from 'node:process'

import { dayMs } from '../domain/pnl/daily-sums.ts'
import { timestamp } from '../domain/time.ts'
import { exactJson } from '../keepers/exact-json.ts'
import { compose } from '../runtime/compose.ts'
import { booksView } from '../runtime/view/books-view.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import { pnlCsv } from './pnl-csv.ts'
import { pnlLines } from './pnl-lines.ts'
import type { PnlOptions } from './pnl.ts'
import { readNetwork } from './read-network.ts'
import { fromStore } from './silent-store.ts'

/** Whoever only looks needs no secret. */
const nothing = { oracles: false, senders: false, alerts: false, watched: false }

/** Prints what was booked, and answers the exit code. */
export async function showPnl({ network: file, csv, json, ...span }: PnlOptions): Promise<number> {
  const { network, directory } = await readNetwork(file)
  const world = await compose({ network, directory, clock: wallClock, needs: nothing })
  try {
    const to = timestamp(span.to ?? wallClock.now())
    const from = timestamp(span.from ?? Math.max(0, to - 30 * dayMs))
    const { store } = world.ports
    const books = await fromStore(world, file, () => booksView({ network, store, from, to }))
    const text = csv ? pnlCsv(books) : json ? exactJson(books) : pnlLines(books).join('\n')
    process.stdout.write(`${text}\n`)
    return 0
  } finally {
    await world.close()
  }
}
