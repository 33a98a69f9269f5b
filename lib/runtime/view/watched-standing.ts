import type { IncidentView } from './incidents-view.ts'
import type { WatchedView } from './watched-view.ts'

/** A watched system in one word, and why. */
export type WatchedStanding = {
  /** By the worst open alert of it; `unknown` while nobody has looked, or not lately. */
  readonly state: 'up' | 'warning' | 'critical' | 'unknown'
  /** The worst alert's own words, or why nothing is known; empty where it is up. */
  readonly why: string
  /** Open alerts of it, those included that another one explains. */
  readonly alerts: number
}

/** Each system with how it stands by open alerts: its own, and others that explain something of it. */
export function withStanding(
  watched: readonly WatchedView[],
  incidents: readonly IncidentView[],
): readonly (WatchedView & WatchedStanding)[] {
  const open = incidents.filter(({ state }) => state === 'open')
  return watched.map((view) => ({ ...view, ...standingOf(view, open) }))
}

function standingOf(
  { system, lookedAt, current }: WatchedView,
  open: readonly IncidentView[],
): WatchedStanding {
  const isOwn = ({ subject }: { readonly subject: string }) => subject.startsWith(`${system}:`)
  const own = open.filter(
    (one) => one.severity !== 'info' && (isOwn(one) || one.symptoms.some(isOwn)),
  )
  const alerts = own.length
  const worst = own.find(({ severity }) => severity === 'critical') ?? own[0]
  if (worst?.severity === 'critical') return { state: 'critical', why: worst.summary, alerts }
  if (lookedAt === undefined) return { state: 'unknown', why: 'nobody has looked yet', alerts }
  if (!current) return { state: 'unknown', why: 'nobody has looked lately', alerts }
  return worst ? { state: 'warning', why: worst.summary, alerts } : { state: 'up', why: '', alerts }
}
