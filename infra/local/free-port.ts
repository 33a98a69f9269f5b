import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below what systems give to connections that go out (Linux from 32768 on, macOS and Windows from 49152): a port of
 * those may be taken between its choice and its use by any connection of any process.
 */
const from = 20_000
const until = 32_000

/** A port on which nobody listens, none of `taken`. Whoever asks at the same time begins elsewhere. */
export async function freePort(taken: readonly number[] = []): Promise<number> {
  const begin = Math.floor(Math.random() * (until - from))
  for (let step = 0; step < until - from; step += 1) {
    const port = from + ((begin + step) % (until - from))
    if (!taken.includes(port) && (await isFree(port))) return port
  }
  throw new Error(`no port from ${from} to ${until - 1} is free on this machine`)
}

/** Whether nobody listens on it on this machine; it is taken by us for a moment. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE' || code === 'EACCES') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}
