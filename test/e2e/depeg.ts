import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createGunzip } from 'node:zlib'

import type { PriceRound } from '../../lib/domain/price-round.ts'
import { readPriceSnapshot } from '../../lib/keepers/price-snapshot.ts'
import { lookInto } from './kept-network.ts'
import { type RunningStarkeep, runStarkeep } from './running-starkeep.ts'

/** The weekend on which USDC lost its peg, minute by minute. */
const recording = fileURLToPath(
  new URL('../../../shared/data/prices/usdc_depeg_2023-03-01_21_1m.csv.gz', import.meta.url),
)
export const hasRecording = existsSync(recording)

export type DepegReport = {
  readonly from: string
  readonly rounds: number
  readonly priced: number
  /** The lowest price that USDC had in any round. */
  readonly lowestUsdc: number
  /** The furthest that a price was from what the venues in USD themselves said then, in bps. */
  readonly furthestBps: number
  /** How often each verdict fell on a source quoted in USDC. */
  readonly usdc: Readonly<Record<string, number>>
  readonly refused: Readonly<Record<string, number>>
  readonly exitCode: number | null
  readonly problems: readonly string[]
}

/**
 * Plays a part of the weekend, a minute in a second, until a node has had `enough` prices or `seconds` are over, and holds
 * every round against the recording itself.
 */
export async function playDepeg(
  from: string,
  seconds: number,
  enough = Infinity,
): Promise<DepegReport> {
  const dataDir = await mkdtemp(join(tmpdir(), 'starkeep-depeg-'))
  const run = runStarkeep([
    'local',
    `--data=${dataDir}`,
    '--port=0',
    `--for=${seconds}s`,
    `--market=recorded:${recording}`,
    `--from=${from}`,
    `--speed=${speed}`,
  ])
  try {
    const rounds = await watched(run, join(dataDir, 'network.yml'), enough)
    run.signal('SIGINT')
    const { code, stderr } = await run.ended
    const truth = await truthAround(Date.parse(from), seconds)
    return judged({ from, run, rounds, truth, code, stderr })
  } finally {
    run.signal('SIGKILL')
    await run.ended
    await rm(dataDir, { recursive: true, force: true })
  }
}

const speed = 60
const minuteMs = 60_000

/** Every round of one node, as the store has it while the run goes. */
async function watched(
  run: RunningStarkeep,
  file: string,
  enough: number,
): Promise<readonly PriceRound[]> {
  const rounds = new Map<number, PriceRound>()
  await run.ready()
  const over = () => run.lines.some(({ message }) => message === 'Time is up.')
  await lookInto(file, async (store, { oracles: [oracle] }) => {
    while (!over() && [...rounds.values()].filter(hasPrice).length < enough) {
      const stored = oracle && (await store.prices.read(oracle.name))
      if (stored) rounds.set(stored.round, readPriceSnapshot(stored.snapshot))
      await sleep(700)
    }
  })
  return [...rounds.values()]
}

function hasPrice({ feeds }: PriceRound): boolean {
  return feeds.some(({ role, outcome }) => role === 'market' && outcome.kind === 'price')
}

/** Closes by symbol and minute. */
type Truth = ReadonlyMap<string, ReadonlyMap<number, number>>

const directUsd = ['coinbase BTC-USD', 'kraken XBT/USD', 'binanceus BTCUSD', 'cryptocom BTC_USD']
const usdcUsd = 'kraken USDC/USD'

/** Read by this test alone: the file's `ts_ms,venue,symbol,price,…`. */
async function truthAround(from: number, seconds: number): Promise<Truth> {
  const [first, last] = [from - 10 * minuteMs, from + (seconds + 60) * 1000 * speed]
  const truth = new Map<string, Map<number, number>>()
  const rows = createInterface({ input: createReadStream(recording).pipe(createGunzip()) })
  for await (const row of rows) {
    const [time = '', venue, symbol, price] = row.split(',')
    const name = `${venue} ${symbol}`
    const at = Number(time)
    if (!(at >= first && at <= last) || ![...directUsd, usdcUsd].includes(name)) continue
    const closes = truth.get(name) ?? new Map<number, number>()
    truth.set(name, closes.set(Math.floor(at / minuteMs), Number(price)))
  }
  return truth
}

/** What may be said of a moment: every close from three minutes before to one minute after it. */
function near(truth: Truth, name: string, at: number): readonly number[] {
  const minute = Math.floor(at / minuteMs)
  return [-3, -2, -1, 0, 1].flatMap((off) => truth.get(name)?.get(minute + off) ?? [])
}

function judged({
  from,
  run,
  rounds,
  truth,
  code,
  stderr,
}: {
  readonly from: string
  readonly run: RunningStarkeep
  readonly rounds: readonly PriceRound[]
  readonly truth: Truth
  readonly code: number | null
  readonly stderr: string
}): DepegReport {
  const recordedAt = clockOf(run)
  const problems: string[] = code === 0 ? [] : [`it ended with code ${code}: ${stderr}`]
  const usdc: Record<string, number> = {}
  let [priced, furthestBps, lowestUsdc] = [0, 0, Infinity]
  for (const { at, round, feeds } of rounds) {
    const then = recordedAt(at)
    const leg = feeds.find(({ feed }) => feed === 'USDC-USD')?.outcome
    const rate = leg?.kind === 'price' ? leg.price.toNumber() : undefined
    if (rate !== undefined) lowestUsdc = Math.min(lowestUsdc, rate)
    const real = near(truth, usdcUsd, then)
    if (rate !== undefined && real.length > 0 && apartBps(rate, real) > 100)
      problems.push(`round ${round}: USDC counts at ${rate}, the recording has ${real.join(', ')}`)
    for (const { feed, outcome, sources } of feeds) {
      if (outcome.kind !== 'price' && outcome.kind !== 'hold' && outcome.detail === '')
        problems.push(`round ${round}: ${feed} was refused without a word`)
      if (feed !== 'BTC-USD') continue
      for (const { venue, instrument, verdict, price } of sources) {
        if (!instrument.endsWith('-USDC')) continue
        usdc[verdict] = (usdc[verdict] ?? 0) + 1
        const counts = verdict === 'agrees' || verdict === 'disagrees'
        if (counts && rate === undefined)
          problems.push(
            `round ${round}: ${venue}:${instrument} counts at ${String(price)} without a rate`,
          )
      }
      if (outcome.kind !== 'price') continue
      priced += 1
      const consensus = directUsd.flatMap((name) => near(truth, name, then))
      const off = apartBps(outcome.price.toNumber(), consensus)
      furthestBps = Math.max(furthestBps, off)
      if (off > 100)
        problems.push(
          `round ${round}: BTC-USD is ${String(outcome.price)}, ${off.toFixed(0)} bps from ${consensus.join(', ')}`,
        )
    }
  }
  const refused: Record<string, number> = {}
  for (const line of run.lines) {
    if (line['outcome'] !== 'refused') continue
    const reason = String(line['reason'])
    refused[reason] = (refused[reason] ?? 0) + 1
    if (line['detail'] === '')
      problems.push(`${String(line['job'])} refused (${reason}) without a word`)
  }
  return {
    from,
    rounds: rounds.length,
    priced,
    lowestUsdc,
    furthestBps,
    usdc,
    refused,
    exitCode: code,
    problems,
  }
}

/** How far outside of all that was said, in bps. */
function apartBps(price: number, said: readonly number[]): number {
  if (said.length === 0) return 0
  const [low, high] = [Math.min(...said), Math.max(...said)]
  return Math.max(0, (low - price) / low, (price - high) / high) * 10_000
}

/** Which recorded moment a wall time shows: the run says when the recording is over, and the file when that is. */
function clockOf(run: RunningStarkeep): (at: number) => number {
  const said = run.lines.flatMap(
    ({ message }) =>
      /^It ends at (\S+);/.exec(typeof message === 'string' ? message : '')?.[1] ?? [],
  )[0]
  const endsAt = Date.parse(said ?? '')
  return (at) => lastBarEnds - (endsAt - at) * speed
}

/** The file's last minute is over then. */
const lastBarEnds = Date.parse('2023-03-22T00:00:00Z')
