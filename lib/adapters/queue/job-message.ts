import * as z from 'zod/mini'

import type { Job } from '../../ports.ts'

const JobMessage = z.object({
  job: z.string().check(z.minLength(1)),
  subject: z.string(),
  slot: z.int().check(z.gte(0)),
})

/** A job as the body of a queue's message. */
export function jobMessage({ job, subject, slot }: Job): string {
  return JSON.stringify({ job, subject, slot })
}

/** Reads a message's body. Throws `InvalidJobError` where it is not a job: trying it again is no use. */
export function parseJob(body: string): Job {
  try {
    return JobMessage.parse(JSON.parse(body))
  } catch (error) {
    throw new InvalidJobError(error)
  }
}

/** The message is not `{job, subject, slot}`. */
export class InvalidJobError extends Error {
  override readonly name = 'InvalidJobError'

  constructor(cause: unknown) {
    super('a message of the queue is not a job', { cause })
  }
}
