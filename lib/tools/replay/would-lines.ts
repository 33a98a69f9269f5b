import { table } from '../pnl-lines.ts'
import type { WouldPrice, WouldTally } from './would-tally.ts'

/** Of hundreds of accounts a line tells the first ones; `--json` has all. */
const toldAccounts = 12

/** What other parameters would have done, for people. */
export function wouldLines({
  counts,
  prices,
  pushes,
  accounts,
  undecidable,
}: WouldTally): readonly string[] {
  const outcomes = counts.flatMap(({ job, subject, outcomes: all }) =>
    Object.entries(all).map(([change, count]) => `  ${job} ${subject}: ${count} × ${change}`),
  )
  return [
    ...table([
      ['job', 'subject', 'slots', 'same', 'differ', 'undecidable'],
      ...counts.map((one) => [
        one.job,
        one.subject,
        ...[one.slots, one.same, one.differ, one.undecidable].map(String),
      ]),
    ]),
    ...under('slots that end otherwise:', outcomes),
    ...under('prices:', prices.map(priceLine)),
    ...under(
      'pushes, and what they would have been:',
      pushes.map(({ market, own, other }) => `  ${market}: ${own}, ${other}`),
    ),
    ...under('accounts liquidated or deleveraged:', accountLines(accounts)),
    ...under(
      'not decided again:',
      Object.entries(undecidable).map(([why, count]) => `  ${count} × ${why}`),
    ),
  ]
}

function under(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

function priceLine({ feed, slots, furthest, onlyOwn, onlyOther }: WouldPrice): string {
  return [
    `  ${feed}: otherwise in ${slots} slots`,
    ...(furthest ? [`at most ${furthest.bps} bps, at ${new Date(furthest.at).toISOString()}`] : []),
    ...Object.entries(onlyOwn).map(([why, count]) => `${count} without a price then (${why})`),
    ...Object.entries(onlyOther).map(([why, count]) => `${count} with one that had none (${why})`),
  ].join('; ')
}

function accountLines({
  own,
  other,
  onlyOwn,
  onlyOther,
}: WouldTally['accounts']): readonly string[] {
  if (own === 0 && other === 0) return []
  return [
    `  ${own} times, and would have been ${other}`,
    ...(onlyOwn.length > 0 ? [`  spared: ${some(onlyOwn)}`] : []),
    ...(onlyOther.length > 0 ? [`  beside them: ${some(onlyOther)}`] : []),
  ]
}

function some(ids: readonly string[]): string {
  const more = ids.length > toldAccounts ? [`${ids.length - toldAccounts} more`] : []
  return [...ids.slice(0, toldAccounts), ...more].join(', ')
}
