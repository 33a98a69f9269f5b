import { z } from 'zod'

import { uniform } from '../market/noise.ts'

/** Of those that it can hit it hits this part, and so many of them; all, and for ever, where absent. */
const often = {
  probability: z.number().gt(0).max(1).default(1),
  requests: z.int().positive().optional(),
}

/** Which requests it can hit. */
const wire = { on: z.enum(['all', 'submit', 'status']).default('all'), ...often }

const ms = z.int().nonnegative()

/** What can be wrong between a prover and its callers. */
const WireFault = z.discriminatedUnion('fault', [
  /** The work is done, and the connection closed without an answer. */
  z.strictObject({ fault: z.literal('lost-reply'), ...wire }),
  /** Broken with a TCP reset before anything is done. */
  z.strictObject({ fault: z.literal('reset'), ...wire }),
  /** Somebody in front of it knows no such address. */
  z.strictObject({
    fault: z.literal('proxy-404'),
    form: z.enum(['text', 'html']).default('text'),
    ...wire,
  }),
  z.strictObject({
    fault: z.literal('bad-gateway'),
    status: z.union([z.literal(502), z.literal(503), z.literal(504)]).default(502),
    ...wire,
  }),
  z.strictObject({
    fault: z.literal('rate-limit'),
    retryAfterSeconds: z.int().min(0).default(30),
    ...wire,
  }),
  /** A page as an object of letters. */
  z.strictObject({ fault: z.literal('spelt'), ...wire }),
  z.strictObject({ fault: z.literal('slow'), ms, ...wire }),
])
export type WireFault = z.output<typeof WireFault>

/** What can be wrong with a job; decided when it is submitted. */
const JobFault = z.discriminatedUnion('fault', [
  /** The fact is registered so much later than else. */
  z.strictObject({ fault: z.literal('late-fact'), ms, ...often }),
  z.strictObject({ fault: z.literal('no-fact'), ...often }),
  /** Something else is proved, told and registered. */
  z.strictObject({ fault: z.literal('wrong-fact'), ...often }),
  z.strictObject({ fault: z.literal('mocked'), what: z.enum(['fact', 'proof']), ...often }),
  z.strictObject({ fault: z.literal('wrong-size'), ...often }),
  /** The prover's own failure. */
  z.strictObject({
    fault: z.literal('fails'),
    reason: z.string().default('Sharp task failed'),
    ...often,
  }),
  /** The prover says that it cannot be proved. */
  z.strictObject({
    fault: z.literal('rejects'),
    reason: z.string().default('CAIRO_PIE_RUN_FAILURE'),
    ...often,
  }),
  z.strictObject({ fault: z.literal('never-ends'), ...often }),
  /** It does not know of the job for so long. */
  z.strictObject({ fault: z.literal('unknown'), ms, ...often }),
  /** After so long it has no such job, and never had. */
  z.strictObject({ fault: z.literal('forgets'), ms, ...often }),
])
export type JobFault = z.output<typeof JobFault>

/** Nobody listens: connections are refused. */
const Down = z.strictObject({ fault: z.literal('down') })

export const ProverFault = z.union([WireFault, JobFault, Down])
export type ProverFault = z.output<typeof ProverFault>
export type ProverFaultInput = z.input<typeof ProverFault>
export type ProverFaultName = ProverFault['fault']

export const proverFaultNames: readonly ProverFaultName[] = [
  ...WireFault.options.map(({ shape }) => shape.fault.value),
  ...JobFault.options.map(({ shape }) => shape.fault.value),
  Down.shape.fault.value,
]

export type FaultBoard = {
  /** Switches one on, in place of one of the same kind. */
  set(fault: ProverFaultInput): void
  /** One kind, or all. */
  clear(name?: ProverFaultName): void
  list(): readonly ProverFault[]
  /** Those that hit a request. */
  onRequest(call: 'submit' | 'status'): readonly WireFault[]
  /** Those that hit a job. */
  onJob(): readonly JobFault[]
  isDown(): boolean
}

/** The faults that are switched on, drawn in the same order for the same seed. */
export function faultBoard(seed: number): FaultBoard {
  const active = new Map<ProverFaultName, ProverFault>()
  let draws = 0

  function isHit(fault: WireFault | JobFault): boolean {
    if (fault.probability < 1) {
      draws += 1
      if (uniform(seed, draws) >= fault.probability) return false
    }
    if (fault.requests === 1) active.delete(fault.fault)
    if (fault.requests !== undefined && fault.requests > 1)
      active.set(fault.fault, { ...fault, requests: fault.requests - 1 })
    return true
  }

  return {
    set(input) {
      const fault = ProverFault.parse(input)
      active.set(fault.fault, fault)
    },
    clear(name) {
      if (name === undefined) active.clear()
      else active.delete(name)
    },
    list: () => [...active.values()],
    onRequest: (call) =>
      [...active.values()].filter(
        (fault): fault is WireFault =>
          'on' in fault && (fault.on === 'all' || fault.on === call) && isHit(fault),
      ),
    onJob: () =>
      [...active.values()].filter(
        (fault): fault is JobFault => 'probability' in fault && !('on' in fault) && isHit(fault),
      ),
    isDown: () => active.has('down'),
  }
}
