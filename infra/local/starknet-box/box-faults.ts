import { z } from 'zod'

import { FeltHex } from './transaction-fields.ts'

const requests = z.number().int().positive().optional()

/** What can be wrong with the node. `reorg` and `evict` happen at once; the others last until they are cleared or used up. */
export const BoxFault = z.discriminatedUnion('fault', [
  /** No blocks; with `stops`, what is in the pool is not run either. */
  z.strictObject({
    fault: z.literal('stall'),
    preConfirmed: z.enum(['goes-on', 'stops']).default('goes-on'),
  }),
  /** The newest blocks are lost; their transactions go back to the pool, or nowhere. */
  z.strictObject({
    fault: z.literal('reorg'),
    blocks: z.number().int().positive(),
    transactions: z.enum(['return', 'drop']).default('return'),
  }),
  /** The pool forgets one transaction, or all. */
  z.strictObject({ fault: z.literal('evict'), hash: FeltHex.optional() }),
  /** HTTP 429 or JSON-RPC error -32005, for so many requests. */
  z.strictObject({
    fault: z.literal('throttle'),
    answer: z.enum(['http', 'rpc']).default('http'),
    requests,
  }),
  /** Everything that is read is so many blocks old, and the pool is not seen. */
  z.strictObject({ fault: z.literal('lag'), blocks: z.number().int().positive() }),
  /** A transaction is taken, and the connection closed without an answer. */
  z.strictObject({ fault: z.literal('drop-answer'), requests }),
  /** Connections are closed as soon as they are opened. */
  z.strictObject({ fault: z.literal('refuse') }),
  z.strictObject({ fault: z.literal('slow'), ms: z.number().int().positive() }),
  /** Nonces of accounts are told wrong by so much. */
  z.strictObject({ fault: z.literal('wrong-nonce'), by: z.number().int() }),
  z.strictObject({ fault: z.literal('pool-full') }),
])
export type BoxFault = z.infer<typeof BoxFault>
export type BoxFaultInput = z.input<typeof BoxFault>

export type FaultName = BoxFault['fault']
type Of<N extends FaultName> = Extract<BoxFault, { fault: N }>

export type BoxFaults = {
  /** Switches a fault on, in place of one of the same kind. */
  set(fault: BoxFaultInput): void
  /** One kind, or all. */
  clear(name?: FaultName): void
  list(): readonly BoxFault[]
}

export type ActiveFaults = BoxFaults & {
  active<N extends FaultName>(name: N): Of<N> | undefined
  /** As `active`, and counts one request where the fault is for some number of them. */
  use<N extends FaultName>(name: N): Of<N> | undefined
}

/** `now`: does what happens at once; it may refuse by throwing. */
export function createFaults(now: (fault: Of<'reorg'> | Of<'evict'>) => void): ActiveFaults {
  const on = new Map<FaultName, BoxFault>()
  const active = <N extends FaultName>(name: N) => on.get(name) as Of<N> | undefined
  return {
    set(input) {
      const fault = BoxFault.parse(input)
      if (fault.fault === 'reorg' || fault.fault === 'evict') now(fault)
      else on.set(fault.fault, fault)
    },
    clear(name) {
      if (name === undefined) on.clear()
      else on.delete(name)
    },
    list: () => [...on.values()],
    active,
    use(name) {
      const fault = active(name)
      if (fault !== undefined && 'requests' in fault && fault.requests !== undefined) {
        if (fault.requests === 1) on.delete(name)
        else on.set(name, { ...fault, requests: fault.requests - 1 })
      }
      return fault
    },
  }
}
