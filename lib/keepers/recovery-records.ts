import { isOverlapped } from '../domain/liquidation/overlap.ts'
import {
  allWellSince,
  type Recovery,
  recoveryOf,
  type RecoveryRules,
  type SlotRecord,
  slotsBack,
} from '../domain/liquidation/recovery.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Store } from '../ports.ts'

/** What a job and those before it recorded of an exchange, newest first. */
export type RecoveryRecords = {
  /** Of the job itself, before this slot. */
  readonly before: readonly SlotRecord[]
  /** Absent where this deployment does not do that, or nothing stood still lately. */
  readonly prices?: readonly SlotRecord[]
  readonly funding?: readonly SlotRecord[]
  /** Another slot of the job, claimed before, is still at work. */
  readonly overlaps?: true
}

/** The jobs whose work is waited for after a stall. */
export type RecoveryJob = 'push-prices' | 'settle-funding'

type Asked = {
  readonly rules: RecoveryRules
  readonly everySeconds: number
  readonly now: Timestamp
}

/** Reads as much of the jobs' slots as the stages of a recovery need: of the other jobs nothing where all is well. */
export async function recoveryRecords(
  { ticks }: Pick<Store, 'ticks'>,
  asked: Asked & {
    readonly job: string
    readonly subject: string
    readonly slot: number
    readonly runs: (job: RecoveryJob, engine: string) => boolean
  },
): Promise<RecoveryRecords> {
  const { job, subject, slot, rules, everySeconds, runs } = asked
  const newest = await ticks.recent(job, subject, slotsBack(rules, everySeconds))
  const before = newest.filter((tick) => tick.job.slot < slot)
  const slots = newest.map((tick) => ({
    slot: tick.job.slot,
    claimedAt: tick.claimedAt,
    isEnded: tick.outcome !== undefined,
  }))
  const own = { before, ...(isOverlapped(slots, asked) && { overlaps: true as const }) }
  if (sinceIn(before, asked) === undefined) return own
  const of = async (name: RecoveryJob): Promise<readonly SlotRecord[] | undefined> =>
    runs(name, subject) ? ticks.recent(name, subject, slotsBack(rules, 1)) : undefined
  const [prices, funding] = await Promise.all([of('push-prices'), of('settle-funding')])
  return { ...own, ...(prices && { prices }), ...(funding && { funding }) }
}

/** The stage that an exchange is in by those records. */
export function recoveryIn(
  { before, prices, funding }: RecoveryRecords,
  { unpriced, ...asked }: Asked & { readonly unpriced: number },
): Recovery {
  const { rules, now } = asked
  const wellSince = sinceIn(before, asked)
  return recoveryOf(rules, { now, wellSince, unpriced, prices, funding })
}

function sinceIn(
  before: readonly SlotRecord[],
  { rules, everySeconds, now }: Asked,
): Timestamp | undefined {
  // The slot that asks may be among those that were read.
  const looksBack = slotsBack(rules, everySeconds) - 1
  return allWellSince(before, { now, everySeconds, looksBack })
}
