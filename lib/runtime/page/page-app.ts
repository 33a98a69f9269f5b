import { type Context, Hono } from 'hono'

import { StoreUnavailableError } from '../../adapters/store/unavailable.ts'
import type { UptimeAnswer } from '../http/uptime-answer.ts'
import type { Studio } from '../studio/studio.ts'
import { gauges, gaugesText } from '../view/gauges.ts'
import type { NetworkView } from '../view/network-view.ts'
import type { PriceHistory } from '../view/price-history.ts'
import { type Acting, actingRoutes, isLoopback } from './acting.ts'
import { assets } from './assets.ts'
import { sharedRead } from './shared-read.ts'
import { studioRoutes } from './studio-routes.ts'
import { viewEvents } from './view-events.ts'

/** How the page learns of news: over one open connection, or by asking again where none can stay open. */
type Updates = 'events' | 'polling'

/** Proxies commonly close what is silent for 30 s or more. */
const heartbeatMs = 15_000

export type PageData = {
  readonly view: () => Promise<NetworkView>
  /** With what charts begin; absent, they begin with the next round. */
  readonly history?: () => Promise<PriceHistory>
  /** What the watch says of each chain. */
  readonly uptime?: () => Promise<UptimeAnswer>
  /** Parameters and history; absent, the page has nothing of them. */
  readonly studio?: Studio
  /** How often the view is read anew while somebody looks. */
  readonly everyMs: number
}

/**
 * The live page over a network's view: the page at `/`, its data at `/api/view`, and the same every `everyMs` as
 * server-sent events at `/api/events`; its numbers for Prometheus at `/metrics`; the watch's word on each chain
 * at `/uptime`. Reads only, unless it is `acting`: then whoever looks from this machine may change parameters.
 */
export function pageApp({
  view,
  history,
  uptime,
  studio,
  acting,
  everyMs,
  updates = 'events',
}: PageData & { readonly updates?: Updates; readonly acting?: Acting }): Hono {
  const app = new Hono()
  // Somewhat less than the interval: each round of events reads anew.
  const newest = sharedRead(view, everyMs * 0.8)
  // Many rows, and asked once by each page: half a minute old it is as good.
  const past = sharedRead(history ?? (async () => ({})), 30_000)

  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value)
  })
  app.get('/', (context) => {
    const given = isLoopback(context.req.header('host')) ? acting : undefined
    return context.body(html({ everyMs, studio, acting: given }), 200, {
      'content-type': 'text/html; charset=utf-8',
    })
  })
  app.get('/assets/:name', (context) => asset(context, context.req.param('name')))
  app.get('/api/view', async (context) => context.json(await newest()))
  app.get('/metrics', async (context) =>
    context.body(gaugesText(gauges(await newest())), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  )
  if (uptime) app.get('/uptime', async (context) => context.json(await uptime()))
  app.get('/api/history', async (context) => context.json(await past()))
  if (studio) studioRoutes(app, studio, everyMs)
  if (acting) actingRoutes(app, acting)
  app.get('/api/events', (context) =>
    // 204 tells an EventSource not to come again; the page then polls.
    updates === 'polling'
      ? context.body(null, 204)
      : viewEvents(context, { view: newest, everyMs, heartbeatMs, sentence }),
  )
  app.notFound((context) => context.json({ error: `there is nothing at ${context.req.path}` }, 404))
  app.onError((error, context) => context.json({ error: sentence(error) }, statusOf(error)))
  return app
}

/** Nothing from elsewhere runs, shows or is asked; nothing is kept, since all of it is of this moment. */
const headers = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

function html({
  everyMs,
  studio,
  acting,
}: {
  readonly everyMs: number
  readonly studio: Studio | undefined
  readonly acting: Acting | undefined
}): string {
  const said = {
    'every-ms': String(everyMs),
    studio: studio ? 'yes' : '',
    token: acting?.token ?? '',
    by: acting?.by ?? '',
  }
  return Object.entries(said).reduce(
    (text, [name, value]) =>
      text.replace(`data-${name}=""`, () => `data-${name}="${escaped(value)}"`),
    assets['page.html']?.text ?? '',
  )
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}

function asset(context: Context, name: string): Response | Promise<Response> {
  const found = Object.hasOwn(assets, name) && name !== 'page.html' ? assets[name] : undefined
  if (!found) return context.notFound()
  return context.body(found.text, 200, { 'content-type': found.type })
}

function statusOf(error: unknown): 500 | 503 {
  return error instanceof StoreUnavailableError ? 503 : 500
}

/** What a viewer is told; our errors are sentences, and none holds a secret. */
function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
