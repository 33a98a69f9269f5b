import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import process from 'node:process'

import type { CompareOptions } from './compare.ts'
import { table } from './pnl-lines.ts'
import {
  backtestComparisonPage,
  changedSettings,
  type NamedResult,
} from './report/backtest-comparison.ts'
import { measureKinds, measureText } from './report/measure-kinds.ts'
import { NoResultError, readResult } from './report/read-result.ts'

/** Writes the page of two backtests, says in short what it shows, and answers the exit code. */
export function showComparison(one: string, other: string, { out }: CompareOptions): number {
  const [a, b] = [named(one), named(other)]
  writeFileSync(out, backtestComparisonPage(a, b))
  process.stdout.write(`${[...comparisonLines(a, b), '', `wrote ${out}`].join('\n')}\n`)
  return 0
}

/** What was changed, and every number of all markets that is not the same. */
export function comparisonLines(a: NamedResult, b: NamedResult): readonly string[] {
  const changed = changedSettings(a.result.run, b.result.run)
  const moved = measureKinds
    .map((kind) => [
      kind.name,
      measureText(kind, a.result.totals),
      measureText(kind, b.result.totals),
    ])
    .filter(([, own, others]) => own !== others)
  return [
    ...(changed.length === 0
      ? ['Both were run with the same parameters, settings, data and program.']
      : table([['changed', a.name, b.name], ...changed])),
    '',
    ...(moved.length === 0
      ? ['No number is otherwise.']
      : table([['all markets', a.name, b.name], ...moved])),
  ]
}

/** By its folder's name, which people chose. */
function named(path: string): NamedResult {
  const file = isFolder(path) ? join(path, 'result.json') : path
  return { name: basename(dirname(resolve(file))), result: readResult(textOf(file), file) }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new NoResultError(file, 'it cannot be read', { cause: error })
  }
}
