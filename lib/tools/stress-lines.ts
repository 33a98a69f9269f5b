import { dollars } from '../domain/pnl/row-usd.ts'
import type { StressResult } from '../domain/stress/stress.ts'
import { table } from './pnl-lines.ts'
import type { EngineStress } from './show-stress.ts'

/** What each jump does, which markets drag which, and what penalties and fund would be enough. */
export function stressLines(all: readonly EngineStress[]): readonly string[] {
  if (all.length === 0) return ['The network file liquidates on no exchange.']
  return all.flatMap((one) => {
    const drags = dragLines(one)
    return [
      ...head(one),
      ...table(jumpRows(one)),
      ...(drags.length === 0 ? [] : ['', ...drags]),
      '',
      `${sizingTitle(one)}:`,
      ...table(sizingRows(one)),
    ]
  })
}

/** What each jump does; the first row names the columns. */
export function jumpRows(one: EngineStress): readonly (readonly string[])[] {
  return [columns, ...one.results.map((result) => cells(result, one))]
}

const columns = [
  'jump',
  'falls',
  'notional',
  'penalties',
  'fund pays',
  'fund left',
  'unpaid',
  'ADL',
]

function head({ engine, accounts, block, insuranceFund, decimals }: EngineStress): string[] {
  const fund = dollars(insuranceFund, decimals).toFixed(0)
  return [`${engine}: ${accounts} accounts at block ${block}, insurance fund ${fund}; in USD`]
}

function cells(result: StressResult, { markets, decimals }: EngineStress): readonly string[] {
  const usd = (amount: bigint): string => dollars(amount, decimals).toFixed(0)
  return [
    shockName(result.shock, markets),
    String(result.falls),
    usd(result.notional),
    usd(result.penalties),
    usd(result.fundOut),
    usd(result.fundAfter),
    usd(result.shortfall),
    result.deleveraged === 0 ? '-' : counted(result.deleveraged),
  ]
}

function counted(accounts: number): string {
  return `${accounts} ${accounts === 1 ? 'account' : 'accounts'}`
}

/** `BTC-USD -10 %`. */
function shockName(
  { asset, permille }: StressResult['shock'],
  markets: EngineStress['markets'],
): string {
  const name = asset === undefined ? 'all' : (markets[asset] ?? asset)
  return `${name} ${permille > 0 ? '+' : ''}${permille / 10} %`
}

/** Markets that fall because accounts of another one do. */
export function dragLines({ results, markets, decimals }: EngineStress): readonly string[] {
  return results.flatMap(({ shock, drags }) =>
    Object.entries(drags).map(
      ([asset, { accounts, notional }]) =>
        `${shockName(shock, markets)} drags ${markets[asset] ?? asset}: ${counted(accounts)}, ${dollars(notional, decimals).toFixed(0)} USD`,
    ),
  )
}

export function sizingTitle({ worst, markets }: EngineStress): string {
  return `left unpaid by ${shockName(worst, markets)}, by penalty and insurance fund`
}

/** By penalty and fund; the first row names the funds. */
export function sizingRows({ sizing, decimals }: EngineStress): readonly (readonly string[])[] {
  const funds = [...new Set(sizing.map(({ fund }) => fund))]
  const usd = (amount: bigint): string => dollars(amount, decimals).toFixed(0)
  const rows = [...Map.groupBy(sizing, ({ penaltyBps }) => penaltyBps)].map(([bps, of]) => [
    `${bps} bps`,
    ...of.map(({ shortfall }) => usd(shortfall)),
  ])
  return [['penalty', ...funds.map(usd)], ...rows]
}
