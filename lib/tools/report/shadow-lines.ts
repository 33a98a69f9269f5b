import { setName } from '../../domain/parameters/parameter-set.ts'
import type { ShadowReport } from '../../domain/parameters/shadow-report.ts'
import { table } from '../pnl-lines.ts'
import { shadowTotals } from './shadow-totals.ts'
import { bpsText, countText, lastingText, numberText, timeText } from './words.ts'

/** As many differences as a terminal has room for; the page and the JSON have all. */
const mostDifferences = 10

/** What a candidate would have done otherwise, for a terminal. */
export function shadowReportLines(report: ShadowReport): readonly string[] {
  const { candidate, active, proposed, from, to, changes, slots, markets, differences } = report
  const share =
    slots.activeMs === 0
      ? ''
      : ` (${numberText((slots.candidateMs / slots.activeMs) * 100, 0)} % of the active set’s time)`
  return [
    `${setName(candidate)} in shadow of ${setName(active)}: ${countText(slots.compared, 'slot')}, ${timeText(from)} to ${timeText(to)} UTC`,
    `proposed by ${proposed.by}: ${proposed.why}`,
    ...changes.map(({ path, active: own, candidate: other, unit }) =>
      `  ${path}: ${own} → ${other} ${unit}`.trimEnd(),
    ),
    '',
    `${countText(slots.differ, 'slot')} of ${numberText(slots.compared, 0)} differ; the candidate could not decide ${countText(slots.failed, 'slot')}; it took ${lastingText(slots.candidateMs)}${share}`,
    '',
    ...table([
      ['', 'active', 'candidate'],
      ...shadowTotals(report).map(({ name, active: own, candidate: other }) => [name, own, other]),
    ]),
    '',
    ...table([
      ['market', 'differ', 'median', 'furthest', 'at'],
      ...markets.map(({ market, differ, compared, medianBps, worst }) => [
        market,
        `${numberText(differ, 0)} of ${numberText(compared, 0)}`,
        medianBps === null ? '-' : bpsText(medianBps),
        worst ? bpsText(worst.bps) : '-',
        worst ? timeText(worst.at) : '-',
      ]),
    ]),
    ...(differences.length === 0 ? [] : ['', 'the first differences:']),
    ...differences
      .slice(0, mostDifferences)
      .map(
        ({ at, job, subject, active: own, candidate: other }) =>
          `${timeText(at)}  ${job} ${subject}: ${own} → ${other}`,
      ),
  ]
}
