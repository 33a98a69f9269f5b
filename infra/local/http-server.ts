import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import type { MutualTls } from '../../lib/adapters/http-client.ts'

/** Shows a certificate and asks everybody for theirs; without any it speaks plain HTTP to anybody. */
export function httpServer(listener: RequestListener, tls?: MutualTls): Server {
  if (!tls) return createServer(listener)
  const { certificate: cert, key, ca } = tls
  return createSecureServer(
    { cert, key, ca, requestCert: true, rejectUnauthorized: true },
    listener,
  )
}

/** Answers host and port once it listens on this machine; any free port for 0. */
export async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** With all its connections; nothing happens where it does not listen. */
export async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
