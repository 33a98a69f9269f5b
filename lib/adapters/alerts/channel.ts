import type * as z from 'zod'

import type { AlertChannel, Clock } from '../../ports.ts'

/** One kind of channel: what a network file says of it, secrets already resolved, and how to build it. */
export type AlertPlugin<Schema extends z.ZodType> = {
  readonly schema: Schema
  create(name: string, options: z.output<Schema>, world: AlertWorld): AlertChannel
}

export type AlertWorld = {
  readonly clock: Clock
  /** Where the terminal's lines go. */
  readonly write: (line: string) => void
  /** How long a receiver may take to answer; ten seconds unless told otherwise. */
  readonly deadlineMs?: number
  /** Where `infra/runbooks` can be read in a browser, so that messages link there. */
  readonly runbooks?: string | undefined
  /** Of AWS, where a channel names none. */
  readonly region?: string | undefined
}
