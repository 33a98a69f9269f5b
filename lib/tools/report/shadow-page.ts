import { setName } from '../../domain/parameters/parameter-set.ts'
import type { Compared, ShadowMarket, ShadowReport } from '../../domain/parameters/shadow-report.ts'
import { packed } from './packed.ts'
import type { Cell, Curve, Figure, Part, Section, Table } from './parts.ts'
import { reportPage } from './report-page.ts'
import { shadowTotals } from './shadow-totals.ts'
import { timeChart } from './time-chart.ts'
import { bpsText, countText, lastingText, numberText, priceText, timeText } from './words.ts'

/** What a candidate would have done otherwise, as one HTML file that needs nothing else. */
export function shadowReportPage(report: ShadowReport): string {
  const { network, candidate, active, proposed, from, to, slots } = report
  return reportPage({
    kind: 'Shadow report',
    name: setName(candidate),
    about: [
      `network ${network}`,
      `against ${setName(active)}`,
      `${timeText(from)} to ${timeText(to)} UTC, ${lastingText(to - from)}`,
      countText(slots.compared, 'slot'),
      `proposed by ${proposed.by} at ${timeText(proposed.at)}: ${proposed.why}`,
    ],
    sides: [],
    sections: [
      totalsSection(report),
      ...report.markets.map(marketSection),
      differencesSection(report),
    ],
    from,
    to,
  })
}

function totalsSection(report: ShadowReport): Section {
  const { slots, changes, markets, liquidations } = report
  const worst = markets.flatMap((market) =>
    market.worst ? [{ ...market.worst, market: market.market }] : [],
  )
  const furthest = worst.toSorted((one, other) => Math.abs(other.bps) - Math.abs(one.bps))[0]
  const figures: readonly Figure[] = [
    {
      name: 'Slots that differ',
      value: numberText(slots.differ, 0),
      note: `of ${numberText(slots.compared, 0)} compared`,
      tone: slots.differ === 0 ? 'ok' : 'warning',
    },
    {
      name: 'Furthest price',
      value: furthest ? bpsText(furthest.bps) : 'none',
      ...(furthest ? { note: `${furthest.market} at ${timeText(furthest.at)}` } : {}),
    },
    {
      name: 'Could not decide',
      value: countText(slots.failed, 'slot'),
      tone: slots.failed === 0 ? 'ok' : 'critical',
    },
    {
      name: 'Time to decide',
      value: lastingText(slots.candidateMs),
      note: `the active set took ${lastingText(slots.activeMs)}`,
    },
  ]
  return {
    key: 'totals',
    title: 'What would have been otherwise',
    parts: [
      { key: 'figures', kind: 'figures', figures },
      { key: 'changes', kind: 'table', table: changesTable(changes) },
      { key: 'sums', kind: 'table', table: sumsTable(report) },
      { key: 'markets', kind: 'table', table: marketsTable(markets) },
      ...accountsParts(liquidations),
    ],
  }
}

function changesTable(changes: ShadowReport['changes']): Table {
  return {
    title: 'Parameters',
    columns: [
      { name: 'Parameter' },
      { name: 'Active', numeric: true },
      { name: 'Candidate', numeric: true },
      { name: 'Unit' },
    ],
    rows: changes.map(({ path, active, candidate, unit }) => [path, active, candidate, unit]),
  }
}

function sumsTable(report: ShadowReport): Table {
  return {
    title: 'Both sets in numbers',
    columns: [
      { name: 'What' },
      { name: 'Active', numeric: true },
      { name: 'Candidate', numeric: true },
    ],
    rows: shadowTotals(report).map(({ name, active, candidate }): readonly Cell[] => [
      name,
      active,
      active === candidate ? candidate : { text: candidate, tone: 'warning' },
    ]),
  }
}

function marketsTable(markets: readonly ShadowMarket[]): Table {
  return {
    title: 'Markets',
    columns: [
      { name: 'Market' },
      { name: 'Slots that differ', numeric: true },
      { name: 'Median', numeric: true },
      { name: 'Furthest', numeric: true },
      { name: 'When' },
      { name: 'Pushes', numeric: true },
      { name: 'Candidate’s', numeric: true },
    ],
    rows: markets.map((one): readonly Cell[] => [
      one.market,
      `${numberText(one.differ, 0)} of ${numberText(one.compared, 0)}`,
      one.medianBps === null ? '' : bpsText(one.medianBps),
      one.worst ? bpsText(one.worst.bps) : '',
      one.worst ? { text: timeText(one.worst.at), from: one.worst.at, to: one.worst.at } : '',
      numberText(one.pushes.active.count, 0),
      numberText(one.pushes.candidate.count, 0),
    ]),
  }
}

function accountsParts({ active, candidate }: ShadowReport['liquidations']): readonly Part[] {
  const [own, others] = [new Set(active.accounts), new Set(candidate.accounts)]
  const all = [...own.union(others)]
  if (all.length === 0) return []
  return [
    {
      key: 'accounts',
      kind: 'table',
      table: {
        title: 'Accounts that were, or would have been, liquidated',
        columns: [{ name: 'Account' }, { name: 'Active' }, { name: 'Candidate' }],
        rows: all.map((account): readonly Cell[] => {
          const [is, would] = [own.has(account), others.has(account)]
          return [
            account,
            yes(is),
            is === would ? yes(would) : { text: yes(would), tone: 'warning' },
          ]
        }),
        folded: all.length > 12,
      },
    },
  ]
}

function yes(isIn: boolean): string {
  return isIn ? 'yes' : 'no'
}

function marketSection({ market, course, medianBps, worst, refusals }: ShadowMarket): Section {
  const { at, price, deviationBps, pushes } = course
  const apart =
    worst && medianBps !== null
      ? `median ${bpsText(medianBps)}, furthest ${bpsText(worst.bps)} at ${timeText(worst.at)}`
      : 'no price of both'
  return {
    key: `market ${market}`,
    title: market,
    market,
    parts: [
      timeChart({
        key: 'price',
        of: market,
        title: `${market}: price of both sets, USD`,
        summary: `at the end ${lastPrice(price.active)} with the active set, ${lastPrice(price.candidate)} with the candidate`,
        at,
        unit: 'price',
        curves: bothCurves('line', price),
      }),
      timeChart({
        key: 'apart',
        of: market,
        title: `${market}: the candidate’s price from the active one’s, bps`,
        summary: apart,
        at,
        unit: 'bps',
        curves: [{ name: 'candidate', role: 'posted', look: 'line', values: packed(deviationBps) }],
      }),
      timeChart({
        key: 'pushes',
        of: market,
        title: `${market}: pushes`,
        summary: `${totalText(pushes.active)} by the active set, ${totalText(pushes.candidate)} by the candidate`,
        at,
        unit: '',
        curves: bothCurves('steps', pushes),
      }),
      ...refusalParts(market, refusals),
    ],
  }
}

function bothCurves(
  look: Curve['look'],
  { active, candidate }: Compared<readonly (number | null)[]>,
): readonly Curve[] {
  return [
    { name: 'active', role: 'main', look, values: packed(active) },
    { name: 'candidate', role: 'posted', look, values: packed(candidate) },
  ]
}

function lastPrice(prices: readonly (number | null)[]): string {
  const price = prices.at(-1) ?? null
  return price === null ? 'none' : priceText(price)
}

function totalText(counts: readonly number[]): string {
  return numberText(
    counts.reduce((sum, count) => sum + count, 0),
    0,
  )
}

function refusalParts(
  market: string,
  { active, candidate }: ShadowMarket['refusals'],
): readonly Part[] {
  const reasons = [...new Set([...Object.keys(active), ...Object.keys(candidate)])]
  if (reasons.length === 0) return []
  return [
    {
      key: 'refusals',
      kind: 'table',
      table: {
        title: `${market}: slots without a price`,
        columns: [
          { name: 'Why' },
          { name: 'Active', numeric: true },
          { name: 'Candidate', numeric: true },
        ],
        rows: reasons.map((reason) => [
          reason.replaceAll('-', ' '),
          numberText(active[reason] ?? 0, 0),
          numberText(candidate[reason] ?? 0, 0),
        ]),
      },
    },
  ]
}

function differencesSection({ differences, slots }: ShadowReport): Section {
  const parts: readonly Part[] =
    differences.length === 0
      ? [{ key: 'none', kind: 'words', text: 'Both sets decided the same in every slot.' }]
      : [{ key: 'differences', kind: 'table', table: differencesTable(differences) }]
  return {
    key: 'differences',
    title: 'The first differences',
    ...(differences.length > 0
      ? {
          note: `In ${countText(slots.differ, 'slot')} of ${numberText(slots.compared, 0)} the two differ.`,
        }
      : {}),
    parts,
  }
}

function differencesTable(differences: ShadowReport['differences']): Table {
  return {
    title: 'What differs, in the order of time',
    columns: [
      { name: 'Time' },
      { name: 'Slot', numeric: true },
      { name: 'Job' },
      { name: 'Of' },
      { name: 'Active' },
      { name: 'Candidate' },
    ],
    rows: differences.map(({ at, slot, job, subject, active, candidate }): readonly Cell[] => [
      { text: timeText(at), from: at, to: at },
      String(slot),
      job,
      subject,
      active,
      candidate,
    ]),
  }
}
