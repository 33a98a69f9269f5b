import { judgeScenario, type ScenarioVerdict } from './judge-scenario.ts'
import type { Measure } from './measure.ts'
import { columns, type Recording } from './recordings.ts'
import { covers, type Rule } from './rule.ts'
import { notInPrices, type Scenario } from './scenarios.ts'
import { behindIn, cellOf } from './standing.ts'

/** One rule in every scenario; undefined where it has too few sources of its own kind there. */
export type ScenarioRow = {
  readonly rule: string
  readonly verdicts: readonly (ScenarioVerdict | undefined)[]
}

export function scenarioRows(
  rules: readonly Rule[],
  scenarios: readonly Scenario[],
): readonly ScenarioRow[] {
  return rules.map((rule) => ({
    rule: rule.name,
    verdicts: scenarios.map((scenario) =>
      scenario.variants.every(({ setup }) => covers(rule, setup))
        ? judgeScenario(rule, scenario)
        : undefined,
    ),
  }))
}

/** Rules by scenarios, and what each letter stands for. */
export function scenarioTable(
  rows: readonly ScenarioRow[],
  scenarios: readonly Scenario[],
): string {
  const head = ['rule', ...scenarios.map((_, index) => String(index + 1)), 'right', 'largest error']
  const lines = rows.map(({ rule, verdicts }) => {
    const judged = verdicts.filter((verdict) => verdict !== undefined)
    const right = judged.filter(({ isRight }) => isRight).length
    const worst = Math.max(0, ...judged.map(({ worstBps }) => worstBps))
    return [
      rule,
      ...verdicts.map(markOf),
      `${right}/${judged.length}`,
      worst === Infinity ? 'a price where none was' : `${bps(worst)} bps`,
    ]
  })
  return [
    `Scenarios: ${scenarios.length}, each with every venue in the failing role. + right, x wrong, 0 silent where a price was due, blank: too few sources of its kind.`,
    '',
    table(head, lines),
    '',
    ...scenarios.map(
      ({ name, source }, index) => `${String(index + 1).padStart(4)}  ${name} (${source})`,
    ),
    '',
    'Not in prices, so that no rule over them can be right or wrong:',
    ...Object.entries(notInPrices).map(([name, why]) => `      ${name}: ${why}`),
  ].join('\n')
}

function markOf(verdict: ScenarioVerdict | undefined): string {
  if (!verdict) return ''
  if (verdict.isRight) return '+'
  return verdict.isSilent ? '0' : 'x'
}

/** Rules by columns for one recording, and why ours is not the best where it is not. */
export function recordingTable(recording: Recording, measures: readonly Measure[]): string {
  const { name, note, wrongBps, moveBps, followWithinMs } = recording
  const [ours] = measures
  const head = [
    'rule',
    'largest error, bps',
    `s wrong by > ${wrongBps} bps`,
    's silent',
    `moves of ${moveBps} bps followed in ${followWithinMs / 1000} s, mean lag`,
  ]
  const lines = measures.map((one) => [one.rule, ...columns.map((column) => cellOf(column, one))])
  const silences = Object.entries(ours?.silentFor ?? {}).map(([why, ms]) => `${why} ${ms / 1000} s`)
  return [
    `${name}: ${(ours?.judgedMs ?? 0) / 1000} s in which sound venues agreed`,
    `  ${note}`,
    '',
    table(head, lines),
    '',
    ...(silences.length === 0 ? [] : [`  ours was silent: ${silences.join(', ')}`]),
    ...behindIn(measures, recording).map(
      ({ column, ours: own, best, rules, reason }) =>
        `  ours is not the best in "${column}": ${own}, ${rules.slice(0, 3).join(', ')}${rules.length > 3 ? ' and others' : ''} ${best}. ${reason ?? 'NOBODY HAS LOOKED INTO IT.'}`,
    ),
  ].join('\n')
}

/** All recordings together. */
export function totalsTable(all: readonly (readonly Measure[])[], rows: readonly ScenarioRow[]) {
  const lines = rows.map(({ rule, verdicts }) => {
    const own = all.flatMap((measures) => measures.filter((one) => one.rule === rule))
    const judged = verdicts.filter((verdict) => verdict !== undefined)
    const add = (of: (one: Measure) => number) => own.reduce((total, one) => total + of(one), 0)
    const moves = add((one) => one.moves.all)
    const share =
      moves === 0 ? '' : `${((add((one) => one.moves.followed) / moves) * 100).toFixed(1)} %`
    return [
      rule,
      `${judged.filter(({ isRight }) => isRight).length}/${judged.length}`,
      String(own.length),
      bps(Math.max(0, ...own.map(({ worst }) => worst.bps))),
      inSeconds(add(({ wrongMs }) => wrongMs)),
      inSeconds(add(({ silentMs }) => silentMs)),
      share,
    ]
  })
  const head = [
    'rule',
    'scenarios right',
    'recordings',
    'largest error, bps',
    's wrong',
    's silent',
    'moves followed',
  ]
  return ['All together', '', table(head, lines)].join('\n')
}

function bps(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 1 })
}

function inSeconds(ms: number): string {
  return Math.round(ms / 1000).toLocaleString('en-GB')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows]
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((text, at) =>
          at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join('\n')
}
