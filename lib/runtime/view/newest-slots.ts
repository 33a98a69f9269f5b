import * as z from 'zod'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Look } from './look.ts'

/** What a keeper saw and decided in one slot, as history has it. */
export type SlotRead<View, Decided> = {
  readonly at: Timestamp
  readonly view: View
  readonly decided: Decided
}

/** An integer of any size, as history writes it. */
export const bigText = z
  .string()
  .regex(/^-?\d+$/, 'expected an integer')
  .transform(BigInt)

/** How a slot ended. */
export const outcomeSchema = z.object({
  kind: z.enum(['done', 'refused', 'failed']),
  reason: z.string(),
  detail: z.string(),
})

/** The same, as people are shown it. */
export type SlotOutcome = z.output<typeof outcomeSchema> & {
  /** When it was recorded. */
  readonly at: number
}

/** The newest slots of a keeper, newest first; a row of another version is a problem, and left out. */
export async function newestSlots<View, Decided>(
  { store, problems }: Pick<Look, 'store' | 'problems'>,
  {
    keeper,
    subject,
    limit,
    view,
    decided,
  }: {
    readonly keeper: string
    readonly subject: string
    readonly limit: number
    readonly view: z.ZodType<View>
    readonly decided: z.ZodType<Decided>
  },
): Promise<readonly SlotRead<View, Decided>[]> {
  const where = `newest slot of ${keeper} for ${subject}`
  const entries = await problems.attempt(
    where,
    () => store.history.recent(keeper, subject, limit),
    [],
  )
  const read = await Promise.all(
    entries.map((entry) =>
      problems.attempt(
        where,
        () => [
          {
            at: timestamp(entry.at),
            view: view.parse(JSON.parse(entry.view)),
            decided: decided.parse(JSON.parse(entry.decided)),
          },
        ],
        [],
      ),
    ),
  )
  return read.flat()
}
