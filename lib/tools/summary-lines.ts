import { styleText } from 'node:util'

import { durationText } from './duration.ts'
import type { ChainSummary, Summary } from './summary.ts'

/** The summary as a few lines for a person. */
export function summaryLines(summary: Summary, { colour }: { readonly colour: boolean }): string[] {
  const paint = (style: 'green' | 'red', text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const { ticks, chains, incidents, broken } = summary
  return [
    '',
    `Ran for ${durationText(summary.ranForMs)}.`,
    `  ticks      ${ticks.done} done of ${ticks.planned} planned${counts('refused', ticks.refused)}${counts('failed', ticks.failed)}`,
    ...Object.entries(chains).map(([name, chain]) => `  ${name.padEnd(10)} ${chainText(chain)}`),
    `  incidents  ${incidents.opened} opened, ${incidents.resolved} resolved`,
    broken.length === 0 ? paint('green', '  All rules were kept.') : paint('red', '  Broken:'),
    ...broken.map((sentence) => paint('red', `    ${sentence}`)),
  ]
}

function counts(word: string, reasons: Readonly<Record<string, number>>): string {
  const entries = Object.entries(reasons)
  if (entries.length === 0) return ''
  const total = entries.reduce((sum, [, count]) => sum + count, 0)
  return `, ${total} ${word} (${entries.map(([reason, count]) => `${count} ${reason}`).join(', ')})`
}

function chainText({ included, reverted, slotToInclusionMs: { p50, p99 } }: ChainSummary): string {
  const took =
    p50 === null || p99 === null
      ? ''
      : `; slot to inclusion ${durationText(p50)} in the middle, ${durationText(p99)} at the 99th percentile`
  const transactions = included === 1 ? 'transaction' : 'transactions'
  return `${included} ${transactions} included, ${reverted} reverted${took}`
}
