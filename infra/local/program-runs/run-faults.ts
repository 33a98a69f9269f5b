import { z } from 'zod'

/** For so many requests, then no more; for ever where absent. */
const requests = z.int().positive().optional()

/** What can be wrong with whoever runs the program. */
export const RunFault = z.discriminatedUnion('fault', [
  /** Its runs are not done. */
  z.strictObject({ fault: z.literal('not-ready'), requests }),
  /** Its runs make another root. */
  z.strictObject({ fault: z.literal('wrong-root'), requests }),
  /** Its runs are of another chain's blocks. */
  z.strictObject({ fault: z.literal('other-chain'), requests }),
  z.strictObject({
    fault: z.literal('server-error'),
    status: z.int().min(500).max(599).default(503),
    requests,
  }),
  z.strictObject({
    fault: z.literal('rate-limit'),
    retryAfterSeconds: z.int().nonnegative().default(30),
    requests,
  }),
  /** Somebody's page, with any status. */
  z.strictObject({
    fault: z.literal('html'),
    status: z.int().min(200).max(599).default(200),
    requests,
  }),
  z.strictObject({ fault: z.literal('slow'), ms: z.int().nonnegative(), requests }),
  /** The first half of the PIE, as if it were all. */
  z.strictObject({ fault: z.literal('half-a-pie'), requests }),
])
export type RunFault = z.output<typeof RunFault>
export type RunFaultInput = z.input<typeof RunFault>
export type RunFaultName = RunFault['fault']

export const runFaultNames: readonly RunFaultName[] = RunFault.options.map(
  ({ shape }) => shape.fault.value,
)

/** The faults that are switched on. */
export type RunFaults = {
  /** Switches one on, in place of one of the same kind. */
  set(fault: RunFaultInput): void
  /** One kind, or all. */
  clear(name?: RunFaultName): void
  list(): readonly RunFault[]
}

export type RunFaultBoard = RunFaults & {
  /** The fault of that kind, if it is on; counts one request. */
  use<N extends RunFaultName>(name: N): Extract<RunFault, { fault: N }> | undefined
}

export function runFaultBoard(): RunFaultBoard {
  const active = new Map<RunFaultName, RunFault>()
  return {
    set(input) {
      const fault = RunFault.parse(input)
      active.set(fault.fault, fault)
    },
    clear(name) {
      if (name === undefined) active.clear()
      else active.delete(name)
    },
    list: () => [...active.values()],
    use<N extends RunFaultName>(name: N) {
      const fault = active.get(name)
      if (fault?.requests === 1) active.delete(name)
      else if (fault?.requests !== undefined)
        active.set(name, { ...fault, requests: fault.requests - 1 })
      return fault as Extract<RunFault, { fault: N }> | undefined
    },
  }
}
