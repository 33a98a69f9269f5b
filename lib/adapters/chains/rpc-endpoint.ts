import * as z from 'zod/mini'

import type { RpcAnswer, RpcRefusal, RpcRequest } from '../rpc.ts'
import { EndpointError } from './errors.ts'
import { hostOf, type Patience, postJson } from './http.ts'

/** Asks one endpoint everything, in as few HTTP requests as `batchSize` allows; throws `EndpointError`. */
export async function askEndpoint({
  url,
  requests,
  batchSize,
  ...patience
}: Patience & {
  readonly url: string
  readonly requests: readonly RpcRequest[]
  readonly batchSize: number
}): Promise<readonly RpcAnswer[]> {
  const starts = requests.map((_, index) => index).filter((index) => index % batchSize === 0)
  const batches = starts.map((start) => requests.slice(start, start + batchSize))
  const answers = await Promise.all(
    batches.map(async (batch) => askBatch({ url, batch, ...patience })),
  )
  return answers.flat()
}

async function askBatch({
  url,
  batch,
  ...patience
}: Patience & {
  readonly url: string
  readonly batch: readonly RpcRequest[]
}): Promise<readonly RpcAnswer[]> {
  const messages = batch.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params }))
  // Not every node takes a batch of one.
  const body = JSON.stringify(messages.length === 1 ? messages[0] : messages)
  const text = await postJson(url, body, patience)
  const host = hostOf(url)
  const envelopes = readEnvelopes(host, text)
  return batch.map((request, id) => {
    const envelope = envelopes.find((one) => one.id === id)
    if (!envelope) throw new EndpointError(host, 'unreadable', `no answer to ${request.method}`)
    return readAnswer(host, request, envelope)
  })
}

const Envelope = z.object({
  id: z.union([z.number(), z.string(), z.null()]),
  result: z.optional(z.unknown()),
  error: z.optional(
    z.object({ code: z.number(), message: z.string(), data: z.optional(z.unknown()) }),
  ),
})
type Envelope = z.infer<typeof Envelope>

function readEnvelopes(host: string, text: string): readonly Envelope[] {
  const body = parseJson(host, text)
  const read = z.array(Envelope).safeParse(Array.isArray(body) ? body : [body])
  if (!read.success) throw new EndpointError(host, 'unreadable', `not JSON-RPC: ${beginning(text)}`)
  const [only] = read.data
  // An error for the batch as a whole has no id.
  if (read.data.length === 1 && only?.id === null && only.error)
    throw refused(host, refusalOf(only.error))
  return read.data
}

function parseJson(host: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new EndpointError(host, 'unreadable', `not JSON: ${beginning(text)}`)
  }
}

function readAnswer(host: string, { method, read }: RpcRequest, envelope: Envelope): RpcAnswer {
  if (envelope.error) {
    const refusal = refusalOf(envelope.error)
    if (isOverload(refusal)) throw refused(host, refusal)
    return { kind: 'error', error: refusal }
  }
  if (!('result' in envelope))
    throw new EndpointError(host, 'unreadable', `neither result nor error of ${method}`)
  try {
    return { kind: 'result', value: read(envelope.result) }
  } catch {
    // The reader's own error shows the whole value; its beginning is enough to see what came.
    const value = beginning(JSON.stringify(envelope.result))
    throw new EndpointError(host, 'unreadable', `${method} answered ${value}`)
  }
}

function refusalOf({ code, message, data }: NonNullable<Envelope['error']>): RpcRefusal {
  return { code, message, data }
}

function refused(host: string, refusal: RpcRefusal): EndpointError {
  const trouble = isOverload(refusal) ? 'rate-limited' : 'refused'
  return new EndpointError(host, trouble, `error ${refusal.code}: ${beginning(refusal.message)}`)
}

/** Limits that hosts tell inside a JSON-RPC answer (EIP-1474: -32005). */
function isOverload({ code, message }: RpcRefusal): boolean {
  return code === -32005 || code === 429 || /rate limit|too many requests/i.test(message)
}

function beginning(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 120)
}
