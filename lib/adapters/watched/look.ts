import type { LookedBefore, SightPart, SystemSight } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import { PlacesDisagreeError } from './ask-places.ts'

/** What one part of a look showed. */
export type Seen = Partial<Omit<SystemSight, 'at'>>

/** One part of a look. `see` may throw: then all of `parts` are unseen. */
export type Glance = {
  readonly parts: readonly SightPart[]
  readonly see: () => Promise<Seen>
}

/** A system each of whose looks asks for all of its parts at once. */
export function watchedAtOnce<Options extends { readonly name: string; readonly clock: Clock }>(
  options: Options,
  glancesOf: (options: Options, before: LookedBefore, signal: AbortSignal) => readonly Glance[],
): WatchedSystem {
  const { name, clock } = options
  return {
    name,
    look: async (before, until) =>
      lookAtOnce({ clock, before, until, glances: (signal) => glancesOf(options, before, signal) }),
  }
}

/**
 * All parts of a look at once, none of them waited for after `until`. Never throws: a part that fails or is late is named among
 * the unseen, and what the cursor says of it stays as it was.
 */
export async function lookAtOnce({
  clock,
  before,
  until,
  glances,
}: {
  readonly clock: Clock
  readonly before: LookedBefore
  readonly until: SystemSight['at']
  /** After `signal` nobody waits for an answer. */
  readonly glances: (signal: AbortSignal) => readonly Glance[]
}): Promise<SystemSight> {
  const at = clock.now()
  const late = new AbortController()
  const finished = new AbortController()
  const isLate = new Promise<never>((_, reject) => {
    late.signal.addEventListener('abort', () => reject(new LookTooLongError()))
  })
  // Whoever races against it tells of it.
  isLate.catch(() => undefined)
  void clock.sleep(Math.max(0, until - at), finished.signal).then(() => late.abort())
  const seen = await Promise.all(
    glances(late.signal).map(async ({ parts, see }) => {
      try {
        return await Promise.race([see(), isLate])
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'no reason'
        const apart = error instanceof PlacesDisagreeError ? { apart: error.chain } : {}
        return { unseen: parts.map((part) => ({ part, reason, ...apart })) }
      }
    }),
  )
  finished.abort()
  return together(at, before, seen)
}

function together(at: SystemSight['at'], before: LookedBefore, seen: readonly Seen[]): SystemSight {
  const finality = seen.findLast((one) => one.finality !== undefined)?.finality
  return {
    at,
    heads: seen.flatMap(({ heads = [] }) => heads),
    progress: seen.flatMap(({ progress = [] }) => progress),
    deadlines: seen.flatMap(({ deadlines = [] }) => deadlines),
    settings: Object.assign({}, ...seen.map(({ settings }) => settings)) as SystemSight['settings'],
    levels: seen.flatMap(({ levels = [] }) => levels),
    changes: seen.flatMap(({ changes = [] }) => changes),
    marks: seen.flatMap(({ marks = [] }) => marks),
    ...(finality && { finality }),
    unseen: seen.flatMap(({ unseen = [] }) => unseen),
    cursor: Object.assign(
      {},
      before.cursor,
      ...seen.map(({ cursor }) => cursor),
    ) as SystemSight['cursor'],
  }
}

/** A promise that several parts wait for: each of them tells of its trouble, so that it is never without a listener. */
export function shared<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

/** A look had no time left. */
export class LookTooLongError extends Error {
  override readonly name = 'LookTooLongError'

  constructor() {
    super('not seen by the time at which the look had to end')
  }
}
