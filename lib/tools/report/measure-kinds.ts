import type { Measures } from '../../domain/backtest/backtest-result.ts'
import { bpsText, lastingText, numberText, usdText } from './words.ts'

/** One number of a run: its name for people, its unit, and which way is better. */
export type MeasureKind = {
  readonly key: keyof Measures
  readonly name: string
  readonly unit: 's' | 'bps' | 'USD' | ''
  readonly better: 'less' | 'more' | 'neither'
}

/** In the order in which people ask for them. */
export const measureKinds: readonly MeasureKind[] = [
  { key: 'wrongSeconds', name: 'wrong price', unit: 's', better: 'less' },
  { key: 'worstBps', name: 'worst deviation', unit: 'bps', better: 'less' },
  { key: 'basisBps', name: 'basis', unit: 'bps', better: 'less' },
  { key: 'silentSeconds', name: 'no price', unit: 's', better: 'less' },
  { key: 'pushes', name: 'pushes', unit: '', better: 'neither' },
  { key: 'pushCostUsd', name: 'cost of pushes', unit: 'USD', better: 'less' },
  { key: 'meanAgeSeconds', name: 'mean age', unit: 's', better: 'less' },
  { key: 'maxAgeSeconds', name: 'greatest age', unit: 's', better: 'less' },
  { key: 'overdueSeconds', name: 'past its heartbeat', unit: 's', better: 'less' },
  { key: 'liquidations', name: 'liquidations', unit: '', better: 'neither' },
  { key: 'wrongfulLiquidations', name: 'wrongful liquidations', unit: '', better: 'less' },
  { key: 'liquidatedUsd', name: 'liquidated', unit: 'USD', better: 'neither' },
  { key: 'penaltiesUsd', name: 'penalties', unit: 'USD', better: 'neither' },
  { key: 'deleverages', name: 'deleveraged', unit: '', better: 'less' },
  { key: 'shortfallUsd', name: 'shortfall', unit: 'USD', better: 'less' },
  { key: 'fundPaidUsd', name: 'paid by the fund', unit: 'USD', better: 'less' },
  { key: 'fundEndUsd', name: 'fund at the end', unit: 'USD', better: 'more' },
  { key: 'fundLowestUsd', name: 'fund at its lowest', unit: 'USD', better: 'more' },
  { key: 'fundingPaidUsd', name: 'funding paid', unit: 'USD', better: 'neither' },
  { key: 'judgedSeconds', name: 'judged', unit: 's', better: 'neither' },
]

/** What only a posted price that could be judged has, and what only a posted price has. */
const ofJudged: readonly MeasureKind['key'][] = ['wrongSeconds', 'worstBps', 'basisBps']
const ofPosted: readonly MeasureKind['key'][] = [
  'meanAgeSeconds',
  'maxAgeSeconds',
  'overdueSeconds',
]

/** Whether the run can say it: where nothing was posted or judged, nothing was wrong, and nothing was right. */
export function isKnown({ key }: Pick<MeasureKind, 'key'>, measures: Measures): boolean {
  if (ofJudged.includes(key)) return measures.judgedSeconds > 0
  return !ofPosted.includes(key) || measures.pushes > 0
}

/** A measure for people, with its unit. */
export function measureText(
  { key, unit }: Pick<MeasureKind, 'key' | 'unit'>,
  measures: Measures,
): string {
  return isKnown({ key }, measures) ? valueText(measures[key], unit) : 'not known'
}

/** A value of that unit for people; money is decimal text. */
export function valueText(value: number | string, unit: MeasureKind['unit']): string {
  switch (unit) {
    case 's':
      return lastingText(Number(value) * 1_000)
    case 'bps':
      return bpsText(Number(value))
    case 'USD':
      return usdText(String(value))
    case '':
      return numberText(Number(value))
  }
}
