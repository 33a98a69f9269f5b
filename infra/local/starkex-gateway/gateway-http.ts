import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Exchange } from './exchange.ts'
import type { GatewayFaults } from './gateway-faults.ts'
import { Refusal } from './refusal.ts'

type Parts = {
  readonly exchange: Pick<
    Exchange,
    'add' | 'firstUnused' | 'batchInfo' | 'batchData' | 'lastBatchId'
  >
  /** Whether the feeder tells which batch is the newest. */
  readonly tellsLast: boolean
  readonly faults: GatewayFaults
  readonly prefix: string
}

type Said = { readonly status: number; readonly body: string; readonly type?: string }

/** The gateway over HTTP, with all that can be wrong with a connection and with what is in front of it. */
export function gatewayListener(parts: Parts): RequestListener {
  return (request, response) => {
    answer(parts, request, response).catch(() => request.socket.destroy())
  }
}

async function answer(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { faults } = parts
  const body = await text(request)
  if (faults.active('refuse')) return void request.socket.destroy()
  const [slow, html] = [faults.use('slow'), faults.use('html')]
  const dropped = request.method === 'POST' ? faults.use('drop-answer') : undefined
  const before = [dropped, html].find((fault) => fault && !fault.after)
  if (slow && !slow.after) await sleep(slow.ms)
  const said = before ? undefined : answerOf(parts, request, body)
  if (slow?.after) await sleep(slow.ms)
  if (dropped) return void request.socket.destroy()
  const { status, body: answered, type } = html || !said ? page(html?.status) : said
  response.writeHead(status, { 'content-type': type ?? 'application/json' }).end(answered)
}

function page(status = 502): Said {
  return { status, type: 'text/html', body: `<html><h1>${status}</h1></html>` }
}

function answerOf(
  { exchange, faults, prefix, tellsLast }: Parts,
  request: IncomingMessage,
  body: string,
): Said {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gateway')
  const batchId = searchParams.get('batch_id') ?? ''
  switch (`${request.method} ${pathname}`) {
    case `GET ${prefix}/is_alive`:
      return { status: 200, type: 'text/plain', body: 'gateway is alive!' }
    case `GET ${prefix}/get_first_unused_tx_id`:
      return { status: 200, body: String(exchange.firstUnused()) }
    case `POST ${prefix}/add_transaction`:
      return added({ exchange, faults }, body)
    case 'GET /feeder_gateway/is_alive':
      return { status: 200, type: 'text/plain', body: 'FeederGateway is alive!' }
    case 'GET /feeder_gateway/get_last_batch_id':
      if (!tellsLast) return notFound
      return { status: 200, body: String(exchange.lastBatchId()) }
    case 'GET /feeder_gateway/get_batch_info':
      return batchAnswer(batchId, (id) => exchange.batchInfo(id))
    case 'GET /availability_gateway/get_batch_data':
      return batchAnswer(batchId, (id) => dataOf(exchange, id))
    default:
      return notFound
  }
}

const notFound: Said = { status: 404, type: 'text/plain', body: '404: Not Found' }

/** What is not there is told by a code, and with status 200 (l2beat/starkex-explorer). */
function batchAnswer(batchId: string, answered: (id: number) => object): Said {
  if (!/^\d{1,9}$/.test(batchId))
    return coded(500, { code: 'OUT_OF_RANGE_BATCH_ID', message: `${batchId} is no batch id` })
  try {
    return coded(200, answered(Number(batchId)))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { code, message } = error
    return coded(200, { code: `StarkErrorCode.${code}`, message })
  }
}

/** That a batch is not there yet is no error of the availability gateway. */
function dataOf(exchange: Parts['exchange'], id: number): object {
  try {
    return exchange.batchData(id)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'BATCH_NOT_READY') return { update: null }
    throw error
  }
}

function added({ exchange, faults }: Pick<Parts, 'exchange' | 'faults'>, body: string): Said {
  const instead = faults.use('code')
  if (instead) return coded(instead.status, { code: instead.code, message: 'as it was told to' })
  const isOther = faults.active('other-words') !== undefined
  try {
    const { tx_id: id } = exchange.add(body)
    const code = isOther ? 'TRANSACTION_PENDING' : 'TRANSACTION_RECEIVED'
    return coded(200, { code, tx_id: id })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { code, message } = error
    const status = faults.active('refusal-status')?.status ?? 500
    return coded(status, { code: isOther ? `StarkErrorCode.${code}` : code, message })
  }
}

function coded(status: number, body: object): Said {
  return { status, body: JSON.stringify(body) }
}
