import { z } from 'zod'

import { blockMethods } from './rpc-blocks.ts'
import { RpcError, type RpcErrorAnswer, rpcError } from './rpc-error.ts'
import { eventMethods } from './rpc-events.ts'
import type { RpcContext, RpcMethod } from './rpc-method.ts'
import { stateMethods } from './rpc-state.ts'
import { transactionMethods } from './rpc-transactions.ts'

const methods: Readonly<Record<string, RpcMethod>> = {
  ...stateMethods,
  ...blockMethods,
  ...eventMethods,
  ...transactionMethods,
}

const Id = z.union([z.string(), z.number(), z.null()])
const Request = z.object({
  jsonrpc: z.literal('2.0'),
  id: Id.optional(),
  method: z.string(),
  params: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).optional(),
})

/** Answers a body of JSON-RPC, one request or several; undefined where nobody waits for an answer. */
export function answerRpc(body: string, context: () => RpcContext): unknown {
  const read = parsed(body)
  if (read === undefined) return failed(null, rpcError('badJson').answer)
  if (!Array.isArray(read)) return answerOne(read, context)
  if (read.length === 0) return failed(null, rpcError('badRequest').answer)
  const answers = read.map((one) => answerOne(one, context)).filter((one) => one !== undefined)
  return answers.length === 0 ? undefined : answers
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // The caller says so to whoever asked.
    return undefined
  }
}

/** Each request of a batch sees what those before it have done. */
function answerOne(read: unknown, context: () => RpcContext): object | undefined {
  const request = Request.safeParse(read)
  if (!request.success) return failed(null, rpcError('badRequest').answer)
  const { id, method, params } = request.data
  try {
    const found = methods[method]
    if (found === undefined) throw rpcError('methodNotFound')
    const result = found(params, context())
    return id === undefined ? undefined : { jsonrpc: '2.0', id, result }
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    return id === undefined ? undefined : failed(id, error.answer)
  }
}

function failed(id: z.infer<typeof Id>, error: RpcErrorAnswer): object {
  return { jsonrpc: '2.0', id, error }
}

/** Answers every request of a body with the same error. */
export function refuseRpc(body: string, error: RpcErrorAnswer): unknown {
  const read = parsed(body)
  const refuse = (request: unknown): object => {
    const known = z.looseObject({ id: Id }).safeParse(request)
    return failed(known.success ? known.data.id : null, error)
  }
  return Array.isArray(read) ? read.map(refuse) : refuse(read)
}

/** Whether somebody may have sent a transaction with it. */
export function sendsTransaction(body: string): boolean {
  return /starknet_add(?:Invoke|DeployAccount)Transaction/.test(body)
}
