import { settledBefore } from '../domain/history/packing-times.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Clock, HistorySubject, Store } from '../ports.ts'
import type { Decision, Keeper, KeeperSlot } from './keeper.ts'
import { messageOf } from './message-of.ts'

export type PackView = {
  readonly now: Timestamp
  readonly subjects: readonly (HistorySubject & {
    /** When the oldest slot was decided that is in no file; undefined where all are. */
    readonly oldestAt: Timestamp | undefined
  })[]
}

type World = { readonly clock: Clock; readonly store: Pick<Store, 'history'> }

/** Packs what was kept of slots into files, once their hour is over. */
export function packHistory({ clock, store: { history } }: World): Keeper<PackView> {
  return {
    job: 'pack-history',
    async observe() {
      const subjects = []
      for (const { keeper, subject } of await history.subjects()) {
        const oldestAt = await history.oldestUnpacked(keeper, subject)
        subjects.push({ keeper, subject, oldestAt })
      }
      return { now: clock.now(), subjects }
    },
    settings: {},
    decide: decidePacking,
    recorded: (view) => view,
  }
}

/** Those that are the furthest behind first: a slot may not be long enough for all. */
export function decidePacking({ now, subjects }: PackView): Decision {
  const before = settledBefore(now)
  const due = subjects
    .flatMap(({ keeper, subject, oldestAt }) =>
      oldestAt !== undefined && oldestAt < before ? [{ keeper, subject, oldestAt }] : [],
    )
    .toSorted((one, other) => one.oldestAt - other.oldestAt)
  const [first] = due
  if (!first)
    return {
      actions: [],
      outcome: { kind: 'done', reason: 'nothing-due', detail: '' },
      recorded: {},
    }
  const since = new Date(first.oldestAt).toISOString()
  return {
    actions: [
      { kind: 'pack-history', due: due.map(({ keeper, subject }) => ({ keeper, subject })) },
    ],
    outcome: {
      kind: 'done',
      reason: 'packed',
      detail: `of ${due.length} of ${subjects.length} keepers and subjects, from ${since} on`,
    },
    recorded: { due },
  }
}

/** A file of a large network takes so long; none is begun that could not be ended. */
const fileMs = 20_000

/** One after the other, while there is time. What fails keeps no other from its turn; the slot fails in the end. */
export async function performPacking(
  { clock, store: { history } }: World,
  due: readonly HistorySubject[],
  { until, signal }: Pick<KeeperSlot, 'until' | 'signal'>,
): Promise<void> {
  const troubles: string[] = []
  const isTime = (): boolean => clock.now() < until - fileMs && signal?.aborted !== true
  for (const { keeper, subject } of due) {
    try {
      while (isTime() && (await history.pack(keeper, subject)));
    } catch (error) {
      troubles.push(`${keeper} ${subject}: ${messageOf(error)}`)
    }
  }
  if (troubles.length > 0) throw new NotPackedError(troubles)
}

/** Some of the history is not packed yet; its rows stay. */
class NotPackedError extends Error {
  override readonly name = 'NotPackedError'

  constructor(troubles: readonly string[]) {
    super(`history was not packed: ${troubles.join('; ')}`)
  }
}
