import type { Timestamp } from '../../domain/time.ts'
import type { Clock, History, SlotRecord } from '../../ports.ts'
import type { SlotRows } from './slot-rows.ts'

/** No worker lives longer: Lambda's own limit. Whoever looks at a slot again does so within this time. */
const longestWorkMs = 15 * 60_000

/** What is kept of slots, over any table. */
export function slotHistory(rows: SlotRows, clock: Clock): Omit<History, 'record' | 'recent'> {
  const noted = new Set<string>()

  return {
    async keep(record) {
      checkAge(record, clock.now())
      const name = JSON.stringify([record.keeper, record.subject])
      if (!noted.has(name)) await rows.note(record)
      noted.add(name)
      await rows.put(record)
      // Somebody may have been put to sleep between the two.
      checkAge(record, clock.now())
    },

    kept: (keeper, subject, from, to) => eachOnce(rows.between({ keeper, subject }, from, to)),

    subjects: async () => await rows.noted(),
  }
}

/** Of several looks at a slot the last; all of them come within the time that work may take. */
async function* eachOnce(
  looks: AsyncIterable<SlotRecord>,
): AsyncGenerator<SlotRecord, undefined, undefined> {
  const waiting = new Map<number, SlotRecord>()
  for await (const look of looks) {
    for (const [slot, before] of waiting) {
      if (before.at >= look.at - longestWorkMs) break
      waiting.delete(slot)
      yield before
    }
    // Deleted and set, so that the oldest come first.
    waiting.delete(look.slot)
    waiting.set(look.slot, look)
  }
  yield* waiting.values()
}

function checkAge(record: SlotRecord, now: Timestamp): void {
  if (now - record.at > longestWorkMs) throw new TooOldToKeepError(record, now)
}

/** A slot came so late that its hour may have been packed without it. */
export class TooOldToKeepError extends Error {
  override readonly name = 'TooOldToKeepError'

  constructor({ keeper, subject, slot, at }: SlotRecord, now: Timestamp) {
    super(
      `slot ${slot} of ${keeper} ${subject} was decided ${Math.round((now - at) / 1000)} s ago, and its hour may be packed already; a slot is kept within ${longestWorkMs / 60_000} minutes. See whether this machine was asleep, or its clock is wrong`,
    )
  }
}
