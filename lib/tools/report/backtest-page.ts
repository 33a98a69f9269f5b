import type { BacktestResult } from '../../domain/backtest/backtest-result.ts'
import { backtestSections } from './backtest-sections.ts'
import { coarserResult } from './coarser.ts'
import { reportPage } from './report-page.ts'
import { countText, lastingText, timeText } from './words.ts'

/**
 * Values that charts of one page hold: about 5 MB of text. A longer result is drawn in fewer buckets, each still with its
 * lowest and its highest; the JSON beside the page holds all.
 */
export const mostValues = 900_000

/** One run as one HTML file that needs nothing else. `name` is what people call it. */
export function backtestPage(result: BacktestResult, { name }: { readonly name: string }): string {
  const { run } = result
  return reportPage({
    kind: 'Backtest',
    name,
    about: aboutRun(result),
    sides: [],
    sections: backtestSections(coarserResult(result, mostValues)),
    from: run.from,
    to: run.to,
  })
}

/** Under the title. */
export function aboutRun({ run, markets }: BacktestResult): readonly string[] {
  return [
    `network ${run.network}`,
    `${timeText(run.from)} to ${timeText(run.to)} UTC, ${lastingText(run.to - run.from)}`,
    countText(run.rounds, 'round'),
    countText(markets.length, 'market'),
    `seed ${run.seed}`,
  ]
}
