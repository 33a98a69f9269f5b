import { z } from 'zod'

import type { Timestamp } from '../../../lib/domain/time.ts'

/** Canonical names; all of the venue's where absent. */
const instruments = z.array(z.string()).min(1).optional()
/** For so many requests, then no more; for ever where absent. */
const requests = z.int().positive().optional()

/** What can be wrong with a venue: first what spoils the connection, then what spoils the truth. */
export const Fault = z.discriminatedUnion('fault', [
  /** Takes the request and never answers. */
  z.strictObject({ fault: z.literal('timeout'), requests }),
  /** Breaks the connection with a TCP reset. */
  z.strictObject({ fault: z.literal('reset'), requests }),
  z.strictObject({
    fault: z.literal('server-error'),
    status: z.int().min(500).max(599).default(503),
    requests,
  }),
  /** 429, in the venue's own words. */
  z.strictObject({
    fault: z.literal('rate-limit'),
    retryAfterSeconds: z.int().nonnegative().default(30),
    requests,
  }),
  z.strictObject({
    fault: z.literal('region'),
    status: z.union([z.literal(403), z.literal(451)]).default(451),
    requests,
  }),
  /** A web page with status 200. */
  z.strictObject({ fault: z.literal('html'), requests }),
  /** The first half of the body, as if it were all. */
  z.strictObject({ fault: z.literal('truncated'), requests }),
  /** A body that does not end for long; a small one that unpacks to it where the client takes gzip. */
  z.strictObject({ fault: z.literal('huge'), megabytes: z.int().positive().default(50), requests }),
  /** Always the quotes of the moment it began: with times that go on, or with the old ones (then only the `Date` header goes on). */
  z.strictObject({
    fault: z.literal('freeze'),
    times: z.enum(['current', 'frozen']).default('current'),
    instruments,
  }),
  /** All prices times `factor`. */
  z.strictObject({
    fault: z.literal('lie'),
    factor: z
      .string()
      .regex(/^\d+(\.\d+)?$/, 'a decimal number, as a string')
      .refine((factor) => /[1-9]/.test(factor), 'more than zero'),
    instruments,
  }),
  /** Its clock is so many milliseconds ahead (or behind). */
  z.strictObject({ fault: z.literal('skew'), ms: z.int() }),
  /** Closes every connection without a word, or does not know the named instruments any more. */
  z.strictObject({ fault: z.literal('vanish'), instruments, requests }),
  /** No bid, no ask and no last, as the venue writes that. */
  z.strictObject({ fault: z.literal('empty'), instruments }),
])
export type Fault = z.infer<typeof Fault>
export type FaultInput = z.input<typeof Fault>

export type ActiveFault = {
  readonly venue: string
  readonly fault: Fault
  readonly since: Timestamp
}

/** The faults that are switched on. Setting one kind again replaces it. */
export type Faults = {
  set(venue: string, fault: FaultInput): void
  /** One venue's, or everybody's. */
  clear(venue?: string): void
  list(): readonly ActiveFault[]
}

type FaultBoard = Faults & {
  /** Those that hit the next request to `venue`, newest first; counts it. */
  next(venue: string): readonly ActiveFault[]
}

export function faultBoard(venues: readonly string[], clock: { now(): Timestamp }): FaultBoard {
  let active: readonly ActiveFault[] = []
  return {
    set(venue, input) {
      if (!venues.includes(venue)) throw new UnknownVenueError(venue, venues)
      const fault = Fault.parse(input)
      const others = active.filter(
        (each) => each.venue !== venue || each.fault.fault !== fault.fault,
      )
      active = [{ venue, fault, since: clock.now() }, ...others]
    },
    clear(venue) {
      active = venue === undefined ? [] : active.filter((each) => each.venue !== venue)
    },
    list: () => active,
    next(venue) {
      const hits = active.filter((each) => each.venue === venue)
      active = active.flatMap((each) => (each.venue === venue ? counted(each) : [each]))
      return hits
    },
  }
}

/** One time less; gone after the last. */
function counted(active: ActiveFault): readonly ActiveFault[] {
  const { fault } = active
  if (!('requests' in fault) || fault.requests === undefined) return [active]
  if (fault.requests === 1) return []
  return [{ ...active, fault: { ...fault, requests: fault.requests - 1 } }]
}

/** No such venue is simulated. */
export class UnknownVenueError extends Error {
  override readonly name = 'UnknownVenueError'

  constructor(venue: string, known: readonly string[]) {
    super(`no venue "${venue}" is simulated; there are ${known.join(', ')}`)
  }
}
