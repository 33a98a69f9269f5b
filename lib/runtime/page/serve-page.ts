import type { Server } from 'node:http'
import { isIPv6 } from 'node:net'

import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'

export type ServedPage = {
  readonly url: string
  /** Ends open connections too: a viewer's stream of events would last for ever. */
  close(): Promise<void>
}

/** Serves the page on this machine. Port 0 takes any free one. */
export async function servePage({
  app,
  port,
  host,
}: {
  readonly app: Hono
  readonly port: number
  readonly host: string
}): Promise<ServedPage> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await listen(server, port, host)
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

async function listen(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  try {
    await promise
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw code === 'EADDRINUSE' ? new PortTakenError(host, port) : error
  } finally {
    server.off('error', reject)
  }
}

/** Another program listens there. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
  readonly host: string
  readonly port: number

  constructor(host: string, port: number) {
    super(
      `the page cannot be served at ${host}:${port}: another program listens there; choose another port with --port`,
    )
    this.host = host
    this.port = port
  }
}
