import { join } from 'node:path'

import type {
  BacktestResult,
  FeedCourse,
  Measures,
  RecordingUsed,
} from '../../domain/backtest/backtest-result.ts'
import { Decimal } from '../../domain/decimal.ts'
import { table } from '../pnl-lines.ts'

/** What a run came to, for a terminal. */
export function backtestLines(
  { run, markets, totals }: BacktestResult,
  folder: string,
): readonly string[] {
  const gaps = run.recordings.reduce((sum, { gaps: { all } }) => sum + all, 0)
  const unused = run.recordings.flatMap((recording) => recording.unused)
  const rows = markets.map(({ feed, measures }) => cells(feed, measures))
  return [
    `${run.rounds} rounds of ${run.everyMs / 1_000} s, ${new Date(run.from).toISOString()} to ${new Date(run.to).toISOString()}, seed ${run.seed}`,
    ...(gaps > 0
      ? [`${gaps} gaps in the recordings; result.json lists the longest with their lines`]
      : []),
    ...run.recordings.flatMap(crossedLine),
    ...(run.settings.funding.startsWith('none: an epoch')
      ? [`no funding is settled: ${run.settings.funding.slice('none: '.length)}`]
      : []),
    ...(unused.length > 0 ? [`no feed asks for ${shortList(unused)}`] : []),
    ...markets.flatMap((market) => [...priceless(market), ...unconfirmed(market)]),
    '',
    ...table([columns, ...rows, ...(rows.length > 1 ? [cells('all', totals)] : [])]),
    '',
    `wrote ${join(folder, 'result.json')}, report.html and tables as CSV`,
  ]
}

function crossedLine({ file, crossed: { all, lines } }: RecordingUsed): readonly string[] {
  if (all === 0) return []
  const rows = all === 1 ? 'one row has' : `${all} rows have`
  return [
    `${file}: ${rows} a bid above the ask, from line ${lines[0]} on; as live that is no price`,
  ]
}

/** Where no round had a price there is nothing in its row: why in most of them. */
function priceless({ feed, outcomes, sources }: FeedCourse): readonly string[] {
  const [most] = Object.entries(outcomes).toSorted(([, one], [, other]) => other - one)
  if (outcomes['price'] !== undefined || !most) return []
  const said = sources.filter(isRecorded).length
  const limit = limits[most[0]]
  const hint = limit === undefined ? '' : `; --with markets.${feed}.${limit}=<count> asks for fewer`
  return [
    `${feed} has no price in any round: ${most[0]} in ${most[1]}; the recordings have ${said} of its ${sources.length} sources${hint}`,
  ]
}

/** What of a market says how many are needed, by why there is no price. */
const limits: Readonly<Partial<Record<string, string>>> = {
  'refused too-few-sources': 'minSources',
  'refused too-few-families': 'aggregation.minFamilies',
  'refused too-few-direct': 'aggregation.minDirectUsd',
}

/** Two thirds of all sources confirm a jump, whether or not there are recordings of them. */
function unconfirmed({ feed, outcomes, sources }: FeedCourse): readonly string[] {
  const held = Object.entries(outcomes).reduce(
    (sum, [outcome, count]) => sum + (outcome.startsWith('hold ') ? count : 0),
    0,
  )
  const recorded = sources.filter(isRecorded)
  const needed = Math.ceil((sources.length * 2) / 3)
  if (held === 0 || recorded.length >= needed) return []
  const names = recorded.map(({ venue, instrument }) => `${venue}:${instrument}`).join(',')
  return [
    `${feed} is held in ${held} rounds: ${needed} of its ${sources.length} sources confirm a jump, and the recordings have ${recorded.length}; --with markets.${feed}.sources=${names} asks these alone`,
  ]
}

function isRecorded({ verdicts }: FeedCourse['sources'][number]): boolean {
  return Object.keys(verdicts).some((verdict) => verdict !== 'missing')
}

/** A recording of a whole venue has hundreds of series, and a terminal little room. */
const mostNamed = 5

function shortList(names: readonly string[]): string {
  const more = names.length - mostNamed
  const named = names.slice(0, mostNamed).join(', ')
  return more > 0 ? `${named} and ${more} more series, which report.html names` : named
}

const columns = [
  'market',
  'judged s',
  'wrong s',
  'worst bps',
  'basis bps',
  'no price s',
  'oldest s',
  'pushes',
  'cost USD',
  'liquidated',
  'wrongly',
  'unpaid USD',
]

function cells(name: string, measures: Measures): readonly string[] {
  return [
    name,
    measures.judgedSeconds.toFixed(0),
    measures.wrongSeconds.toFixed(0),
    measures.worstBps.toFixed(1),
    measures.basisBps.toFixed(2),
    measures.silentSeconds.toFixed(0),
    measures.maxAgeSeconds.toFixed(0),
    String(measures.pushes),
    usd(measures.pushCostUsd),
    String(measures.liquidations),
    String(measures.wrongfulLiquidations),
    usd(measures.shortfallUsd),
  ]
}

function usd(text: string): string {
  return new Decimal(text).toFixed(2)
}
