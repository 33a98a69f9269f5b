import type { BacktestResult } from '../../domain/backtest/backtest-result.ts'
import { curveSections } from './curve-sections.ts'
import { exchangeSections } from './exchange-section.ts'
import { deviationChart, leftOutParts, priceChart, sourcesTable } from './feed-parts.ts'
import { headline } from './headline.ts'
import { marketSection } from './market-section.ts'
import type { Section } from './parts.ts'
import { runSection } from './run-section.ts'

/** A run from its headline to how it was run. `beside` are the curves of another one that it is compared with. */
export function backtestSections(
  result: BacktestResult,
  beside: BacktestResult['curves'] = [],
): readonly Section[] {
  const { markets, legs, run } = result
  return [
    headline(result),
    ...markets.map((market) => marketSection(market, run)),
    ...Object.entries(legs).map(([currency, leg]): Section => ({
      key: `leg ${currency}`,
      title: `Conversion ${leg.feed}`,
      parts: [
        priceChart(leg, [], []),
        ...leftOutParts(leg, run),
        deviationChart(leg, {
          curves: [],
          limits: [],
          shades: [],
          summary: 'of each source, in the table below',
        }),
        sourcesTable(leg, run),
      ],
    })),
    ...exchangeSections(result),
    ...curveSections(result.curves, beside),
    runSection(result),
  ]
}
