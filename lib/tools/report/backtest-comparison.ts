import type {
  BacktestResult,
  BacktestRun,
  Measures,
} from '../../domain/backtest/backtest-result.ts'
import { Decimal } from '../../domain/decimal.ts'
import { aboutRun, mostValues } from './backtest-page.ts'
import { backtestSections } from './backtest-sections.ts'
import { coarserResult } from './coarser.ts'
import { isKnown, type MeasureKind, measureKinds, measureText, valueText } from './measure-kinds.ts'
import type { Cell, Section, Table, Tone } from './parts.ts'
import { reportPage } from './report-page.ts'
import { numberText, percentText } from './words.ts'

/** A run and what people call it. */
export type NamedResult = { readonly name: string; readonly result: BacktestResult }

/** Two runs as one HTML file: what was changed, what it did, and every chart of both side by side on the same axes. */
export function backtestComparisonPage(one: NamedResult, other: NamedResult): string {
  const sections = (of: NamedResult, beside: NamedResult): readonly Section[] =>
    backtestSections(coarserResult(of.result, mostValues / 2), beside.result.curves)
  return reportPage({
    kind: 'Backtests compared',
    name: `${one.name} and ${other.name}`,
    about: [],
    sides: [
      { badge: 'A', name: [one.name, ...aboutRun(one.result)].join(', ') },
      { badge: 'B', name: [other.name, ...aboutRun(other.result)].join(', ') },
    ],
    sections: [
      differences(one.result, other.result),
      ...sideBySide(sections(one, other), sections(other, one)),
    ],
    from: Math.min(one.result.run.from, other.result.run.from),
    to: Math.max(one.result.run.to, other.result.run.to),
  })
}

/** Sections and parts that both have stand beside each other; what only one has stands at its place. */
function sideBySide(a: readonly Section[], b: readonly Section[]): readonly Section[] {
  const keys = [...new Set([...a, ...b].map(({ key }) => key))]
  return keys.flatMap((key) => {
    const own = a.find((section) => section.key === key)
    const others = b.find((section) => section.key === key)
    const first = own ?? others
    if (!first) return []
    const parts = [
      ...(own?.parts ?? []).map((part) => ({ ...part, side: 'A' })),
      ...(others?.parts ?? []).map((part) => ({ ...part, side: 'B' })),
    ]
    return [{ ...first, parts }]
  })
}

/** What was changed, and what it did to each number: of all markets, and of each. */
function differences(a: BacktestResult, b: BacktestResult): Section {
  const markets = a.markets.flatMap((market) => {
    const other = b.markets.find(({ feed }) => feed === market.feed)
    return other ? [{ feed: market.feed, a: market.measures, b: other.measures }] : []
  })
  return {
    key: 'differences',
    title: 'What was changed, and what it did',
    parts: [
      { key: 'changed', kind: 'table', table: changedTable(a.run, b.run) },
      { key: 'totals', kind: 'table', table: measuresTable('All markets', a.totals, b.totals) },
      ...markets.map(({ feed, a: own, b: others }) => ({
        key: `measures ${feed}`,
        kind: 'table' as const,
        table: { ...measuresTable(`${feed} alone`, own, others), folded: true },
      })),
    ],
  }
}

function changedTable(a: BacktestRun, b: BacktestRun): Table {
  const rows = changedSettings(a, b)
  return {
    title: 'Changed between A and B',
    columns: [{ name: 'Parameter or setting' }, { name: 'A' }, { name: 'B' }],
    rows,
    ...(rows.length === 0
      ? {
          note: 'Nothing: both runs were made with the same parameters, settings, data and program.',
        }
      : {}),
  }
}

/** Each thing that the two runs were not made with alike: its name, and what it was in each. */
export function changedSettings(
  a: BacktestRun,
  b: BacktestRun,
): readonly (readonly [name: string, a: string, b: string])[] {
  const [own, others] = [settingsOf(a), settingsOf(b)]
  // What somebody asked for comes first, whichever of the two it was for.
  const asked = [...a.changes, ...b.changes].map(({ path }) => path)
  return [...new Set([...asked, ...own.keys(), ...others.keys()])]
    .filter((name) => own.get(name) !== others.get(name))
    .map((name) => [name, own.get(name) ?? notSet, others.get(name) ?? notSet])
}

const notSet = 'not set'

/** All that a run depends on, by name. */
function settingsOf(run: BacktestRun): ReadonlyMap<string, string> {
  const { settings } = run
  const { crowd, ...numbers } = settings
  return new Map([
    ...run.changes.map(({ path, value }) => [path, value] as const),
    ...Object.entries(run.parameters.values),
    ['hash of the parameters', run.parameters.hash],
    ['network', run.network],
    ['version of the program', run.version],
    ['seed', String(run.seed)],
    ['from', new Date(run.from).toISOString()],
    ['to', new Date(run.to).toISOString()],
    ['everyMs', String(run.everyMs)],
    [
      'recordings',
      run.recordings.map(({ file, rows }) => `${file} (${numberText(rows, 0)} rows)`).join(', '),
    ],
    ...Object.entries(numbers).map(([name, value]) => [name, String(value)] as const),
    ...Object.entries(crowd).map(([name, value]) => [name, String(value)] as const),
  ])
}

function measuresTable(title: string, a: Measures, b: Measures): Table {
  return {
    title,
    columns: [
      { name: 'Measure' },
      { name: 'A', numeric: true },
      { name: 'B', numeric: true },
      { name: 'B less A', numeric: true },
      { name: 'Change', numeric: true },
    ],
    rows: measureKinds.map((kind) => [
      kind.name,
      measureText(kind, a),
      measureText(kind, b),
      ...changeCells(kind, a, b),
    ]),
  }
}

function changeCells(kind: MeasureKind, a: Measures, b: Measures): readonly Cell[] {
  if (!isKnown(kind, a) || !isKnown(kind, b)) return ['', '']
  const before = new Decimal(a[kind.key])
  const change = new Decimal(b[kind.key]).sub(before)
  if (change.isZero()) return ['–', '']
  const tone = toneOf(kind, change)
  const share = before.isZero()
    ? ''
    : signed(change, percentText(change.div(before).abs().toString()))
  const of = (text: string): Cell => (tone ? { text, tone } : text)
  return [of(signed(change, valueText(change.abs().toString(), kind.unit))), of(share)]
}

function toneOf({ better }: MeasureKind, change: Decimal): Tone | undefined {
  if (better === 'neither') return undefined
  return change.isNegative() === (better === 'less') ? 'ok' : 'critical'
}

function signed(change: Decimal, text: string): string {
  return `${change.isNegative() ? '−' : '+'}${text}`
}
