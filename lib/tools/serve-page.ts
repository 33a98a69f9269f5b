import { venues } from '../adapters/venues/index.ts'
import { weeksOfBooks } from '../keepers/books/week-of-books.ts'
import type { World } from '../runtime/compose.ts'
import { type ServedApp, serveApp } from '../runtime/http/serve-app.ts'
import { uptimeAnswer } from '../runtime/http/uptime-answer.ts'
import { newToken } from '../runtime/page/acting.ts'
import { pageApp } from '../runtime/page/page-app.ts'
import { governanceDesk } from '../runtime/parameters/desk.ts'
import { studioOf } from '../runtime/studio/studio.ts'
import { networkView } from '../runtime/view/network-view.ts'
import { priceHistory } from '../runtime/view/price-history.ts'
import { userName } from './by-whom.ts'

/** How often the page shows what is new. */
const pageEveryMs = 1_000

/** The page of a network, for this machine alone, which may change its parameters from it. Throws `PortTakenError`, which names `option`. */
export async function servePage(
  { network, ports }: World,
  { port, host, option }: { readonly port: number; readonly host: string; readonly option: string },
): Promise<ServedApp> {
  const { store, clock } = ports
  const weekOf = weeksOfBooks()
  const known = { venueNames: venues.map(({ name }) => name) }
  const app = pageApp({
    view: async () => await networkView({ network, store, now: clock.now(), weekOf }),
    history: async () => await priceHistory({ network, store }),
    uptime: async () =>
      await uptimeAnswer({
        network: network.network,
        chains: Object.keys(network.chains),
        store,
        clock,
      }),
    studio: studioOf({ network, store, clock }),
    acting: {
      desk: governanceDesk({ network, known, clock, store }),
      by: userName(),
      token: newToken(),
    },
    everyMs: pageEveryMs,
  })
  return await serveApp({ app, host, port, named: { what: 'the page', option } })
}
