import { usdText } from '../fast-round/exact-usd.ts'
import type { Measures } from './backtest-result.ts'
import { collateralText, type ExchangeState } from './exchange-course.ts'
import type { FundingState } from './funding-course.ts'
import type { MeasureState } from './measure.ts'
import type { PushState } from './push-course.ts'

/** One market's numbers. The insurance fund is everybody's: its course is the whole exchange's. */
export function marketMeasures(
  own: MeasureState,
  of: {
    readonly pushes: PushState
    readonly exchange: ExchangeState
    readonly funding: FundingState
    readonly market: number
  },
): Measures {
  const { exchange, market } = of
  const pushed = of.pushes.markets[market]
  const lost = exchange.markets[market]
  if (!pushed || !lost) throw new RangeError('every market has its sums')
  return {
    judgedSeconds: own.judgedMs / 1_000,
    wrongSeconds: own.wrongMs / 1_000,
    worstBps: short(own.worstBps),
    basisBps: short(ratio(own.basisBpsMs, own.judgedMs)),
    silentSeconds: own.silentMs / 1_000,
    meanAgeSeconds: short(ratio(own.ageMsMs, own.postedMs) / 1_000),
    maxAgeSeconds: own.maxAgeMs / 1_000,
    overdueSeconds: own.overdueMs / 1_000,
    pushes: pushed.pushes,
    pushCostUsd: usdText(pushed.cost),
    liquidations: lost.liquidations,
    wrongfulLiquidations: lost.wrongful,
    liquidatedUsd: collateralText(lost.notional),
    penaltiesUsd: collateralText(lost.penalties),
    fundPaidUsd: collateralText(lost.fundPaid),
    fundEndUsd: collateralText(exchange.fund),
    fundLowestUsd: collateralText(exchange.fundLowest),
    shortfallUsd: collateralText(lost.shortfall),
    deleverages: lost.deleverages,
    fundingPaidUsd: collateralText(of.funding.paid[market] ?? 0n),
  }
}

/** Of all markets: sums, the worst of each, and means weighted by judged time. */
export function totalMeasures(all: readonly Measures[], exchange: ExchangeState): Measures {
  const sum = (of: (one: Measures) => number): number =>
    all.reduce((total, one) => total + of(one), 0)
  const most = (of: (one: Measures) => number): number => Math.max(0, ...all.map(of))
  const money = (of: (one: Measures) => string, places: number): bigint =>
    all.reduce((total, one) => total + wholeOf(of(one), places), 0n)
  const judged = sum((one) => one.judgedSeconds)
  const mean = (of: (one: Measures) => number): number =>
    short(
      ratio(
        sum((one) => of(one) * one.judgedSeconds),
        judged,
      ),
    )
  return {
    judgedSeconds: judged,
    wrongSeconds: sum((one) => one.wrongSeconds),
    worstBps: most((one) => one.worstBps),
    basisBps: mean((one) => one.basisBps),
    silentSeconds: sum((one) => one.silentSeconds),
    meanAgeSeconds: mean((one) => one.meanAgeSeconds),
    maxAgeSeconds: most((one) => one.maxAgeSeconds),
    overdueSeconds: sum((one) => one.overdueSeconds),
    pushes: sum((one) => one.pushes),
    pushCostUsd: usdText(money((one) => one.pushCostUsd, 18)),
    liquidations: sum((one) => one.liquidations),
    wrongfulLiquidations: sum((one) => one.wrongfulLiquidations),
    liquidatedUsd: collateralText(money((one) => one.liquidatedUsd, 6)),
    penaltiesUsd: collateralText(money((one) => one.penaltiesUsd, 6)),
    fundPaidUsd: collateralText(money((one) => one.fundPaidUsd, 6)),
    fundEndUsd: collateralText(exchange.fund),
    fundLowestUsd: collateralText(exchange.fundLowest),
    shortfallUsd: collateralText(exchange.shortfall),
    deleverages: sum((one) => one.deleverages),
    fundingPaidUsd: collateralText(money((one) => one.fundingPaidUsd, 6)),
  }
}

function wholeOf(text: string, places: number): bigint {
  const [whole = '', cents = ''] = text.split('.')
  return BigInt(whole + cents.padEnd(places, '0'))
}

function ratio(sum: number, of: number): number {
  return of === 0 ? 0 : sum / of
}

function short(value: number): number {
  return Number(value.toPrecision(9))
}
