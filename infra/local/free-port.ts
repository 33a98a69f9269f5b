import { once } from 'node:events'
import { createServer } from 'node:net'
import process from 'node:process'
import { threadId } from 'node:worker_threads'

/**
 * Below what systems give to connections that go out (Linux from 32768 on, macOS and Windows from 49152): a port of
 * those may be taken between its choice and its use by any connection of any process.
 */
const until = 32_000

/** Many at once are looked for from here on, each process in a block of its own: it uses them only seconds later. */
const manyFrom = 20_000
const blockSize = 32

/** One alone is used at once, and looked for at random from here on. */
const oneFrom = 30_000

/** Where a process begins to look for many ports: whoever begins at the same time begins elsewhere. */
export function ownBlock(pid: number = process.pid): number {
  const blocks = Math.floor((oneFrom - manyFrom) / blockSize)
  return manyFrom + ((pid + threadId * 101) % blocks) * blockSize
}

/** A port on which nobody listens, none of `taken`, from there on. */
export async function freePort(
  taken: readonly number[] = [],
  begin = oneFrom + Math.floor(Math.random() * (until - oneFrom)),
): Promise<number> {
  for (let step = 0; step < until - manyFrom; step += 1) {
    const port = manyFrom + ((begin - manyFrom + step) % (until - manyFrom))
    if (!taken.includes(port) && (await isFree(port))) return port
  }
  throw new Error(`no port from ${manyFrom} to ${until - 1} is free on this machine`)
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
