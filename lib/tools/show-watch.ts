import { StoreUnavailableError } from '../adapters/store/unavailable.ts'
import { timestamp } from '../domain/time.ts'
import type { Notice, Notify } from '../keepers/notice.ts'
import { type IncidentView, incidentsView } from '../runtime/view/incidents-view.ts'
import { collectProblems } from '../runtime/view/problems.ts'
import { type WatchedView, watchedView } from '../runtime/view/watched-view.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import { readNetwork } from './read-network.ts'
import { stopSignals } from './stop-signals.ts'
import { type WatchDisplay, watchDisplay } from './watch-display.ts'
import type { WatchOptions } from './watch.ts'
import { incidentsOf } from './watched-lines.ts'
import { type WatchedSource, watchedSource } from './watched-source.ts'

/** All watched systems at one time. */
export type WatchedNow = {
  readonly at: number
  readonly systems: readonly WatchedView[]
  /** Not resolved; some may be about nothing that is watched. */
  readonly incidents: readonly IncidentView[]
  /** What could not be shown, or did not work. */
  readonly troubles: readonly string[]
}

/** Shows watched systems, once or until stopped, and answers the exit code. */
export async function showWatch(file: string, options: WatchOptions): Promise<number> {
  const { network, directory } = await readNetwork(file)
  const { signal, cutOff, release } = stopSignals()
  await using ending = new AsyncDisposableStack()
  ending.defer(release)
  const source = await watchedSource({ network, directory, clock: wallClock, cutOff })
  ending.defer(async () => source.close())
  const seen = observer(source)
  const display = watchDisplay(source, options)
  ending.defer(() => display.close())
  if (!options.once) {
    await untilStopped(source, { seen, display, signal })
    return 0
  }
  await source.look(seen.notify, signal)
  const now = await seen.now()
  display.show(now)
  return isCritical(now) ? 1 : 0
}

type Observer = {
  readonly notify: Notify
  readonly now: () => Promise<WatchedNow>
}

function observer({ network, store }: WatchedSource): Observer {
  let troubles: readonly string[] = []
  let last: WatchedNow = { at: wallClock.now(), systems: [], incidents: [], troubles: [] }
  return {
    notify(notice) {
      // Of the newest look only.
      if (notice.kind === 'planned') troubles = []
      const trouble = troubleOf(notice)
      if (trouble !== undefined) troubles = [...troubles, trouble].slice(-mostTroubles)
    },
    async now() {
      const problems = collectProblems()
      const look = { network, store: store(), now: wallClock.now(), problems }
      try {
        const [systems, { open }] = await Promise.all([watchedView(look), incidentsView(look)])
        const found = problems.found.map(({ where, problem }) => `${where}: ${problem}`)
        last = { at: look.now, systems, incidents: open, troubles: [...troubles, ...found] }
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error
        last = { ...last, at: look.now, troubles: [error.message] }
      }
      return last
    },
  }
}

/** Kept for the foot of the table. */
const mostTroubles = 5

function troubleOf(notice: Notice): string | undefined {
  if (notice.kind === 'trouble') return `${notice.where}: ${notice.message}`
  if (notice.kind !== 'tick' || notice.outcome.kind === 'done') return undefined
  const { job, outcome } = notice
  return `${job.job} ${job.subject}: ${outcome.reason} ${outcome.detail}`.trim()
}

function isCritical({ systems, incidents }: WatchedNow): boolean {
  return systems.some(({ system }) =>
    incidentsOf(system, incidents).some(({ severity }) => severity === 'critical'),
  )
}

type Showing = {
  readonly seen: Observer
  readonly display: WatchDisplay
  readonly signal: AbortSignal
}

async function untilStopped(source: WatchedSource, showing: Showing): Promise<void> {
  const { seen, display, signal } = showing
  const redrawing = display.isLive ? redraw(showing) : undefined
  while (!signal.aborted) {
    await source.look(seen.notify, signal)
    if (!signal.aborted) display.show(await seen.now())
    const now = wallClock.now()
    // Slots begin at whole multiples of their length.
    const next = timestamp(Math.ceil((now + 1) / source.everyMs) * source.everyMs)
    await wallClock.sleep(next - now, signal)
  }
  await redrawing
}

const redrawMs = 1_000

/** Ages grow between looks too. */
async function redraw({ seen, display, signal }: Showing): Promise<void> {
  while (!signal.aborted) {
    await wallClock.sleep(redrawMs, signal)
    if (!signal.aborted) display.show(await seen.now())
  }
}
