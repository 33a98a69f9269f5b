import type { Finding } from '../../domain/incident.ts'
import { historyMissing, historyUnpacked } from '../../domain/liveness-history.ts'
import type { WatchRules, WatchView } from './watch-view.ts'

/** Slots that were done and not kept, and history that is not packed. */
export function historyFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  const { now, kept, unpacked } = view
  const missing = kept.flatMap((seen) => historyMissing(seen) ?? [])
  if (!rules.packs) return missing
  const late = unpacked.flatMap(
    ({ keeper: job, subject, oldestAt }) =>
      historyUnpacked({ job, subject, oldestAt, now, limitMs: rules.historyUnpackedMs }) ?? [],
  )
  return [...missing, ...late]
}
