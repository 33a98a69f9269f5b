import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'

/** What lies between a node and its peers: it carries reports, or does something else with them. */
export type Road = {
  readonly url: string
  /** Where the node serves now; undefined where it is down. */
  to: string | undefined
  /** Answers in the node's place, with what it would have said at hand; undefined where it carries all as it is. */
  bend: Bend | undefined
  close(): Promise<void>
}

/** What is answered for a round; `honest` asks the node for one. */
export type Bend = (
  round: number,
  honest: (round: number) => Promise<string | undefined>,
) => Promise<string | undefined>

export async function openRoad(node: string): Promise<Road> {
  const server = createServer((request, response) => void travel(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const road: Road = {
    url: `http://127.0.0.1:${port}`,
    to: undefined,
    bend: undefined,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }

  async function travel(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const round = Number(request.url?.split('/').at(-1))
      const text = road.bend ? await road.bend(round, carried) : await carried(round)
      response.writeHead(text === undefined ? 404 : 200).end(text)
    } catch {
      // Nobody is at home.
      response.destroy()
    }
  }

  async function carried(round: number): Promise<string | undefined> {
    if (road.to === undefined) throw new TypeError(`${node} is down`)
    const answer = await fetch(`${road.to}/${node}/${round}`)
    return answer.ok ? await answer.text() : undefined
  }

  return road
}
