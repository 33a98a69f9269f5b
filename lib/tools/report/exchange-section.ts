import type {
  BacktestResult,
  Band,
  Deleverage,
  ExchangeCourse,
  Liquidation,
} from '../../domain/backtest/backtest-result.ts'
import { chosenRows } from './chosen-rows.ts'
import { bandCurve, bandWords } from './curves.ts'
import { packed } from './packed.ts'
import type { Cell, Curve, Part, Section } from './parts.ts'
import { timeChart } from './time-chart.ts'
import { countText, lastingText, numberText, timeText, usdText } from './words.ts'

/** What became of accounts, and of the fund that pays for the bankrupt. Nothing where there are no accounts. */
export function exchangeSections({ exchange, run }: BacktestResult): readonly Section[] {
  if (run.settings.crowd.accounts === 0) return []
  return [
    {
      key: 'exchange',
      title: 'Accounts and the insurance fund',
      note: `${countText(run.settings.crowd.accounts, 'made account')} by the rules of ${run.settings.rules}: ${run.settings.crowd.distribution}`,
      parts: [
        bandsChart(exchange, {
          key: 'fund',
          title: 'Insurance fund and shortfall, USD',
          unit: 'USD',
          text: usdNumber,
          bands: [
            ['insurance fund', exchange.insuranceFund, 'main'],
            ['shortfall', exchange.shortfall, 'bad'],
          ],
        }),
        ...eventsChart(exchange),
        bandsChart(exchange, {
          key: 'liquidatable',
          title: 'Accounts that can be liquidated, and bankrupt ones',
          unit: '',
          text: numberText,
          bands: [
            ['liquidatable', exchange.liquidatable, 'warning'],
            ['bankrupt', exchange.bankrupt, 'bad'],
          ],
        }),
        bandsChart(exchange, {
          key: 'interest',
          title: 'Open interest, USD',
          unit: 'USD',
          text: usdNumber,
          bands: [['open interest', exchange.openInterest, 'main']],
        }),
        ...liquidationTable(exchange),
        ...deleverageTable(exchange),
      ],
    },
  ]
}

function bandsChart(
  { axis }: ExchangeCourse,
  {
    key,
    title,
    unit,
    text,
    bands,
  }: {
    readonly key: string
    readonly title: string
    readonly unit: string
    readonly text: (value: number) => string
    readonly bands: readonly (readonly [name: string, band: Band, role: Curve['role']])[]
  },
): Part {
  return timeChart({
    key,
    of: 'exchange',
    title,
    summary: bands.map(([name, band]) => bandWords(name, band, text)).join('; '),
    at: axis.at,
    unit,
    curves: bands.map(([name, band, role]) => bandCurve(band, { name, role, look: 'steps' })),
  })
}

function usdNumber(value: number): string {
  return usdText(String(value))
}

type Event = { readonly at: number; readonly usd: number; readonly name: string }

/** Each liquidation and deleverage at its time, as high as its notional: logarithms, since the largest would hide all others. */
function eventsChart({ liquidations, deleverages }: ExchangeCourse): readonly Part[] {
  const events: readonly Event[] = [
    ...liquidations.listed.map(({ at, notionalUsd, wrongful }) => ({
      at,
      usd: Number(notionalUsd),
      name: wrongful ? 'liquidated by a wrong price' : 'liquidated',
    })),
    ...deleverages.listed.map(({ at, notionalUsd }) => ({
      at,
      usd: Number(notionalUsd),
      name: 'deleveraged',
    })),
  ]
    .filter(({ usd }) => usd > 0)
    .toSorted((one, other) => one.at - other.at)
  if (events.length === 0) return []
  const roles = [
    ['liquidated', 'warning'],
    ['liquidated by a wrong price', 'bad'],
    ['deleveraged', 'main'],
  ] as const
  const all = liquidations.all + deleverages.all
  const drawn = `${countText(liquidations.all, 'liquidation')}, ${countText(deleverages.all, 'deleverage')}`
  return [
    timeChart({
      key: 'events',
      of: 'exchange',
      title: 'Liquidations and deleverages, notional in USD',
      summary: drawn,
      note:
        events.length < all
          ? `${drawn}; the ${numberText(events.length)} largest are drawn.`
          : `${drawn}.`,
      at: events.map(({ at }) => at),
      unit: 'USD',
      isLog: true,
      curves: roles
        .filter(([name]) => events.some((event) => event.name === name))
        .map(([name, role]) => ({
          name,
          role,
          look: 'dots',
          values: packed(events.map((event) => (event.name === name ? event.usd : null))),
        })),
    }),
  ]
}

function liquidationTable({ liquidations }: ExchangeCourse): readonly Part[] {
  if (liquidations.all === 0) return []
  const { rows, note } = chosenRows(liquidations, {
    size: ({ notionalUsd }: Liquidation) => Number(notionalUsd),
    word: 'largest',
    file: 'liquidations.csv',
  })
  return [
    {
      key: 'liquidations',
      kind: 'table',
      table: {
        title: 'Liquidations',
        columns: [
          { name: 'Time' },
          { name: 'Account' },
          { name: 'Market' },
          { name: 'Notional', numeric: true },
          { name: 'Penalty', numeric: true },
          { name: 'Fund paid', numeric: true },
          { name: 'Account’s value', numeric: true },
          { name: 'Waited', numeric: true },
          { name: 'Price' },
        ],
        rows: rows.map((one): readonly Cell[] => [
          { text: timeText(one.at), from: one.at, to: one.at },
          one.account,
          one.market,
          usdText(one.notionalUsd),
          usdText(one.penaltyUsd),
          usdText(one.coverUsd),
          usdText(one.valueUsd),
          lastingText(one.waitedMs),
          one.wrongful ? { text: 'wrong', tone: 'critical' } : 'right',
        ]),
        ...(note === undefined ? {} : { note }),
        folded: true,
      },
    },
  ]
}

function deleverageTable({ deleverages }: ExchangeCourse): readonly Part[] {
  if (deleverages.all === 0) return []
  const { rows, note } = chosenRows(deleverages, {
    size: ({ notionalUsd }: Deleverage) => Number(notionalUsd),
    word: 'largest',
    file: 'deleverages.csv',
  })
  return [
    {
      key: 'deleverages',
      kind: 'table',
      table: {
        title: 'Deleverages',
        columns: [
          { name: 'Time' },
          { name: 'Account' },
          { name: 'Against' },
          { name: 'Market' },
          { name: 'Notional', numeric: true },
          { name: 'The other lost', numeric: true },
        ],
        rows: rows.map((one): readonly Cell[] => [
          { text: timeText(one.at), from: one.at, to: one.at },
          one.account,
          one.counterparty,
          one.market,
          usdText(one.notionalUsd),
          usdText(one.lossUsd),
        ]),
        ...(note === undefined ? {} : { note }),
        folded: true,
      },
    },
  ]
}
