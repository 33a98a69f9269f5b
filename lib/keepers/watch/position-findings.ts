import type { Finding } from '../../domain/incident.ts'
import { positionsApart, positionsUnchecked } from '../../domain/liveness-positions.ts'
import type { PositionsSeen, WatchRules, WatchView } from './watch-view.ts'

/** Slots after which a look is history. */
const currentSlots = 6

/** Accounts that were corrected lately, those that still cannot be told, and exchanges where nothing can be compared. */
export function positionFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  return [...currentLooks(view, rules)].flatMap(([engine, looks]) => [
    ...(apartIn(engine, looks) ?? []),
    ...(uncheckedIn(engine, looks) ?? []),
  ])
}

function apartIn(engine: string, looks: readonly PositionsSeen[]): readonly Finding[] | undefined {
  const [newest] = looks
  if (!newest) return undefined
  // What is in doubt was told as apart too, where that was found in the same looks.
  const corrected = looks.flatMap(({ apart }) => apart.first)
  const known = new Set(corrected.map(({ of }) => of))
  const standing = newest.doubts.first.filter(({ of }) => !known.has(of))
  const finding = positionsApart({
    engine,
    count: standing.length + looks.reduce((sum, { apart }) => sum + apart.count, 0),
    first: [...standing, ...corrected],
    compared: looks.reduce((sum, { compared }) => sum + compared, 0),
    since: newest.at,
  })
  return finding && [finding]
}

/** One slot that was stopped is nothing: where none got through, nobody is compared. */
function uncheckedIn(
  engine: string,
  looks: readonly PositionsSeen[],
): readonly Finding[] | undefined {
  const reason = looks[0]?.stopped
  const since = looks.at(-1)?.at
  if (reason === undefined || since === undefined) return undefined
  if (looks.some(({ stopped }) => stopped === undefined)) return undefined
  return [positionsUnchecked({ engine, reason, since })]
}

/** Where nobody looks at an exchange's accounts, nothing of them is known. */
export function unseenPositions(
  view: WatchView,
  rules: WatchRules,
): readonly Pick<Finding, 'rule' | 'subject'>[] {
  const seen = currentLooks(view, rules)
  const engines = new Set(view.positions.map(({ engine }) => engine))
  return [...engines].flatMap((subject) =>
    seen.has(subject)
      ? []
      : [
          { rule: 'positions-apart', subject },
          { rule: 'positions-unchecked', subject },
        ],
  )
}

/** Of each exchange the looks that are not of old. */
function currentLooks(
  { positions, now }: WatchView,
  rules: WatchRules,
): ReadonlyMap<string, readonly PositionsSeen[]> {
  const slotMs = (rules.everySeconds['index-positions'] ?? 0) * 1000
  const current = positions.filter(({ at }) => now - at <= slotMs * currentSlots)
  return Map.groupBy(current, ({ engine }) => engine)
}
