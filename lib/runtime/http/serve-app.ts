import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'

import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'

export type ServedApp = {
  readonly url: string
  /** Ends open connections too: a viewer's stream of events would last for ever. */
  close(): Promise<void>
}

export type AppName = { readonly what: string; readonly option: string }

/** Serves a web application on this machine. Port 0 takes any free one. */
export async function serveApp({
  app,
  port,
  host,
  named,
}: {
  readonly app: Hono
  readonly port: number
  readonly host: string
  /** For people: what it is, and which option chooses its port. */
  readonly named: AppName
}): Promise<ServedApp> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listen(server, { port, host, named })
  const address = server.address()
  const actual = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${actual}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(
  server: Server,
  { port, host, named }: { readonly port: number; readonly host: string; readonly named: AppName },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  try {
    await promise
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw code === 'EADDRINUSE' ? new PortTakenError(host, port, named) : error
  } finally {
    server.off('error', reject)
  }
}

/** Another program listens there. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
  readonly host: string
  readonly port: number

  constructor(host: string, port: number, { what, option }: AppName) {
    super(
      `${what} cannot be served at ${host}:${port}: another program listens there; choose another port with ${option}`,
    )
    this.host = host
    this.port = port
  }
}
