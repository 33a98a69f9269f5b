import type { Finding } from '../../domain/incident.ts'
import {
  batchLate,
  batchRejected,
  batchWaits,
  factLate,
  factWeak,
} from '../../domain/liveness-batches.ts'
import { blocksLost, settlementUndone } from '../../domain/liveness-reorgs.ts'
import { type Batch, isBehindUs, type ProvingLane } from '../../domain/proving/batch.ts'
import { undoneAt, waitedBefore } from '../../domain/proving/past-states.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Incidents } from '../../ports.ts'
import type { WatchRules } from './watch-view.ts'

/** What people had to be told of a state, which was over before anybody looked, and when that began. */
type Past = { readonly finding: Finding; readonly at: Timestamp }

/** What has been over for so long is in its row's history, and wakes nobody any more. */
const newsMs = 24 * 3_600_000

/**
 * What nobody was told of states that lasted shorter than the time between two looks, or than a watch that was down.
 *
 * A batch's row is the outbox of its own alerts: the write that enters a state puts a step into the row's history, which is
 * never rewritten, and a lane's row keeps what its chain has lost. The worker tells nobody, so that nothing is lost with it.
 * The watch tells what the rows say is so, and, by this, what they say was so; an incident that is open, or was resolved since
 * then, shows that it has been told, in whichever process that was. A look that ends before its incident is stored is
 * another look's to do, and one after it finds the incident: told at least once, and not again.
 */
export async function untold(
  incidents: Pick<Incidents, 'read'>,
  past: readonly Past[],
): Promise<readonly Finding[]> {
  const told = past.map(async ({ finding, at }) => {
    const incident = await incidents.read(finding.rule, finding.subject)
    const isTold = incident && (incident.resolvedAt ?? at) >= at
    return isTold ? [] : [finding]
  })
  return (await Promise.all(told)).flat()
}

/** Of a lane and its rows, all that was so lately, and is no more. A fact that went and came back in time is no news. */
export function pastOf({
  lane,
  rows,
  deadlineMs,
  now,
}: {
  readonly lane: ProvingLane
  readonly rows: readonly Batch[]
  readonly deadlineMs: WatchRules['proving'][string]['deadlineMs']
  readonly now: Timestamp
}): readonly Past[] {
  const waits = rows.flatMap(waitedBefore).flatMap((batch) => {
    const findings = [
      batchLate({ batch, deadlineMs, isHeldUp: false, now }),
      batchRejected(batch),
      factLate({ batch, deadlineMs, now }),
      factWeak(batch),
      batchWaits(batch),
    ]
    return findings.map((finding) => ({ finding, at: batch.stateSince }))
  })
  const undone = rows.filter(isBehindUs).map((batch) => ({
    finding: settlementUndone(batch),
    at: undoneAt(batch),
  }))
  const lost = isPlannedAnew(lane) ? [{ finding: blocksLost(lane), at: lane.lost?.at }] : []
  return [...waits, ...undone, ...lost].flatMap(({ finding, at }) =>
    finding && at !== undefined && now - at <= newsMs ? [{ finding, at }] : [],
  )
}

/** Whether there are batches again after those whose blocks were lost. */
export function isPlannedAnew({ lost, tip }: ProvingLane): boolean {
  return lost !== undefined && tip !== undefined && tip.number > lost.to
}
