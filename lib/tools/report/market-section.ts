import type {
  BacktestRun,
  MarketResult,
  PushCourse,
} from '../../domain/backtest/backtest-result.ts'
import type { PushPolicy } from '../../domain/push-policy.ts'
import { chosenRows } from './chosen-rows.ts'
import { bandCurve, bandExtent, bandWords } from './curves.ts'
import { deviationChart, leftOutParts, priceChart, sourcesTable } from './feed-parts.ts'
import { measureText } from './measure-kinds.ts'
import { packed } from './packed.ts'
import type { Cell, Curve, Figure, Limit, Part, Section } from './parts.ts'
import { timeChart } from './time-chart.ts'
import {
  bpsText,
  countText,
  lastingText,
  numberText,
  percentText,
  priceText,
  timeText,
  usdText,
} from './words.ts'

/** All that happened to one market's price, and what it cost. */
export function marketSection(market: MarketResult, run: BacktestRun): Section {
  const posted = bandCurve(market.mark, { name: 'posted', role: 'posted', look: 'steps' })
  const { wrongBps } = run.settings
  const off = bandCurve(market.deviationBps, { name: 'posted', role: 'main', look: 'line' })
  return {
    key: `market ${market.feed}`,
    title: market.feed,
    market: market.feed,
    parts: [
      { key: 'figures', kind: 'figures', figures: marketFigures(market) },
      priceChart(market, [posted], [bandWords('posted', market.mark, priceText)]),
      ...leftOutParts(market, run),
      deviationChart(market, {
        curves: bandExtent(market.deviationBps) ? [off] : [],
        limits: deviationLimits(market.policy, wrongBps),
        shades: market.wrong.listed.map(({ from, to }) => [from, to] as const),
        summary: [
          bandWords('posted', market.deviationBps, bpsText),
          `wrong beyond ${bpsText(wrongBps)}: ${countText(market.wrong.all, 'time')}; a push is due at ${bpsText(market.policy.deviationBps)}`,
        ].join('; '),
      }),
      ...wrongTable(market),
      sourcesTable(market, run),
      ageChart(market),
      ...pushParts(market),
      ...fundingParts(market),
    ],
  }
}

function marketFigures({ measures }: MarketResult): readonly Figure[] {
  const text = (
    key: 'wrongSeconds' | 'worstBps' | 'basisBps' | 'silentSeconds' | 'meanAgeSeconds',
    unit: 's' | 'bps',
  ) => measureText({ key, unit }, measures)
  return [
    { name: 'Wrong price', value: text('wrongSeconds', 's') },
    {
      name: 'Worst deviation',
      value: text('worstBps', 'bps'),
      note: `basis ${text('basisBps', 'bps')}`,
    },
    { name: 'No price', value: text('silentSeconds', 's') },
    { name: 'Pushes', value: numberText(measures.pushes), note: usdText(measures.pushCostUsd) },
    { name: 'Mean age', value: text('meanAgeSeconds', 's') },
    {
      name: 'Liquidations',
      value: numberText(measures.liquidations),
      note: usdText(measures.liquidatedUsd),
    },
  ]
}

/** Where a push is due, and beyond which a price is wrong. */
function deviationLimits({ deviationBps }: PushPolicy, wrongBps: number): readonly Limit[] {
  const due = { name: `push at ${bpsText(deviationBps)}`, value: deviationBps, isQuiet: true }
  return [
    { name: `wrong above +${bpsText(wrongBps)}`, value: wrongBps },
    { name: `wrong below −${bpsText(wrongBps)}`, value: -wrongBps },
    due,
    { ...due, name: '', value: -deviationBps },
  ]
}

function wrongTable({ feed, wrong }: MarketResult): readonly Part[] {
  if (wrong.all === 0) return []
  const { rows, note } = chosenRows(wrong, {
    size: ({ from, to }) => to - from,
    word: 'longest',
    file: 'wrong.csv',
  })
  return [
    {
      key: 'wrong',
      kind: 'table',
      table: {
        title: `${feed}: when the posted price was wrong`,
        columns: [
          { name: 'From' },
          { name: 'For', numeric: true },
          { name: 'Furthest', numeric: true },
        ],
        rows: rows.map(({ from, to, worstBps }): readonly Cell[] => [
          { text: timeText(from), from, to },
          lastingText(to - from),
          bpsText(worstBps),
        ]),
        ...(note === undefined ? {} : { note }),
        folded: rows.length > 8,
      },
    },
  ]
}

function ageChart({ feed, axis, ageSeconds, policy }: MarketResult): Part {
  return timeChart({
    key: 'age',
    of: feed,
    title: `${feed}: age of the posted price, s`,
    summary: `${bandWords('age', ageSeconds, (seconds) => lastingText(seconds * 1_000))}; heartbeat ${lastingText(policy.heartbeatSeconds * 1_000)}`,
    at: axis.at,
    unit: 's',
    curves: [bandCurve(ageSeconds, { name: 'age', role: 'main', look: 'line' })],
    limits: [
      {
        name: `heartbeat ${lastingText(policy.heartbeatSeconds * 1_000)}`,
        value: policy.heartbeatSeconds,
      },
    ],
  })
}

function pushParts({ feed, axis, pushes }: MarketResult): readonly Part[] {
  const { list } = pushes
  // Between some of many a pause says nothing.
  const isWhole = list.listed.length === list.all
  const charts = [countChart(feed, axis, pushes), ...(isWhole ? [pauseChart(feed, pushes)] : [])]
  const reasons = Object.entries(pushes.why)
  return [
    ...(pushes.pushes === 0 ? [] : charts),
    {
      key: 'why',
      kind: 'table',
      table: {
        title: `${feed}: why prices were pushed`,
        columns: [
          { name: 'Why' },
          { name: 'Pushes', numeric: true },
          { name: 'Of all', numeric: true },
        ],
        rows: [
          ...reasons.map(([why, count]) => [
            why,
            numberText(count),
            percentText(count / Math.max(1, pushes.pushes)),
          ]),
          ['all', numberText(pushes.pushes), ''],
        ],
        note: `They cost ${usdText(pushes.costUsd)}, ${usdText(pushes.costPerPushUsd)} each.`,
      },
    },
  ]
}

/** Each push at its time, as high as the pause before it was long. */
function pauseChart(feed: string, { why, list }: PushCourse): Part {
  const gaps = list.listed.map(({ at }, place) => {
    const before = list.listed[place - 1]
    return before === undefined ? null : (at - before.at) / 1_000
  })
  const known = gaps.filter((gap) => gap !== null)
  const longest = known.reduce((most, gap) => Math.max(most, gap), 0)
  const curves = Object.keys(why).map((reason): Curve => ({
    name: reason,
    role: pushRoles[reason] ?? 'other',
    look: 'dots',
    values: packed(gaps.map((gap, place) => (list.listed[place]?.why === reason ? gap : null))),
  }))
  return timeChart({
    key: 'pauses',
    of: feed,
    title: `${feed}: pause before each push, by why, s`,
    summary: `${countText(list.all, 'push', 'pushes')}, the longest pause ${lastingText(longest * 1_000)}`,
    at: list.listed.map(({ at }) => at),
    unit: 's',
    curves,
  })
}

const pushRoles: Readonly<Record<string, Curve['role']>> = {
  deviation: 'main',
  heartbeat: 'posted',
  rider: 'good',
  first: 'true',
}

/** In each bucket, of which one at the end may be shorter. */
function countChart(
  feed: string,
  axis: MarketResult['axis'],
  { perBucket, pushes }: PushCourse,
): Part {
  const each = lastingText(axis.bucketMs)
  const most = perBucket.reduce((highest, count) => Math.max(highest, count), 0)
  return timeChart({
    key: 'pushes',
    of: feed,
    title: `${feed}: pushes in each ${each}`,
    summary: `${countText(pushes, 'push', 'pushes')}, ${numberText(most)} at most in ${each}`,
    at: axis.at,
    unit: '',
    curves: [{ name: 'pushes', role: 'main', look: 'bars', values: packed(perBucket) }],
  })
}

function fundingParts({ feed, funding, measures }: MarketResult): readonly Part[] {
  if (funding.length === 0) return []
  const rates = funding.map(({ rate }) => Number(rate) * 100)
  const capped = funding.filter((epoch) => epoch.capped).length
  const [least, most] = rates.reduce(
    ([low, high], rate) => [Math.min(low, rate), Math.max(high, rate)],
    [Infinity, -Infinity],
  )
  const all = `${numberText(capped)} of ${countText(funding.length, 'epoch')} cut by the cap; longs paid ${usdText(measures.fundingPaidUsd)} in all`
  const cut = rates.map((rate, place) => (funding[place]?.capped === true ? rate : null))
  const premiums = funding.map(({ premium }) => Number(premium) * 100)
  return [
    timeChart({
      key: 'funding',
      of: feed,
      title: `${feed}: funding of each epoch, %`,
      summary: `${percentText(least / 100)} to ${percentText(most / 100)}; ${all}`,
      note: `Above zero longs pay. ${all}.`,
      at: funding.map(({ at }) => at),
      unit: '%',
      curves: [
        { name: 'rate', role: 'main', look: 'bars', values: packed(rates) },
        { name: 'premium', role: 'posted', look: 'line', values: packed(premiums), hidden: true },
        { name: 'cut by the cap', role: 'bad', look: 'dots', values: packed(cut) },
      ],
    }),
  ]
}
