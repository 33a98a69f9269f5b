import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import * as z from 'zod/mini'

type Answer = { readonly result: unknown } | { readonly error: object }
export type Script = (method: string, params: unknown) => Answer

const Request = z.object({ id: z.number(), method: z.string(), params: z.unknown() })

/** A JSON-RPC node that says what each test has it say, but for what it `always` does. */
export async function scriptedNode(
  always: (method: string, params: unknown) => Answer | undefined = () => undefined,
): Promise<{
  readonly url: string
  say(script: Script): void
  stop(): Promise<void>
}> {
  let script: Script = silence
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
      const answers = z
        .array(Request)
        .parse(Array.isArray(body) ? body : [body])
        .map(({ id, method, params }) => ({
          jsonrpc: '2.0',
          id,
          ...(always(method, params) ?? script(method, params)),
        }))
      response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    say(next) {
      script = next
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const silence: Script = (method) => ({ error: { code: -32601, message: `no ${method}` } })
