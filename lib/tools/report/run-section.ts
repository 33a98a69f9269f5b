import type { BacktestResult, BacktestRun } from '../../domain/backtest/backtest-result.ts'
import type { Cell, Part, Section, Table } from './parts.ts'
import { bpsText, countText, lastingText, numberText, timeText, usdText } from './words.ts'

/** What was run, so that somebody else can run it again. */
export function runSection({ run, format }: BacktestResult): Section {
  return {
    key: 'run',
    title: 'How it was run',
    parts: [
      { key: 'run', kind: 'table', table: keyed('The run', runRows(run, format)) },
      {
        key: 'settings',
        kind: 'table',
        table: keyed('The world it was tried in', settingRows(run)),
      },
      ...changeParts(run),
      { key: 'recordings', kind: 'table', table: recordingsTable(run) },
      ...gapParts(run),
      { key: 'parameters', kind: 'table', table: parametersTable(run) },
    ],
  }
}

function keyed(title: string, rows: readonly (readonly Cell[])[]): Table {
  return { title, columns: [{ name: 'What' }, { name: 'Value' }], rows }
}

function runRows(run: BacktestRun, format: string): readonly (readonly Cell[])[] {
  return [
    ['network', run.network],
    ['version of the program', run.version],
    ['format of the result', format],
    ['hash of the parameters', run.parameters.hash],
    ['seed', String(run.seed)],
    ['from', timeText(run.from)],
    ['to', timeText(run.to)],
    ['rounds', `${numberText(run.rounds, 0)}, one every ${lastingText(run.everyMs)}`],
    ['quotes aggregated', numberText(run.quotes, 0)],
  ]
}

function settingRows({ settings }: BacktestRun): readonly (readonly Cell[])[] {
  const { crowd } = settings
  return [
    [
      'gas of a push',
      `${numberText(settings.gasPerTransaction)} and ${numberText(settings.gasPerPrice)} for each price`,
    ],
    ['price of gas', `${settings.usdPerGas} USD`],
    ['from a round until its price is posted', lastingText(settings.pushLatencyMs)],
    ['from a fall until a liquidation', lastingText(settings.liquidationDelayMs)],
    ['a posted price is wrong beyond', bpsText(settings.wrongBps)],
    ['sound sources are within', bpsText(settings.slackBps)],
    ['rules of the exchange', settings.rules],
    ['funding', settings.funding],
    ['accounts', `${countText(crowd.accounts, 'account')}: ${crowd.distribution}`],
    ['insurance fund at the beginning', usdText(crowd.insuranceFund)],
  ]
}

function changeParts({ changes }: BacktestRun): readonly Part[] {
  if (changes.length === 0) return []
  const table = {
    ...keyed(
      'Changed in the network file',
      changes.map(({ path, value }) => [path, value]),
    ),
    columns: [{ name: 'Parameter' }, { name: 'Set to' }],
  }
  return [{ key: 'changes', kind: 'table', table }]
}

/** As governance knows them, changes included. */
function parametersTable({ parameters }: BacktestRun): Table {
  return {
    title: 'All parameters',
    columns: [{ name: 'Parameter' }, { name: 'Value' }],
    rows: Object.entries(parameters.values),
    folded: true,
  }
}

function recordingsTable({ recordings }: BacktestRun): Table {
  return {
    title: 'Recordings',
    columns: [
      { name: 'File' },
      { name: 'Rows', numeric: true },
      { name: 'From' },
      { name: 'To' },
      { name: 'Gaps', numeric: true },
      { name: 'Bid above ask', numeric: true },
      { name: 'Series of no feed' },
    ],
    rows: recordings.map(({ file, rows, from, to, gaps, crossed, unused }): readonly Cell[] => [
      file,
      numberText(rows, 0),
      timeText(from),
      timeText(to),
      numberText(gaps.all, 0),
      numberText(crossed.all, 0),
      unused.join(', '),
    ]),
  }
}

function gapParts({ recordings }: BacktestRun): readonly Part[] {
  const all = recordings.flatMap(({ file, gaps }) => gaps.listed.map((gap) => ({ file, ...gap })))
  if (all.length === 0) return []
  const longest = all
    .toSorted((one, other) => other.to - other.from - (one.to - one.from))
    .slice(0, mostGaps)
  return [
    {
      key: 'gaps',
      kind: 'table',
      table: {
        title: `Gaps in recordings, the longest ${countText(longest.length, 'one')}`,
        columns: [
          { name: 'From' },
          { name: 'For', numeric: true },
          { name: 'Source' },
          { name: 'File and line' },
        ],
        rows: longest.map(({ file, source, line, from, to }): readonly Cell[] => [
          { text: timeText(from), from, to },
          lastingText(to - from),
          source,
          `${file}:${line}`,
        ]),
        folded: true,
      },
    },
  ]
}

/** More are told by the run itself. */
const mostGaps = 50
