import { createHash } from 'node:crypto'

import { type Context, Hono } from 'hono'

import { type Targets, writeReports } from '../../adapters/peers/report-wire.ts'
import { StoreUnavailableError } from '../../adapters/store/unavailable.ts'
import type { Clock, Store } from '../../ports.ts'
import { uptimeRoute } from '../http/uptime-answer.ts'

export type ReportsData = {
  readonly clock: Clock
  readonly store: Pick<Store, 'reports' | 'uptimes'>
  readonly network: string
  readonly chains: readonly string[]
  /** The oracle nodes of this deployment. */
  readonly nodes: readonly string[]
  readonly targets: Targets
  /** Length of a round. */
  readonly roundSeconds: number
}

/** A dispute about a push comes up within a day, or goes to whoever has the table. */
const keptMs = 24 * 60 * 60_000

/** How far back the newest reports may be: what is older is no news. */
const newestRounds = 3

/**
 * What this deployment's nodes signed, for whoever wants to verify it: `/reports/<node>/<round>`, and `/reports/<node>` for the
 * newest; and what the watch says of each chain: `/uptime`. Reads only.
 */
export function reportsApp(data: ReportsData): Hono {
  const { clock, nodes, roundSeconds } = data
  const app = new Hono()
  const running = (): number => Math.floor(clock.now() / (roundSeconds * 1000))

  app.use(async (context, next) => {
    await next()
    context.res.headers.set('x-content-type-options', 'nosniff')
    if (!context.res.headers.has('cache-control'))
      context.res.headers.set('cache-control', 'no-store')
  })
  app.get('/uptime', async (context) => uptimeRoute(context, data))
  app.get('/reports', (context) =>
    context.json({ nodes, roundSeconds: String(roundSeconds), round: String(running()) }),
  )
  app.get('/reports/:node', async (context) => {
    const node = context.req.param('node')
    if (!nodes.includes(node)) return unknownNode(context, data)
    for (let back = 0; back < newestRounds; back += 1) {
      const text = await textOf(data, node, running() - back)
      // For a second: whoever looks more often than that looks at a copy.
      if (text !== undefined) return answer(context, text, 'public, max-age=1')
    }
    return refused(context, 404, `${node} has signed nothing in the last ${newestRounds} rounds`)
  })
  app.get('/reports/:node/:round', async (context) => {
    const { node, round: written } = context.req.param()
    if (!nodes.includes(node)) return unknownNode(context, data)
    if (!/^\d{1,15}$/.test(written))
      return refused(context, 400, 'a round is a whole number of at most 15 digits')
    const round = Number(written)
    if (round > running()) return refused(context, 404, `round ${round} has not begun yet`)
    if (clock.now() - round * roundSeconds * 1000 > keptMs)
      return refused(context, 410, `round ${round} is more than a day ago`)
    const text = await textOf(data, node, round)
    // What is published once is never published otherwise.
    if (text !== undefined) return answer(context, text, 'public, max-age=86400, immutable')
    return refused(context, 404, `${node} has signed nothing in round ${round} yet`)
  })
  app.all('/reports/*', (context) => {
    context.header('allow', 'GET, HEAD')
    return refused(context, 405, 'reports can only be read')
  })
  app.notFound((context) =>
    refused(context, 404, `there is nothing at ${context.req.path}; try /reports`),
  )
  app.onError((error, context) => {
    const isStore = error instanceof StoreUnavailableError
    if (isStore) context.header('retry-after', '1')
    return refused(context, isStore ? 503 : 500, isStore ? error.message : 'something went wrong')
  })
  return app
}

/** Undefined where the node has published nothing of the round. */
async function textOf(
  { store, targets }: ReportsData,
  node: string,
  round: number,
): Promise<string | undefined> {
  // Other operators' reports stand in the same table; those are theirs to serve.
  const reports = (await store.reports.ofRound(round)).filter((one) => one.node === node)
  return reports.length === 0 ? undefined : writeReports({ node, round, reports }, targets)
}

function answer(context: Context, text: string, cacheControl: string): Response {
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`
  const headers = { etag, 'cache-control': cacheControl }
  const known = context.req.header('if-none-match')?.split(',') ?? []
  if (known.some((one) => [etag, '*'].includes(one.trim().replace(/^W\//, ''))))
    return context.body(null, 304, headers)
  return context.body(text, 200, { ...headers, 'content-type': 'application/json' })
}

function unknownNode(context: Context, { nodes }: ReportsData): Response {
  return refused(context, 404, `no such node signs here, only ${nodes.join(', ') || 'none'}`)
}

function refused(context: Context, status: 400 | 404 | 405 | 410 | 500 | 503, error: string) {
  return context.json({ error }, status)
}
