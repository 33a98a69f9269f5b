import type {
  BacktestResult,
  FeedCourse,
  MarketResult,
} from '../../domain/backtest/backtest-result.ts'
import { Decimal } from '../../domain/decimal.ts'
import { csvText } from '../csv.ts'
import { measureKinds } from './measure-kinds.ts'

type Cell = string | number | boolean | null

/**
 * A run as tables, by file name. Money is decimal text as it was counted; a time is ISO 8601 in UTC; a unit stands in its
 * column's name. A value that nobody knows is an empty cell.
 */
export function backtestCsv(result: BacktestResult): Readonly<Record<string, string>> {
  const { markets, legs, exchange } = result
  return {
    'marks.csv': file(markColumns, markets.flatMap(markRows)),
    'refusals.csv': file(refusalColumns, [...markets, ...Object.values(legs)].flatMap(refusalRows)),
    'wrong.csv': file(
      ['market', 'from', 'to', 'seconds', 'worst_bps'],
      markets.flatMap(({ feed, wrong }) =>
        wrong.listed.map(({ from, to, worstBps }) => [feed, ...span(from, to), worstBps]),
      ),
    ),
    'pushes.csv': file(
      ['market', 'decided_at', 'posted_at', 'price_usd', 'why', 'move_bps', 'cost_usd'],
      markets.flatMap(({ feed, pushes }) =>
        pushes.list.listed.map(({ decidedAt, at, price, why, moveBps, costUsd }) => [
          feed,
          time(decidedAt),
          time(at),
          price,
          why,
          moveBps,
          costUsd,
        ]),
      ),
    ),
    'funding.csv': file(
      ['market', 'at', 'rate_fraction', 'premium_fraction', 'samples', 'capped', 'paid_usd'],
      markets.flatMap(({ feed, funding }) =>
        funding.map(({ at, rate, premium, samples, capped, paidUsd }) => [
          feed,
          time(at),
          rate,
          premium,
          samples,
          capped,
          paidUsd,
        ]),
      ),
    ),
    'liquidations.csv': file(
      liquidationColumns,
      exchange.liquidations.listed.map((one) => [
        time(one.at),
        one.account,
        one.market,
        one.waitedMs,
        one.notionalUsd,
        one.penaltyUsd,
        one.rewardUsd,
        one.coverUsd,
        one.valueUsd,
        one.wrongful,
      ]),
    ),
    'deleverages.csv': file(
      ['at', 'account', 'counterparty', 'market', 'notional_usd', 'loss_usd'],
      exchange.deleverages.listed.map(
        ({ at, account, counterparty, market, notionalUsd, lossUsd }) => [
          time(at),
          account,
          counterparty,
          market,
          notionalUsd,
          lossUsd,
        ],
      ),
    ),
    'fund.csv': file(fundColumns, fundRows(result)),
    'curves.csv': file(curveColumns, curveRows(result)),
  }
}

const markColumns = [
  'market',
  'until',
  'price_usd',
  'consensus_usd',
  'posted_usd',
  'posted_lowest_usd',
  'posted_highest_usd',
  'deviation_lowest_bps',
  'deviation_highest_bps',
  'age_highest_s',
  'pushes',
]

/** One for each bucket: what was in it until then. */
function markRows(market: MarketResult): readonly (readonly Cell[])[] {
  const { feed, axis, price, consensus, mark, deviationBps, ageSeconds, pushes } = market
  return axis.at.map((at, place) => [
    feed,
    time(at),
    price.last[place] ?? null,
    consensus.last[place] ?? null,
    mark.last[place] ?? null,
    mark.low[place] ?? null,
    mark.high[place] ?? null,
    deviationBps.low[place] ?? null,
    deviationBps.high[place] ?? null,
    ageSeconds.high[place] ?? null,
    pushes.perBucket[place] ?? null,
  ])
}

const refusalColumns = ['feed', 'source', 'what', 'from', 'to', 'seconds', 'detail']

/** A source that was left out, or, where none is named, the price itself. */
function refusalRows({ feed, silent, sources }: FeedCourse): readonly (readonly Cell[])[] {
  return [
    ...silent.listed.map(({ from, to, kind, reason, detail }) => [
      feed,
      '',
      `${kind} ${reason}`,
      ...span(from, to),
      detail,
    ]),
    ...sources.flatMap(({ venue, instrument, left }) =>
      left.listed.map(({ from, to, verdict, detail }) => [
        feed,
        `${venue} ${instrument}`,
        verdict,
        ...span(from, to),
        detail,
      ]),
    ),
  ]
}

const liquidationColumns = [
  'at',
  'account',
  'market',
  'waited_ms',
  'notional_usd',
  'penalty_usd',
  'reward_usd',
  'fund_paid_usd',
  'account_value_usd',
  'wrongful',
]

const fundColumns = [
  'until',
  'insurance_fund_usd',
  'insurance_fund_lowest_usd',
  'shortfall_usd',
  'open_interest_usd',
  'liquidatable_highest',
  'bankrupt_highest',
]

function fundRows({ exchange }: BacktestResult): readonly (readonly Cell[])[] {
  const { axis, insuranceFund, shortfall, openInterest, liquidatable, bankrupt } = exchange
  return axis.at.map((at, place) => [
    time(at),
    insuranceFund.last[place] ?? null,
    insuranceFund.low[place] ?? null,
    shortfall.last[place] ?? null,
    openInterest.last[place] ?? null,
    liquidatable.high[place] ?? null,
    bankrupt.high[place] ?? null,
  ])
}

const curveColumns = [
  'parameter_1',
  'value_1',
  'unit_1',
  'parameter_2',
  'value_2',
  'unit_2',
  'is_run',
  ...measureKinds.map(({ key }) => columnOf(key)),
]

function curveRows({ curves }: BacktestResult): readonly (readonly Cell[])[] {
  return curves.flatMap(({ paths, units, points }) =>
    points.map(({ values, isRun, measures }) => [
      ...[0, 1].flatMap((place) => [paths[place] ?? '', values[place] ?? '', units[place] ?? '']),
      isRun,
      ...measureKinds.map(({ key }) => measures[key]),
    ]),
  )
}

/** `pushCostUsd` is push_cost_usd, whose unit is its end. */
function columnOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function span(from: number, to: number): readonly Cell[] {
  return [time(from), time(to), (to - from) / 1_000]
}

function time(at: number): string {
  return new Date(at).toISOString()
}

function file(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `${csvText([columns, ...rows.map((row) => row.map(cellText))])}\n`
}

/** All digits, never in powers of ten. */
function cellText(cell: Cell): string {
  if (cell === null) return ''
  return typeof cell === 'number' ? new Decimal(cell).toFixed() : String(cell)
}
