import { z } from 'zod'

const requests = z.int().positive().optional()

/** With `after` the transaction is taken first: the sender cannot know. */
const after = z.boolean().default(false)

/** What can be wrong with a gateway, or with what is in front of it; until it is cleared, or for so many requests. */
export const GatewayFault = z.discriminatedUnion('fault', [
  /** Connections are closed as soon as they are opened. */
  z.strictObject({ fault: z.literal('refuse') }),
  /** The connection of a transaction is closed without an answer. */
  z.strictObject({ fault: z.literal('drop-answer'), after: z.boolean().default(true), requests }),
  z.strictObject({ fault: z.literal('slow'), ms: z.int().positive(), after, requests }),
  /** A proxy's page, with any status. */
  z.strictObject({
    fault: z.literal('html'),
    status: z.int().min(200).max(599).default(502),
    after,
    requests,
  }),
  /** A code in place of the gateway's own, and nothing is taken. */
  z.strictObject({
    fault: z.literal('code'),
    code: z.string().min(1),
    status: z.int().min(200).max(599).default(500),
    requests,
  }),
  /** Refusals come with this status and not with 500. */
  z.strictObject({ fault: z.literal('refusal-status'), status: z.int().min(200).max(599) }),
  /** Success is told as the gateway of spot does, and codes with the name of their enumeration. */
  z.strictObject({ fault: z.literal('other-words') }),
])
export type GatewayFault = z.output<typeof GatewayFault>
export type GatewayFaultInput = z.input<typeof GatewayFault>

type Name = GatewayFault['fault']
type Of<N extends Name> = Extract<GatewayFault, { fault: N }>

export type GatewayFaults = {
  /** Switches one on, in place of one of the same kind. */
  set(fault: GatewayFaultInput): void
  /** One kind, or all. */
  clear(name?: Name): void
  list(): readonly GatewayFault[]
  active<N extends Name>(name: N): Of<N> | undefined
  /** As `active`, and counts one request where the fault is for some number of them. */
  use<N extends Name>(name: N): Of<N> | undefined
}

export function createGatewayFaults(): GatewayFaults {
  const on = new Map<Name, GatewayFault>()
  const active = <N extends Name>(name: N) => on.get(name) as Of<N> | undefined
  return {
    set(input) {
      const fault = GatewayFault.parse(input)
      on.set(fault.fault, fault)
    },
    clear(name) {
      if (name === undefined) on.clear()
      else on.delete(name)
    },
    list: () => [...on.values()],
    active,
    use(name) {
      const fault = active(name)
      if (fault && 'requests' in fault && fault.requests !== undefined) {
        if (fault.requests === 1) on.delete(name)
        else on.set(name, { ...fault, requests: fault.requests - 1 })
      }
      return fault
    },
  }
}
