import type { FeedView } from './feeds-view.ts'
import type { IncidentView } from './incidents-view.ts'
import type { JobView } from './jobs-view.ts'
import type { ViewProblem } from './problems.ts'

/** The network in one word and one line. */
export type Overall = {
  readonly state: 'ok' | 'warning' | 'critical'
  /** `All is well`, or everything that is not: `2 incidents, 1 market without a price`. */
  readonly text: string
}

export function overall(look: {
  readonly feeds: readonly FeedView[]
  /** Not resolved; only those that opened count. */
  readonly incidents: readonly IncidentView[]
  readonly jobs: readonly JobView[]
  readonly problems: readonly ViewProblem[]
}): Overall {
  const open = look.incidents.filter(({ state }) => state === 'open')
  const priceless = look.feeds.filter(({ role, mark, nodes }) => {
    // A feed that no node speaks of is a deployment without oracles, or one that has just begun: the jobs tell.
    return role === 'market' && nodes.length > 0 && (mark.kind === 'none' || mark.stale)
  })
  const silent = look.jobs.filter((job) => job.silent)
  const wrong = [
    counted(open.length, 'incident'),
    counted(priceless.length, 'market', ' without a fresh price'),
    silent.length > 0 &&
      `no recent run of ${[...new Set(silent.map(({ job }) => job))].join(', ')}`,
    counted(look.problems.length, 'part', ' cannot be shown'),
  ].filter((text) => text !== false)
  if (wrong.length === 0) return { state: 'ok', text: 'All is well' }
  const isCritical = open.some(({ severity }) => severity === 'critical')
  return { state: isCritical ? 'critical' : 'warning', text: wrong.join(', ') }
}

function counted(count: number, what: string, rest = ''): string | false {
  return count > 0 && `${count} ${what}${count === 1 ? '' : 's'}${rest}`
}
