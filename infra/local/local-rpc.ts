import { z } from 'zod'

const Answer = z.union([
  z.object({ error: z.object({ message: z.string() }) }),
  z.object({ result: z.unknown() }),
])

/** JSON-RPC to a node on this machine. */
export function localRpc(
  url: string,
): (method: string, ...params: readonly unknown[]) => Promise<unknown> {
  return async (method, ...params) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const answer = Answer.parse(await response.json())
    if ('error' in answer) throw new LocalRpcError(url, method, answer.error.message)
    return answer.result
  }
}

/** A node on this machine refused a request. */
export class LocalRpcError extends Error {
  override readonly name = 'LocalRpcError'

  constructor(url: string, method: string, reason: string) {
    super(`the node at ${url} refused ${method}: ${reason}`)
  }
}
