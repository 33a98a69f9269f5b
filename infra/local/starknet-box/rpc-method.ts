import { z } from 'zod'

import type { ActiveFaults } from './box-faults.ts'
import type { Chain } from './chain.ts'
import type { NodeView } from './node-view.ts'
import { badParams } from './rpc-error.ts'
import { FeltHex } from './transaction-fields.ts'

/** What a method may look at and change. */
export type RpcContext = {
  readonly view: NodeView
  readonly chain: Chain
  readonly faults: ActiveFaults
  /** Called once a transaction is in the pool. */
  readonly onAdded: () => void
}

export type RpcMethod = (params: unknown, context: RpcContext) => unknown

/** A method of the specification: its parameters by name, in the order in which they may also be given without names. */
export function rpcMethod<S extends z.ZodRawShape>(
  shape: S,
  run: (params: z.infer<z.ZodObject<S>>, context: RpcContext) => unknown,
): RpcMethod {
  const Params = z.object(shape)
  const names = Object.keys(shape)
  return (params, context) => {
    const read = Params.safeParse(Array.isArray(params) ? byName(names, params) : (params ?? {}))
    if (!read.success) throw badParams(z.prettifyError(read.error))
    return run(read.data, context)
  }
}

/** Newer versions append parameters that older nodes do without. */
function byName(names: readonly string[], params: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(names.slice(0, params.length).map((name, at) => [name, params[at]]))
}

export const BlockIdParam = z.union([
  z.enum(['latest', 'pre_confirmed', 'l1_accepted']),
  z.strictObject({ block_number: z.number().int().nonnegative() }),
  z.strictObject({ block_hash: FeltHex }),
])
