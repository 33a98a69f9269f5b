import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { z } from 'zod'

import type { Exchange } from './exchange.ts'
import { GatewayFault, type GatewayFaults } from './gateway-faults.ts'
import { GatewayTransaction } from './gateway-transaction.ts'
import { Refusal } from './refusal.ts'

type Parts = { readonly exchange: Exchange; readonly faults: GatewayFaults }

/**
 * The gateway as its owner sees it: `GET /` and `GET /positions`; `GET`, `POST` and `DELETE /faults[?fault=]`; `POST /lose {count}`, which
 * forgets the newest transactions; `POST /batches` closes the open batch, `DELETE /batches` aborts the newest one, and `POST
 * /replace {tx_id, alt_txs}` gives alternatives for a transaction that is in no batch yet.
 */
export async function answerAdmin(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://admin')
  const body = await text(request)
  const { status, answer } = answerOf(parts, `${request.method} ${pathname}`, {
    body,
    fault: searchParams.get('fault') ?? undefined,
  })
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(`${JSON.stringify(answer)}\n`)
}

const Replace = z.strictObject({ tx_id: z.int().min(0), alt_txs: z.array(GatewayTransaction) })
const Lose = z.strictObject({ count: z.int().positive() })

function answerOf(
  { exchange, faults }: Parts,
  asked: string,
  given: { readonly body: string; readonly fault: string | undefined },
): { readonly status: number; readonly answer: unknown } {
  try {
    switch (asked) {
      case 'GET /':
        return {
          status: 200,
          answer: {
            firstUnused: exchange.firstUnused(),
            lastBatchId: exchange.lastBatchId(),
            prices: exchange.prices(),
          },
        }
      case 'GET /positions':
        return { status: 200, answer: positionsOf(exchange) }
      case 'POST /faults':
        faults.set(GatewayFault.parse(JSON.parse(given.body)))
        break
      case 'DELETE /faults':
        faults.clear(faultName(given.fault))
        break
      case 'POST /lose':
        exchange.lose(Lose.parse(JSON.parse(given.body)).count)
        break
      case 'POST /batches':
        exchange.closeBatch()
        break
      case 'DELETE /batches':
        exchange.abortBatch()
        break
      case 'POST /replace': {
        const { tx_id: id, alt_txs: alternatives } = Replace.parse(JSON.parse(given.body))
        exchange.replace(id, alternatives)
        break
      }
      case 'GET /faults':
        break
      default:
        return {
          status: 404,
          answer: { error: 'there are /, /positions, /faults, /lose, /batches and /replace' },
        }
    }
    return { status: 200, answer: faults.list() }
  } catch (error) {
    if (error instanceof z.ZodError)
      return { status: 400, answer: { error: z.prettifyError(error) } }
    if (error instanceof Refusal) return { status: 409, answer: { error: error.message } }
    if (error instanceof SyntaxError) return { status: 400, answer: { error: 'it is no JSON' } }
    throw error
  }
}

/** As they stand after the newest transaction, whether that is in a batch or not. */
function positionsOf(exchange: Exchange): object {
  return Object.fromEntries(
    [...exchange.state().positions].map(([id, { collateral, assets }]) => [
      String(id),
      {
        collateral: String(collateral),
        assets: Object.fromEntries(
          [...assets].map(([asset, { balance }]) => [`0x${asset.toString(16)}`, String(balance)]),
        ),
      },
    ]),
  )
}

function faultName(wanted: string | undefined): GatewayFault['fault'] | undefined {
  const names = GatewayFault.options.map(({ shape }) => shape.fault.value)
  return names.find((name) => name === wanted)
}
