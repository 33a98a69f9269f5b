import { weeksOfBooks } from '../keepers/books/week-of-books.ts'
import type { World } from '../runtime/compose.ts'
import { type ServedApp, serveApp } from '../runtime/http/serve-app.ts'
import { uptimeAnswer } from '../runtime/http/uptime-answer.ts'
import { pageApp } from '../runtime/page/page-app.ts'
import { networkView } from '../runtime/view/network-view.ts'
import { priceHistory } from '../runtime/view/price-history.ts'

/** How often the page shows what is new. */
const pageEveryMs = 1_000

/** The page of a network, for this machine alone. Throws `PortTakenError`, which names `option`. */
export async function servePage(
  { network, ports }: World,
  { port, host, option }: { readonly port: number; readonly host: string; readonly option: string },
): Promise<ServedApp> {
  const { store, clock } = ports
  const weekOf = weeksOfBooks()
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
    everyMs: pageEveryMs,
  })
  return await serveApp({ app, host, port, named: { what: 'the page', option } })
}
