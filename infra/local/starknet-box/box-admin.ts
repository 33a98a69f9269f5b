import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { z } from 'zod'

import { type ActiveFaults, BoxFault } from './box-faults.ts'
import { headOf } from './chain-state.ts'
import { type Chain, ChainOrderError } from './chain.ts'
import { textOf } from './rpc-server.ts'

export type BoxControls = {
  readonly chain: Chain
  readonly faults: ActiveFaults
  /** Moves the box's clock forward. */
  readonly advanceSeconds: (seconds: number) => void
}

type AdminAnswer = { readonly status: number; readonly body: unknown }

/**
 * The box as its owner sees it, over HTTP: `GET /`; `GET`, `POST` and `DELETE /faults[?fault=]`; `POST /block {count?}`,
 * `/time {advanceSeconds}`, `/l1-accept {block_number?}` and `/gas-price {l1Gas?, l2Gas?, l1DataGas?}` in fri.
 */
export function createAdminServer(controls: BoxControls): Server {
  return createServer((request, response) => {
    answer(controls, request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : 'unknown'
      response.writeHead(500).end(JSON.stringify({ error: message }))
    })
  })
}

async function answer(
  controls: BoxControls,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await administer(controls, request).catch(complaintOf)
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function administer(controls: BoxControls, request: IncomingMessage): Promise<AdminAnswer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://box')
  const text = await textOf(request)
  const read = <T extends z.ZodType>(schema: T): z.infer<T> =>
    schema.parse(text === '' ? {} : JSON.parse(text))
  const { chain, faults, advanceSeconds } = controls
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return done(stateOf(controls))
    case 'GET /faults':
      return done(faults.list())
    case 'POST /faults':
      faults.set(read(BoxFault))
      return done(faults.list())
    case 'DELETE /faults':
      faults.clear(FaultName.parse(searchParams.get('fault') ?? undefined))
      return done(faults.list())
    case 'POST /block':
      for (let left = read(Blocks).count; left > 0; left -= 1) chain.makeBlock()
      return done(stateOf(controls))
    case 'POST /time':
      advanceSeconds(read(Time).advanceSeconds)
      return done(stateOf(controls))
    case 'POST /l1-accept':
      chain.acceptOnL1(read(L1).block_number)
      return done(stateOf(controls))
    case 'POST /gas-price':
      chain.setGasPrices(read(Prices))
      return done(stateOf(controls))
    default:
      return { status: 404, body: { error: `there is no ${request.method} ${pathname} here` } }
  }
}

const FaultName = z.enum(BoxFault.options.map((option) => option.shape.fault.value)).optional()
const Blocks = z.strictObject({ count: z.number().int().positive().default(1) })
const Time = z.strictObject({ advanceSeconds: z.number().int().positive() })
const L1 = z.strictObject({ block_number: z.number().int().nonnegative().optional() })
const price = z
  .string()
  .regex(/^[0-9]{1,30}$/)
  .transform((text) => BigInt(text))
const Prices = z
  .strictObject({ l1Gas: price.optional(), l2Gas: price.optional(), l1DataGas: price.optional() })
  .transform((prices) =>
    Object.fromEntries(Object.entries(prices).filter(([, value]) => value !== undefined)),
  )

function stateOf({ chain }: BoxControls): object {
  const state = chain.state()
  const { number, hash, timestamp } = headOf(state)
  const { l1Gas, l2Gas, l1DataGas } = chain.gasPrices()
  return {
    block_number: number,
    block_hash: hash,
    block_timestamp: timestamp,
    now: chain.now(),
    l1_accepted: state.l1Accepted,
    pool: state.pool.map((entry) => entry.hash),
    gas_prices: { l1Gas: `${l1Gas}`, l2Gas: `${l2Gas}`, l1DataGas: `${l1DataGas}` },
  }
}

function done(body: unknown): AdminAnswer {
  return { status: 200, body }
}

function complaintOf(error: unknown): AdminAnswer {
  if (error instanceof SyntaxError) return complaint('the body is not JSON')
  if (error instanceof z.ZodError) return complaint(z.prettifyError(error))
  if (error instanceof ChainOrderError) return complaint(error.message)
  throw error
}

function complaint(error: string): AdminAnswer {
  return { status: 400, body: { error } }
}
