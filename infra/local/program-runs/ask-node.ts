import { z } from 'zod'

const Answer = z.object({ result: z.unknown().optional(), error: z.unknown().optional() })

/** What a local node answers; undefined where it answers with an error. Throws where it does not answer. */
export async function askNode(url: string, method: string, params: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return Answer.parse(await response.json()).result
}

export const Hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]+$/)
  .transform((text) => BigInt(text))
