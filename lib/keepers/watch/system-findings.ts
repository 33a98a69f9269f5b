import type { Finding } from '../../domain/incident.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import { blocksEmpty } from '../../domain/watch/blocks-empty.ts'
import { isCurrent, systemFindings, unseenOf } from '../../domain/watch/system-findings.ts'
import type { SystemMemory } from '../../domain/watch/system-memory.ts'
import type { WatchRules, WatchView } from './watch-view.ts'

/** What is wrong with systems that are only watched, by what is remembered of them. */
export function watchedFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  return view.systems.flatMap((memory) => {
    const own = ruled(memory, rules)
    if (!own) return []
    return [
      ...systemFindings(memory, { now: view.now, rules: own }),
      ...emptyBlocks(view, memory, rules),
    ]
  })
}

export function unseenWatched(
  { systems, open, now }: WatchView,
  rules: WatchRules,
): readonly Pick<Finding, 'rule' | 'subject'>[] {
  return systems.flatMap((memory) => {
    const own = ruled(memory, rules)
    if (!own) return []
    if (isCurrent(memory, { now, rules: own })) return unseenOf(memory)
    return open.filter(({ subject }) => subject.startsWith(`${memory.system}:`))
  })
}

function ruled({ system }: SystemMemory, { systems }: WatchRules) {
  return Object.hasOwn(systems, system) ? systems[system] : undefined
}

/** On those of its chains that are ours too: only there do we know of anybody who waits. */
function emptyBlocks(view: WatchView, memory: SystemMemory, rules: WatchRules): readonly Finding[] {
  const own = ruled(memory, rules)
  return Object.entries(own?.ownChains ?? {}).flatMap(([part, chain]) => {
    const seen = Object.hasOwn(memory.chains, part) ? memory.chains[part] : undefined
    const waitingSince = oldestWaiting(view, chain)
    if (!own || seen?.emptySince === undefined || waitingSince === undefined) return []
    const { emptySince } = seen
    const { now } = view
    return blocksEmpty({ chain, emptySince, waitingSince, now, numbers: own.numbers }) ?? []
  })
}

/** Since when our oldest transaction on a chain has waited for a block. */
function oldestWaiting({ lanes }: WatchView, chain: string): Timestamp | undefined {
  const times = lanes.flatMap(({ id, lane }) =>
    id.startsWith(`${chain}/`)
      ? (lane?.inFlight ?? []).flatMap(({ state, attempts: [first] }) =>
          state === 'included' || !first ? [] : (first.sentAt ?? first.signedAt),
        )
      : [],
  )
  return times.length === 0 ? undefined : timestamp(Math.min(...times))
}
