import type {
  BacktestResult,
  BacktestSettings,
  Measures,
} from '../../domain/backtest/backtest-result.ts'
import { isKnown, measureText } from './measure-kinds.ts'
import type { Figure, Section, Tone } from './parts.ts'
import { bpsText, countText, lastingText, numberText, percentText, usdText } from './words.ts'

/** What a run came to, before anything else. */
export function headline({ totals, run, markets }: BacktestResult): Section {
  const { crowd } = run.settings
  const silences = markets.reduce((sum, { silent }) => sum + silent.all, 0)
  const lasted = ((run.to - run.from + run.everyMs) / 1_000) * markets.length
  const figures: readonly Figure[] = [
    ...deviationFigures(totals, run.settings),
    {
      name: 'No price',
      value: lastingText(totals.silentSeconds * 1_000),
      note: `refused or held ${countText(silences, 'time')}, ${shareText(totals.silentSeconds, lasted)} of all time`,
      ...(totals.silentSeconds > 0 ? { tone: 'warning' as const } : {}),
    },
    {
      name: 'Pushes',
      value: numberText(totals.pushes),
      note: `cost ${usdText(totals.pushCostUsd)}`,
    },
    {
      name: 'Age of the posted price',
      value: measureText({ key: 'meanAgeSeconds', unit: 's' }, totals),
      note: `${lastingText(totals.maxAgeSeconds * 1_000)} at most, ${lastingText(totals.overdueSeconds * 1_000)} past the heartbeat`,
      ...(totals.overdueSeconds > 0 ? { tone: 'warning' as const } : {}),
    },
    ...exchangeFigures(totals, crowd.accounts),
  ]
  return {
    key: 'headline',
    title: 'What it came to',
    parts: [{ key: 'headline', kind: 'figures', figures }],
  }
}

/** Where nothing was posted or nobody knew better, no price was wrong, and none was right. */
function deviationFigures(totals: Measures, { wrongBps }: BacktestSettings): readonly Figure[] {
  if (!isKnown({ key: 'wrongSeconds' }, totals))
    return [
      {
        name: 'Wrong price',
        value: 'not known',
        note: 'no posted price could be judged',
        tone: 'warning',
      },
    ]
  return [
    {
      name: 'Wrong price',
      value: lastingText(totals.wrongSeconds * 1_000),
      note: `${shareText(totals.wrongSeconds, totals.judgedSeconds)} of the time judged, beyond ${bpsText(wrongBps)}`,
      tone: tone(totals.wrongSeconds > 0, 'critical'),
    },
    {
      name: 'Worst deviation',
      value: bpsText(totals.worstBps),
      note: `basis ${bpsText(totals.basisBps)} on average`,
      tone: tone(Math.abs(totals.worstBps) > wrongBps, 'critical'),
    },
  ]
}

/** None where there are no accounts. */
function exchangeFigures(totals: Measures, accounts: number): readonly Figure[] {
  if (accounts === 0) return []
  return [
    {
      name: 'Liquidations',
      value: numberText(totals.liquidations),
      note: `${usdText(totals.liquidatedUsd)}; ${numberText(totals.wrongfulLiquidations)} by a wrong price`,
      ...(totals.wrongfulLiquidations > 0 ? { tone: 'critical' as const } : {}),
    },
    {
      name: 'Deleveraged',
      value: numberText(totals.deleverages),
      note: `of ${countText(accounts, 'account')}`,
      ...(totals.deleverages > 0 ? { tone: 'warning' as const } : {}),
    },
    {
      name: 'Shortfall',
      value: usdText(totals.shortfallUsd),
      note: 'beyond the insurance fund',
      tone: tone(Number(totals.shortfallUsd) > 0, 'critical'),
    },
    {
      name: 'Insurance fund at the end',
      value: usdText(totals.fundEndUsd),
      note: `${usdText(totals.fundLowestUsd)} at its lowest, ${usdText(totals.fundPaidUsd)} paid`,
    },
  ]
}

function tone(isWrong: boolean, wrong: Tone): Tone {
  return isWrong ? wrong : 'ok'
}

function shareText(part: number, whole: number): string {
  return whole === 0 ? 'none' : percentText(part / whole)
}
