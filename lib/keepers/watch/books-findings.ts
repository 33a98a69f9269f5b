import type { Finding } from '../../domain/incident.ts'
import { booksBehind, fundLow, opportunitiesMissed } from '../../domain/liveness-books.ts'
import type { Measure } from '../../domain/measure.ts'
import type { BooksSeen, WatchRules, WatchView } from './watch-view.ts'

/** Slots of `liquidate` after which what it saw is history. */
const currentSlots = 10

/** Insurance funds that are low, opportunities that others had, and books that do not follow. */
export function booksFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  const { now } = view
  return view.books.flatMap((seen) => {
    const { engine, fund, lately } = seen
    const low = isCurrent(seen, view, rules)
      ? fundLow({ engine, ...fund, floorUsd: rules.fundFloorUsd, warnDays: rules.fundDays, now })
      : undefined
    const missed = opportunitiesMissed({ engine, ...lately, mostPercent: rules.missedPercent })
    return [low, missed, behind(seen, view, rules)].filter((found) => found !== undefined)
  })
}

function behind(
  { engine, booked }: BooksSeen,
  { chains }: WatchView,
  rules: WatchRules,
): Finding | undefined {
  const place = rules.booked[engine]
  const head = place && chains[place.chain]
  if (!booked || !place || head?.kind !== 'seen') return undefined
  const { blockAt } = booked
  const { finalMs } = place
  const limitMs = rules.booksBehindMs
  return booksBehind({ engine, blockAt, headAt: head.value.time, finalMs, limitMs })
}

/** What only a slot of old speaks of, and the books of a chain that cannot be seen. */
export function unseenBooks(
  view: WatchView,
  rules: WatchRules,
): readonly Pick<Finding, 'rule' | 'subject'>[] {
  return Object.entries(rules.booked).flatMap(([subject, { chain }]) => {
    const seen = view.books.find(({ engine }) => engine === subject)
    const isHeadSeen = view.chains[chain]?.kind === 'seen'
    return [
      ...(seen && isCurrent(seen, view, rules) ? [] : [{ rule: 'fund-low', subject }]),
      ...(seen ? [] : [{ rule: 'opportunities-missed', subject }]),
      ...(seen?.booked && isHeadSeen ? [] : [{ rule: 'books-behind', subject }]),
    ]
  })
}

/** An exchange without accounts insures nobody. */
function isCurrent({ slot }: BooksSeen, { now }: WatchView, rules: WatchRules): boolean {
  const slotMs = (rules.everySeconds['liquidate'] ?? 0) * 1000
  return slot !== undefined && now - slot.at <= slotMs * currentSlots && (slot.accounts ?? 0) > 0
}

/** What is drawn of every exchange on which accounts are liquidated here. */
export function booksMeasures({ books, now }: WatchView): readonly Measure[] {
  return books.flatMap(({ engine, slot, fund, booked }) => {
    const measure = (name: string, value: number | undefined): readonly Measure[] =>
      value === undefined ? [] : [{ name, of: { engine }, value }]
    return [
      ...measure('accounts-indexed', slot?.accounts),
      ...measure('candidates', slot?.candidates),
      ...measure('liquidatable', slot?.liquidatable),
      ...measure('bankrupt', slot?.bankrupt),
      ...measure('in-flight', slot?.inFlight),
      ...measure('insurance-fund-days', fund.lastsDays),
      ...measure('books-lag-s', booked && Math.max(0, now - booked.blockAt) / 1000),
    ]
  })
}
