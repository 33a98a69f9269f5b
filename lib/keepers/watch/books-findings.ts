import type { Finding } from '../../domain/incident.ts'
import { booksBehind, fundLow, opportunitiesMissed } from '../../domain/liveness-books.ts'
import type { Measure } from '../../domain/measure.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { BooksSeen, WatchRules, WatchView } from './watch-view.ts'

/** Slots of `liquidate` after which what it saw is history. */
const currentSlots = 10

/** Insurance funds that are low, opportunities that others had, and books that do not follow. */
export function booksFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  const { now } = view
  return view.books.flatMap((seen) => {
    const { engine, fund, lately } = seen
    const { fundFloorUsd: floorUsd, fundDays: warnDays } = rules
    const low =
      fund && isCurrent(seen, view, rules)
        ? fundLow({ engine, ...fund, floorUsd, warnDays, now })
        : undefined
    const missed = opportunitiesMissed({ engine, ...lately, mostPercent: rules.missedPercent })
    return [low, missed, behind(seen, view, rules)].filter((found) => found !== undefined)
  })
}

function behind(seen: BooksSeen, view: WatchView, rules: WatchRules): Finding | undefined {
  const { engine, booked } = seen
  const wait = booked && waitOf(seen, view, rules)
  if (!booked || !wait) return undefined
  return booksBehind({ engine, blockAt: booked.blockAt, ...wait, limitMs: rules.booksBehindMs })
}

/** Since when what is not booked could have been; undefined where nothing is to be booked, or nobody can say. */
function waitOf(
  { engine, booked, waitsSince }: BooksSeen,
  { chains, now }: WatchView,
  rules: WatchRules,
): { readonly finalAt: Timestamp; readonly seenAt: Timestamp } | undefined {
  const place = rules.booked[engine]
  if (!place || !booked) return undefined
  if (place.finalMs === undefined) {
    const since = waitsSince?.kind === 'seen' ? waitsSince.value : undefined
    return since === undefined ? undefined : { finalAt: since, seenAt: now }
  }
  const head = chains[place.chain]
  if (head?.kind !== 'seen') return undefined
  return { finalAt: timestamp(booked.blockAt + place.finalMs), seenAt: head.value.time }
}

/** What only a slot of old speaks of, and the books of a chain or of batches that cannot be seen. */
export function unseenBooks(
  view: WatchView,
  rules: WatchRules,
): readonly Pick<Finding, 'rule' | 'subject'>[] {
  return Object.entries(rules.booked).flatMap(([subject, { chain, finalMs }]) => {
    const seen = view.books.find(({ engine }) => engine === subject)
    const head = finalMs === undefined ? seen?.waitsSince : view.chains[chain]
    const isHeadSeen = head?.kind === 'seen'
    const isInsured = seen === undefined || seen.fund !== undefined
    return [
      ...(isInsured && !(seen && isCurrent(seen, view, rules))
        ? [{ rule: 'fund-low', subject }]
        : []),
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
      ...measure('insurance-fund-days', fund?.lastsDays),
      ...measure('books-lag-s', booked && Math.max(0, now - booked.blockAt) / 1000),
    ]
  })
}
