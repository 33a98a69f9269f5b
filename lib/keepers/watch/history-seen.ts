import type { Timestamp } from '../../domain/time.ts'
import type { HistorySubject, Store } from '../../ports.ts'
import type { HistorySeen } from './watch-view.ts'

/** Slots of a job that are compared with what was kept: a minute of the fastest. */
const lookedSlots = 12

/** Each look at a slot is kept, and a slot may be looked at again. */
const looksEach = 2

/** It takes unfinished work up again, and decides nothing of its own. */
const keepsNothing = new Set<string>(['deliver-outbox'])

/** Which of a job's last slots were done and not kept. */
export async function historySeen(
  { ticks, history }: Pick<Store, 'ticks' | 'history'>,
  { job, subject }: { readonly job: string; readonly subject: string },
): Promise<HistorySeen | undefined> {
  if (keepsNothing.has(job)) return undefined
  // The slots first: what is done after them may be kept and not be among them.
  const recent = await ticks.recent(job, subject, lookedSlots)
  const kept = await history.keptSlots(job, subject, lookedSlots * looksEach)
  const slots = new Set(kept.map(({ slot }) => slot))
  // Before the first one that was ever kept nothing was.
  const first = kept.length < lookedSlots ? (kept.at(-1)?.slot ?? 0) : 0
  const done = recent.flatMap(({ job: { slot }, outcome }) =>
    // What came too late is left to the next slot, which looks.
    outcome && outcome.reason !== 'too-late' && slot > first ? [{ slot, at: outcome.at }] : [],
  )
  return {
    job,
    subject,
    looked: done.length,
    missing: done.filter(({ slot }) => !slots.has(slot)),
  }
}

/** Of all keepers and subjects when the oldest slot was decided that is in no file; those of which all are packed are left out. */
export async function unpackedSeen({
  history,
}: Pick<Store, 'history'>): Promise<
  readonly (HistorySubject & { readonly oldestAt: Timestamp })[]
> {
  const all = await Promise.all(
    (await history.subjects()).map(async ({ keeper, subject }) => {
      const oldestAt = await history.oldestUnpacked(keeper, subject)
      return oldestAt === undefined ? [] : [{ keeper, subject, oldestAt }]
    }),
  )
  return all.flat()
}
