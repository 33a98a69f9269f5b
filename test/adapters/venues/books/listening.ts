import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

import { onTestFinished } from 'vitest'

/** A server that answers everything with one body, and remembers what it was asked. */
export async function listening(first: string) {
  let body = first
  const asked: string[] = []
  const server = createServer((request, response) => {
    void text(request).then((given) => {
      asked.push(`${request.method} ${request.url} ${given}`)
      return response.writeHead(200, { 'Content-Type': 'application/json' }).end(body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked: () => asked,
    say: (next: string): void => {
      body = next
    },
  }
}
