import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'
import { setImmediate as pause } from 'node:timers/promises'

import type { LoadedRecordings } from '../../adapters/recordings/load-recordings.ts'
import { openScan } from '../../adapters/scan/wasm-scan.ts'
import {
  backtestFormat,
  type BacktestResult,
  type BacktestRun,
  type Measures,
  type TradeOffCurve,
} from '../../domain/backtest/backtest-result.ts'
import type { BacktestSetup } from '../../domain/backtest/backtest-setup.ts'
import {
  type Backtest,
  type BacktestOutcome,
  type BacktestState,
  openBacktest,
} from '../../domain/backtest/backtest.ts'
import { crowdWords } from '../../domain/backtest/crowd.ts'
import type { Source } from '../../domain/feed.ts'
import type { QuoteSeries } from '../../domain/recorded/quote-series.ts'
import type { Network } from '../../runtime/network/schema.ts'
import { parametersHash, parametersOf } from '../../runtime/parameters/parameters-of.ts'
import { wallClock } from '../../runtime/wall-clock.ts'
import type { BacktestOptions } from '../backtest.ts'
import { readNetwork } from '../read-network.ts'
import { backtestCsv } from '../report/backtest-csv.ts'
import { backtestPage } from '../report/backtest-page.ts'
import { stopSignals } from '../stop-signals.ts'
import {
  AskedError,
  type Change,
  parseChange,
  parseSweep,
  pointsOf,
  type Sweep,
  type Tried,
  tryWith,
  unitOf,
  valueAt,
} from './asked.ts'
import { backtestLines } from './backtest-lines.ts'
import { barChanges, playingBars } from './bars.ts'
import {
  buildSetup,
  fundingText,
  nameOf,
  type Played,
  playedFeeds,
  sourceNames,
} from './build-setup.ts'
import { type Checkpoint, dropCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { openProgress, type Progress } from './progress.ts'
import { dataInput, filesUsed, readData } from './read-data.ts'
import { kindsOf, type PlayedKind, usualWorld, type WorldValues } from './world-settings.ts'

/** So many rounds at a time; between them somebody may stop it. */
const roundsAtOnce = 500

/** Plays recordings, writes what came of it, and answers the exit code. */
export async function showBacktest(options: BacktestOptions): Promise<number> {
  const stop = stopSignals()
  const progress = openProgress(process.stderr, () => performance.now())
  try {
    const asked = await readAsked(options)
    const loaded = await readData({
      data: options.data,
      columns: options.columns ?? [],
      wanted: sourceNames(playedFeeds(asked.tried.network, asked.markets)),
      notAfter: wallClock.now(),
      from: timeAsked('--from', options.from),
      to: timeAsked('--to', options.to),
      onProgress: (file, bytes) => progress.show(`reading ${basename(file)}`, bytes / sizeOf(file)),
    })
    const played = playedIn(asked, loaded, options)
    const outcome = await runAll({ asked, played, loaded, options, progress, signal: stop.signal })
    progress.end()
    if (!outcome) {
      process.stderr.write('stopped; the same command goes on from here\n')
      return 1
    }
    const result: BacktestResult = {
      format: backtestFormat,
      run: runOf(asked, { played, loaded, options, outcome: outcome.outcome }),
      ...partsOf(outcome.outcome),
      curves: outcome.curves,
    }
    writeResults(options.out, result)
    process.stdout.write(`${backtestLines(result, options.out).join('\n')}\n`)
    return 0
  } finally {
    progress.end()
    stop.release()
  }
}

function partsOf({ markets, legs, exchange, totals }: BacktestOutcome) {
  return { markets, legs, exchange, totals }
}

/** What is asked for, checked against the network file. */
type Asked = {
  readonly tried: Tried
  readonly changes: readonly Change[]
  readonly sweeps: readonly Sweep[]
  readonly markets: readonly string[]
  readonly engine: string | undefined
  readonly seed: number
  readonly networkText: string
}

async function readAsked(options: BacktestOptions): Promise<Asked> {
  const { network } = await readNetwork(options.network)
  const markets = marketsAsked(Object.keys(network.markets), options.market)
  const bars = options.bars === undefined ? [] : barChanges(options.bars, { network, markets })
  const asked = [
    ...(options.accounts === undefined
      ? []
      : [{ path: 'backtest.accounts', text: options.accounts }]),
    ...(options.with ?? []).map(parseChange),
  ]
  const sweeps = (options.sweep ?? []).map(parseSweep)
  const every = network.jobs['publish-prices']?.everySeconds
  const world: WorldValues = {
    ...usualWorld(),
    ...(every !== undefined && { everySeconds: String(every) }),
  }
  const engine = engineAsked(network.engines, options.engine)
  const paths = [...asked, ...sweeps.flat()].map(({ path }) => path)
  checkOfKind(paths, network.engines, engine)
  const tried = tryWith(playingBars({ network, world }, bars), asked)
  // Whatever is wrong with a point is told before anything is played.
  for (const sweep of sweeps) for (const point of pointsOf(sweep)) tryWith(tried, point)
  return {
    tried,
    changes: [...bars, ...asked],
    sweeps,
    markets,
    engine,
    seed: seedOf(options.seed),
    networkText: readFileSync(options.network, 'utf8'),
  }
}

function marketsAsked(
  known: readonly string[],
  asked: readonly string[] | undefined,
): readonly string[] {
  const lost = (asked ?? []).filter((symbol) => !known.includes(symbol))
  if (lost.length > 0)
    throw new AskedError(
      `--market: the network file has no ${lost.join(', ')}; it has ${known.join(', ')}`,
    )
  return asked ?? known
}

function engineAsked(
  engines: Tried['network']['engines'],
  asked: string | undefined,
): string | undefined {
  const known = playedKinds.flatMap((played) =>
    Object.entries(engines).flatMap(([name, { kind }]) => (kind === played ? [name] : [])),
  )
  if (asked !== undefined && !known.includes(asked))
    throw new AskedError(
      `--engine: the network file has no exchange ${asked}; it has ${known.join(', ') || 'none'}`,
    )
  return asked ?? known[0]
}

/** In the order in which they are taken where nobody says which. */
const playedKinds: readonly PlayedKind[] = ['evm-engine', 'starknet-perpetual', 'starkex']

/** A setting that the played exchange does not have would change nothing, and nobody would see why. */
function checkOfKind(
  paths: readonly string[],
  engines: Tried['network']['engines'],
  engine: string | undefined,
): void {
  const found = engine === undefined ? undefined : engines[engine]
  const kind = found?.kind ?? 'evm-engine'
  const own = `engines.${engine}.liquidation`
  for (const path of paths) {
    const kinds = kindsOf(path)
    if (kinds && !kinds.includes(kind))
      throw new AskedError(
        `${path} is a setting of ${kinds.join(' and ')}, and ${engine ?? 'what is played'} is of ${kind}${kind === 'evm-engine' ? '' : `; its fee, discount and target are parameters of ${own}`}`,
      )
    const isRisk = path === 'backtest.maintenanceMarginBps'
    if (isRisk && found?.kind === 'starkex' && found.liquidation)
      throw new AskedError(`${path}: the network file says the risk of its markets, in ${own}.risk`)
  }
}

function seedOf(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new AskedError(`--seed is "${text}"; expected a whole number up to nine digits`)
  return Number(text)
}

/** When it begins and ends, and which of the markets recordings say anything of. */
function playedIn(asked: Asked, loaded: LoadedRecordings, options: BacktestOptions): Played {
  const everyMs = Number(asked.tried.world.everySeconds) * 1_000
  const first = loaded.files.reduce((least, { from }) => Math.min(least, from), Infinity)
  const last = loaded.files.reduce((most, { to }) => Math.max(most, to), -Infinity)
  const from = Math.ceil((timeAsked('--from', options.from) ?? first) / everyMs) * everyMs
  const to = Math.floor((timeAsked('--to', options.to) ?? last) / everyMs) * everyMs
  if (!(to >= from)) throw new NothingToPlayError({ from, to, first, last })
  const recorded = new Set(loaded.series.filter(({ length }) => length > 0).map(nameOf))
  const feeds = playedFeeds(asked.tried.network, asked.markets)
  const markets = feeds.markets
    .filter(
      ({ sources }) =>
        sources.filter((source) => recorded.has(nameOf(source))).length >= leastSources,
    )
    .map(({ feed }) => feed)
  const unused = loaded.files.flatMap((file) => file.unused)
  if (markets.length === 0) throw new NoMarketError(asked.markets, [...recorded], unused)
  const { engine, seed } = asked
  return { markets, engine, from, to, seed, judgeMs: everyMs }
}

/** With one alone there is nothing to agree with. */
const leastSources = 2

function timeAsked(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isNaN(time))
    throw new AskedError(
      `${option} is "${text}"; expected a time in UTC such as 2023-03-10T18:00:00Z or 2023-03-10`,
    )
  return time
}

type Work = {
  readonly asked: Asked
  readonly played: Played
  readonly loaded: LoadedRecordings
  readonly options: BacktestOptions
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** The run and every point of its curves, from where an earlier one with the same arguments was; undefined where it was stopped. */
async function runAll(
  work: Work,
): Promise<
  { readonly outcome: BacktestOutcome; readonly curves: readonly TradeOffCurve[] } | undefined
> {
  const { asked, played, options } = work
  const key = keyOf(work)
  const found = readCheckpoint(options.out, key)
  if (found === 'other')
    process.stderr.write('the checkpoint in --out is of other arguments or files; beginning anew\n')
  let kept: Checkpoint =
    found === undefined || found === 'other'
      ? { key, outcome: undefined, points: [], state: undefined }
      : found
  const keep = (next: Partial<Checkpoint>): void => {
    kept = { ...kept, ...next }
    writeCheckpoint(options.out, kept)
  }
  const own = setupOf(asked.tried, played)
  const outcome =
    kept.outcome ??
    (await runOne(work, {
      setup: own,
      part: 'playing',
      isLean: false,
      state: kept.state,
      keep: (state) => keep({ state }),
    }))
  if (!outcome) return undefined
  if (!kept.outcome) keep({ outcome, state: undefined })
  const wanted = asked.sweeps.flatMap((sweep) => pointsOf(sweep))
  for (const [at, changes] of wanted.entries()) {
    if (at < kept.points.length) continue
    const point = await measuresAt(work, {
      changes,
      own: outcome.totals,
      kept,
      keep,
      of: [at + 1, wanted.length],
    })
    if (!point) return undefined
    keep({ points: [...kept.points, point], state: undefined })
  }
  dropCheckpoint(options.out)
  return { outcome, curves: curvesOf(asked, kept.points) }
}

async function measuresAt(
  work: Work,
  point: {
    readonly changes: readonly Change[]
    readonly own: Measures
    readonly kept: Checkpoint
    readonly keep: (next: Partial<Checkpoint>) => void
    readonly of: readonly [number, number]
  },
): Promise<Measures | undefined> {
  const { asked, played } = work
  if (isRun(asked.tried, point.changes)) return point.own
  const outcome = await runOne(work, {
    setup: setupOf(tryWith(asked.tried, point.changes), played),
    part: `point ${point.of[0]} of ${point.of[1]}`,
    isLean: true,
    state: point.kept.state,
    keep: (state) => point.keep({ state }),
  })
  return outcome?.totals
}

async function runOne(
  { loaded, options, progress, signal }: Work,
  of: {
    readonly setup: BacktestSetup
    readonly part: string
    readonly isLean: boolean
    readonly state: BacktestState | undefined
    readonly keep: (state: BacktestState) => void
  },
): Promise<BacktestOutcome | undefined> {
  const backtest: Backtest = openBacktest({
    setup: of.setup,
    seriesOf: finder(loaded),
    scan: openScan(),
    isLean: of.isLean,
    ...(of.state && { state: of.state }),
  })
  let keptAt = performance.now()
  while (backtest.run(roundsAtOnce)) {
    progress.show(of.part, backtest.round() / backtest.rounds)
    if (signal.aborted) {
      of.keep(backtest.state())
      return undefined
    }
    if (performance.now() - keptAt >= options.checkpoint) {
      of.keep(backtest.state())
      keptAt = performance.now()
    }
    await pause()
  }
  return backtest.result()
}

function setupOf({ network, world }: Tried, played: Played): BacktestSetup {
  return buildSetup(network, world, played)
}

function finder({ series }: LoadedRecordings): (source: Source) => QuoteSeries | undefined {
  const byName = new Map(series.map((one) => [nameOf(one), one]))
  return (source) => byName.get(nameOf(source))
}

function isRun(tried: Tried, changes: readonly Change[]): boolean {
  return changes.every(
    (change) => valueAt(tried, change.path) === valueAt(tryWith(tried, [change]), change.path),
  )
}

function curvesOf(
  { tried, sweeps }: Asked,
  measures: readonly Measures[],
): readonly TradeOffCurve[] {
  let next = 0
  return sweeps.map((sweep) => ({
    paths: sweep.map(({ path }) => path),
    units: sweep.map(({ path }) => unitOf(path)),
    points: pointsOf(sweep).map((changes) => {
      const own = measures[next]
      next += 1
      if (!own) throw new RangeError('every point has its measures')
      return {
        values: changes.map((change) => valueAt(tryWith(tried, [change]), change.path)),
        isRun: isRun(tried, changes),
        measures: own,
      }
    }),
  }))
}

/** Everything that decides the result, and nothing else: the same files and arguments go on. */
function keyOf({ asked, played, options }: Work): string {
  const files = options.data.map((text) => {
    const { file, source } = dataInput(text)
    const { size, mtimeMs } = statSync(file)
    return { file, source, size, mtimeMs }
  })
  const { changes, sweeps, networkText } = asked
  const all = {
    version: versionOf(),
    node: process.version,
    changes,
    sweeps,
    networkText,
    played,
    files,
    columns: options.columns,
  }
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}

function runOf(
  { tried, changes }: Asked,
  of: {
    readonly played: Played
    readonly loaded: LoadedRecordings
    readonly options: BacktestOptions
    readonly outcome: BacktestOutcome
  },
): BacktestRun {
  const { world, network } = tried
  const { played, outcome } = of
  // A StarkEx exchange has no fund that pays by itself.
  const hasFund = network.engines[played.engine ?? '']?.kind !== 'starkex'
  return {
    network: network.network,
    version: versionOf(),
    changes: changes.map(({ path }) => ({ path, value: valueAt(tried, path) })),
    parameters: parametersUsed(network),
    seed: played.seed,
    from: played.from,
    to: played.to,
    everyMs: Number(world.everySeconds) * 1_000,
    rounds: outcome.rounds,
    quotes: outcome.quotes,
    recordings: filesUsed(of.loaded),
    settings: {
      rules: rulesText(network.engines, played.engine),
      funding: fundingText(network, played, Number(world.everySeconds)),
      gasPerTransaction: Number(world.gasPerTransaction),
      gasPerPrice: Number(world.gasPerPrice),
      usdPerGas: world.usdPerGas,
      pushLatencyMs: Number(world.pushLatencyMs),
      liquidationDelayMs: Number(world.liquidationDelayMs),
      wrongBps: Number(world.wrongBps),
      slackBps: Number(world.slackBps),
      crowd: {
        accounts: Number(world.accounts),
        distribution: crowdWords,
        insuranceFund: hasFund ? world.insuranceFundUsd : '0',
      },
    },
  }
}

/** Whose rules made accounts are held to. */
function rulesText(engines: Network['engines'], engine: string | undefined): string {
  const kind = engine === undefined ? undefined : engines[engine]?.kind
  return kind === undefined
    ? 'evm-engine (the network file has no exchange)'
    : `${kind} (${engine})`
}

function parametersUsed(network: Network): BacktestRun['parameters'] {
  const values = Object.entries(parametersOf(network)).map(
    ([path, value]) => [path, JSON.stringify(value)] as const,
  )
  return { hash: parametersHash(network), values: Object.fromEntries(values) }
}

function writeResults(folder: string, result: BacktestResult): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'result.json'), `${JSON.stringify(result)}\n`)
  for (const [name, text] of Object.entries(backtestCsv(result)))
    writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'report.html'), backtestPage(result, { name: basename(folder) }))
}

function sizeOf(file: string): number {
  return Math.max(1, statSync(file, { throwIfNoEntry: false })?.size ?? 1)
}

function versionOf(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { readonly version: string }
  return version
}

/** No market of the network has two sources in the recordings. */
export class NoMarketError extends Error {
  override readonly name = 'NoMarketError'

  constructor(markets: readonly string[], recorded: readonly string[], unused: readonly string[]) {
    const has =
      recorded.length > 0
        ? `of its sources they have ${recorded.join(', ')}`
        : 'they have none of its sources'
    const others = unused.length > 0 ? `; not asked for: ${unused.slice(0, 10).join(', ')}` : ''
    super(
      `the recordings price none of ${markets.join(', ')}, which needs two sources: ${has}${others}`,
    )
  }
}

/** There are no rows at all, or none between the two times. */
export class NothingToPlayError extends Error {
  override readonly name = 'NothingToPlayError'

  constructor(of: {
    readonly from: number
    readonly to: number
    readonly first: number
    readonly last: number
  }) {
    const [from, to, first, last] = [of.from, of.to, of.first, of.last].map((time) =>
      Number.isFinite(time) ? new Date(time).toISOString() : 'nowhere',
    )
    super(
      Number.isFinite(of.first)
        ? `nothing to play from ${from} to ${to}; the recordings are of ${first} to ${last}`
        : 'the recordings have no rows',
    )
  }
}
