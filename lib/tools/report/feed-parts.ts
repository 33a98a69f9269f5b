import type { Band, FeedCourse, SourceCourse } from '../../domain/backtest/backtest-result.ts'
import { bandCurve, bandExtent, bandWords } from './curves.ts'
import type { Cell, Curve, Lanes, LaneTone, Lines, Mark, Part, Table } from './parts.ts'
import { timeChart } from './time-chart.ts'
import {
  bpsText,
  countText,
  lastingText,
  numberText,
  percentText,
  priceText,
  timeText,
} from './words.ts'

/** Rounds of the run, and from one to the next. */
export type Rounds = { readonly rounds: number; readonly everyMs: number }

/** The price against every source, with what else is drawn beside it, and what that is in words. */
export function priceChart(
  feed: FeedCourse,
  beside: readonly Curve[],
  said: readonly string[],
): Part {
  return timeChart({
    key: 'price',
    of: feed.feed,
    title: `${feed.feed} against every source, USD`,
    summary: [
      bandWords('price', feed.price, priceText),
      ...said,
      bandWords('consensus', feed.consensus, priceText),
      `${countText(feed.sources.length, 'source')}, in the table below`,
    ].join('; '),
    note: 'A source is thick where it was left out: amber where it was stale, frozen or alone, red where it could not be true.',
    at: feed.axis.at,
    unit: 'price',
    curves: [
      ...sourceCurves(feed, (source) => source.price, true),
      bandCurve(feed.consensus, { name: 'consensus', role: 'true', look: 'line' }),
      ...beside,
      bandCurve(feed.price, { name: 'price', role: 'main', look: 'line' }),
    ],
  })
}

/** Those that have a value at all; one keeps its colour whatever the others have. */
function sourceCurves(
  { sources }: FeedCourse,
  bandOf: (source: SourceCourse) => Band,
  isMarked: boolean,
): readonly Curve[] {
  return sources.flatMap((source, tint) => {
    const band = bandOf(source)
    const marked = source.left.listed.map(({ from, to, verdict }): Mark => [
      from,
      to,
      toneOf(verdict),
    ])
    const look = { name: sourceName(source), role: 'other', look: 'line', tint } as const
    if (!bandExtent(band)) return []
    return [bandCurve(band, isMarked ? { ...look, marked } : look)]
  })
}

/** When there was no price, and which source was left out when: as lanes, and counted. */
export function leftOutParts(feed: FeedCourse, rounds: Rounds): readonly Part[] {
  const absent = feed.sources.filter((source) => isAbsent(source, rounds))
  const present = feed.sources.filter((source) => !absent.includes(source))
  const rows = [
    ...silentRows(feed, rounds),
    ...present.flatMap((source) => leftRows(source, rounds)),
  ]
  const note =
    absent.length === 0
      ? undefined
      : `No quote in the whole run: ${absent.map(sourceName).join(', ')}.`
  if (rows.length === 0)
    return [
      {
        key: 'left',
        kind: 'words',
        text: [
          `${feed.feed} had a price in every round, and every source${note === undefined ? '' : ' with a quote'} agreed.`,
          note ?? '',
        ]
          .join(' ')
          .trim(),
      },
    ]
  const told = [feed.silent, ...present.map(({ left }) => left)]
  const all = told.reduce((sum, list) => sum + list.all, 0)
  const listed = told.reduce((sum, list) => sum + list.listed.length, 0)
  return [
    {
      key: 'left',
      kind: 'chart',
      chart: {
        title: `${feed.feed}: refused and left out`,
        summary: `${countText(all, 'span')} in all, counted in the table below`,
        ...(listed < all
          ? { note: `The ${numberText(listed)} longest of ${numberText(all)} are drawn.` }
          : {}),
        drawn: lanesOf(feed, present),
      },
    },
    {
      key: 'left-table',
      kind: 'table',
      table: {
        title: `${feed.feed}: what was refused or left out, and why`,
        columns: [
          { name: 'What' },
          { name: 'Why' },
          { name: 'Rounds', numeric: true },
          { name: 'Time', numeric: true },
          { name: 'Of all', numeric: true },
          { name: 'Longest' },
        ],
        rows,
        ...(note === undefined ? {} : { note }),
        folded: rows.length > 12,
      },
    },
  ]
}

/** The recordings do not have it. */
function isAbsent({ verdicts }: SourceCourse, { rounds }: Rounds): boolean {
  return rounds > 0 && verdicts['missing'] === rounds
}

function lanesOf({ silent, sources }: FeedCourse, present: readonly SourceCourse[]): Lanes {
  const priceLane = {
    name: 'price',
    spans: silent.listed.map(({ from, to, kind, reason, detail }) => ({
      from,
      to,
      tone: kind === 'hold' ? ('warning' as const) : ('bad' as const),
      text: `${kind === 'hold' ? 'held' : 'refused'}: ${spaced(reason)} — ${detail}`,
    })),
  }
  const sourceLanes = present
    .filter(({ left }) => left.all > 0)
    .map((source) => ({
      name: isOnly(source, sources) ? source.venue : sourceName(source),
      spans: source.left.listed.map(({ from, to, verdict, detail }) => ({
        from,
        to,
        tone: toneOf(verdict),
        text: detail === '' ? spaced(verdict) : `${spaced(verdict)} — ${detail}`,
      })),
    }))
  return { kind: 'lanes', lanes: [priceLane, ...sourceLanes] }
}

/** How bad it is that a source has this verdict. */
function toneOf(verdict: string): LaneTone {
  switch (verdict) {
    case 'missing':
    case 'suspended':
      return 'quiet'
    case 'disagrees':
    case 'stale':
    case 'frozen':
      return 'warning'
    default:
      return 'bad'
  }
}

function silentRows(
  { outcomes, silent }: FeedCourse,
  rounds: Rounds,
): readonly (readonly Cell[])[] {
  return Object.entries(outcomes)
    .filter(([outcome]) => outcome !== 'price')
    .map(([outcome, count]) => {
      const spans = silent.listed.filter(({ kind, reason }) => `${kind} ${reason}` === outcome)
      return ['price', spaced(outcome), ...countCells(count, rounds), longestCell(spans)]
    })
}

function leftRows(source: SourceCourse, rounds: Rounds): readonly (readonly Cell[])[] {
  return Object.entries(source.verdicts)
    .filter(([verdict]) => verdict !== 'agrees')
    .map(([verdict, count]) => {
      const spans = source.left.listed.filter((span) => span.verdict === verdict)
      return [sourceName(source), spaced(verdict), ...countCells(count, rounds), longestCell(spans)]
    })
}

function countCells(count: number, { rounds, everyMs }: Rounds): readonly Cell[] {
  return [numberText(count), lastingText(count * everyMs), percentText(count / Math.max(1, rounds))]
}

function longestCell(
  spans: readonly { readonly from: number; readonly to: number; readonly detail: string }[],
): Cell {
  const [first, ...others] = spans
  if (!first) return ''
  const { from, to, detail } = others.reduce(
    (most, span) => (span.to - span.from > most.to - most.from ? span : most),
    first,
  )
  const why = detail === '' ? '' : `: ${detail}`
  return { text: `${timeText(from)}, ${lastingText(to - from)}${why}`, from, to }
}

/** Each source in numbers: what the chart shows, for who cannot see it. */
export function sourcesTable(feed: FeedCourse, { rounds }: Rounds): Part {
  const rows = feed.sources.map((source): readonly Cell[] => {
    const extent = bandExtent(source.price)
    const deviation = bandExtent(source.deviationBps)
    const worst = deviation && Math.max(deviation.high, -deviation.low)
    return [
      sourceName(source),
      extent ? priceText(extent.low) : '',
      extent ? priceText(extent.high) : '',
      extent && extent.last !== null ? priceText(extent.last) : '',
      worst === undefined ? '' : bpsText(worst),
      percentText((source.verdicts['agrees'] ?? 0) / Math.max(1, rounds)),
    ]
  })
  const table: Table = {
    title: `Sources of ${feed.feed}`,
    columns: [
      { name: 'Source' },
      { name: 'Lowest', numeric: true },
      { name: 'Highest', numeric: true },
      { name: 'At the end', numeric: true },
      { name: 'Furthest off', numeric: true },
      { name: 'Agreed', numeric: true },
    ],
    rows,
    folded: true,
  }
  return { key: 'sources', kind: 'table', table }
}

/** How far sources, and what is drawn beside them, were from the consensus. */
export function deviationChart(
  feed: FeedCourse,
  more: Pick<Lines, 'curves' | 'limits' | 'shades'> & { readonly summary: string },
): Part {
  const sources = sourceCurves(feed, ({ deviationBps }) => deviationBps, false)
  const curves = [...sources, ...more.curves]
  if (curves.length === 0)
    return {
      key: 'deviation',
      kind: 'words',
      text: `${feed.feed} had no consensus in the run: nothing says how far its sources were from it.`,
    }
  return timeChart({
    ...more,
    key: 'deviation',
    of: feed.feed,
    title: `${feed.feed}: deviation from the consensus, bps`,
    at: feed.axis.at,
    unit: 'bps',
    curves,
  })
}

/** `too-few-sources` as people write it. */
function spaced(word: string): string {
  return word.replaceAll('-', ' ')
}

function sourceName({ venue, instrument }: SourceCourse): string {
  return `${venue} ${instrument}`
}

/** Its venue has no other instrument here: beside a lane there is little room. */
function isOnly({ venue }: SourceCourse, sources: readonly SourceCourse[]): boolean {
  return sources.filter((source) => source.venue === venue).length === 1
}
