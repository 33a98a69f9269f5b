import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { BacktestResult } from '../../../lib/domain/backtest/backtest-result.ts'
import type { BacktestOptions } from '../../../lib/tools/backtest.ts'
import { showBacktest } from '../../../lib/tools/backtest/show-backtest.ts'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../../lib/tools/cli.ts', import.meta.url))
const local = fileURLToPath(new URL('../../../infra/networks/local.yml', import.meta.url))

const first = Date.UTC(2026, 0, 5)
const minute = 60_000
const venues = ['coinbase', 'kraken', 'bitstamp', 'bitfinex', 'gemini', 'cryptocom']

let folder = ''
let data = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-backtest-'))
  data = recording('six.csv.gz', 1_500)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('starkeep backtest', () => {
  test('plays a recording, and writes what came of it as JSON, as a page and as tables', async () => {
    const { code, stdout } = await backtest(['--data', data, '--out', 'whole'])
    expect(code).toBe(0)
    expect(stdout).toContain(
      '1500 rounds of 60 s, 2026-01-05T00:00:00.000Z to 2026-01-06T00:59:00.000Z, seed 1',
    )
    expect(stdout).toMatch(/BTC-USD +\d+ +\d+/)
    const { run: made, markets, exchange, totals } = resultIn('whole')
    expect(made).toMatchObject({ network: 'local', rounds: 1_500, seed: 1, everyMs: minute })
    expect(made.quotes).toBe(1_500 * venues.length)
    expect(made.recordings).toMatchObject([{ file: 'six.csv.gz', rows: 9_000, unused: [] }])
    expect(made.changes).toContainEqual({
      path: 'markets.BTC-USD.aggregation.maxQuoteAgeMs',
      value: '120000',
    })
    expect(markets.map(({ feed }) => feed)).toEqual(['BTC-USD'])
    expect(markets[0]?.outcomes).toEqual({ price: 1_500 })
    expect(totals.pushes).toBeGreaterThan(100)
    expect(exchange.liquidations.all).toBeGreaterThan(0)
    const files = readdirSync(join(folder, 'whole'))
    expect(files).toContain('report.html')
    expect(files).toContain('pushes.csv')
    expect(files).not.toContain('checkpoint')
  })

  test('that is killed goes on where it was, and comes to the same to the last byte', async () => {
    const sweep = 'markets.BTC-USD.push.deviationBps=5,30,60'
    const whole = { data: [data], sweep: [sweep], out: join(folder, 'never-killed') }
    expect(await showBacktest(optionsOf(whole))).toBe(0)
    const killed = ['--data', data, '--sweep', sweep, '--checkpoint', '1ms', '--out', 'killed']
    const checkpoint = join(folder, 'killed', 'checkpoint')
    let kills = 0
    // Each time a little further: in the run itself, and in a point of its curve.
    for (const waitMs of [0, 100, 300]) {
      const child = spawn(process.execPath, [cli, 'backtest', ...always(killed)], { cwd: folder })
      const ended = new Promise((resolve) => child.on('exit', resolve))
      while (!existsSync(checkpoint) && child.exitCode === null) await sleep(5)
      await sleep(waitMs)
      if (child.exitCode === null) kills += 1
      child.kill('SIGKILL')
      await ended
    }
    expect(kills).toBeGreaterThan(0)
    expect(existsSync(join(folder, 'killed', 'result.json'))).toBe(false)
    const rest = await backtest(killed)
    expect(rest.stderr).toBe('')
    expect(rest.code).toBe(0)
    for (const file of ['result.json', 'pushes.csv', 'curves.csv'])
      expect(textIn('killed', file)).toBe(textIn('never-killed', file))
  }, 90_000)

  test('that is asked to stop keeps where it is, and says so', async () => {
    // So many points that it is at work yet when it is asked.
    const sweep = `backtest.penaltyBps=${Array.from({ length: 60 }, (_, at) => at + 1).join(',')}`
    const args = always([
      '--data',
      data,
      '--sweep',
      sweep,
      '--checkpoint',
      '1ms',
      '--out',
      'stopped',
    ])
    const child = spawn(process.execPath, [cli, 'backtest', ...args], { cwd: folder })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    while (!existsSync(join(folder, 'stopped', 'checkpoint'))) await sleep(5)
    child.kill('SIGTERM')
    expect(await ended).toBe(1)
    expect(said).toContain('stopped; the same command goes on from here')
    // Other arguments are another run.
    const other = await backtest(['--data', data, '--seed', '2', '--out', 'stopped'])
    expect(other.stderr).toContain(
      'the checkpoint in --out is of other arguments or files; beginning anew',
    )
    expect(other.code).toBe(0)
  })

  test('changes parameters of the network and of its world, and sweeps them, alone and in pairs', async () => {
    const options = optionsOf({
      data: [data],
      out: join(folder, 'swept'),
      accounts: '50',
      with: ['markets.BTC-USD.push.deviationBps=20', 'backtest.pushLatencyMs=0'],
      sweep: [
        'markets.BTC-USD.push.deviationBps=5,20',
        'backtest.penaltyBps=50,100 backtest.insuranceFundUsd=0,1000',
      ],
    })
    expect(await showBacktest(options)).toBe(0)
    const { run: made, curves, totals } = resultIn('swept')
    expect(made.settings).toMatchObject({ pushLatencyMs: 0, crowd: { accounts: 50 } })
    expect(made.changes).toContainEqual({ path: 'markets.BTC-USD.push.deviationBps', value: '20' })
    const [one, pair] = curves
    expect(one).toMatchObject({ paths: ['markets.BTC-USD.push.deviationBps'], units: ['bps'] })
    expect(one?.points.map(({ values, isRun }) => [values, isRun])).toEqual([
      [['5'], false],
      [['20'], true],
    ])
    expect(one?.points[1]?.measures).toEqual(totals)
    expect(pair?.units).toEqual(['bps', 'USD'])
    expect(pair?.points.map(({ values }) => values)).toEqual([
      ['50', '0'],
      ['50', '1000'],
      ['100', '0'],
      ['100', '1000'],
    ])
  })

  test('takes a file of one source, with columns that are named for it', async () => {
    const files = venues.slice(0, 5).map((venue) => {
      const rows = Array.from(
        { length: 60 },
        (_, at) => `${first / 1_000 + at * 60},${priceAt(at, 0)},7`,
      )
      writeFileSync(join(folder, `${venue}.csv`), ['start,close,count', ...rows, ''].join('\n'))
      return `${venue}:BTC-USD=${join(folder, `${venue}.csv`)}`
    })
    const columns = 'open_s=start,bar_ms:=60000,price=close,ignore=count'
    const { code, stderr } = await backtest([
      '--data',
      ...files,
      '--columns',
      columns,
      '--out',
      'columns',
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    // Each bar is known when it has ended.
    expect(resultIn('columns').run).toMatchObject({ from: first + minute, rounds: 60 })
  })

  test('takes files of several venues, each with the columns of its own', async () => {
    const minutes = Array.from({ length: 60 }, (_, at) => at)
    const kraken = minutes.map((at) => `${first / 1_000 + at * 60},1,9,1,${priceAt(at, 1)},0.5,3`)
    const others = venues.filter((venue) => venue !== 'kraken').slice(0, 4)
    const files = [
      writeOwn('kraken', kraken),
      ...others.map((venue, which) =>
        writeOwn(venue, [
          'end,close',
          ...minutes.map((at) => `${first + (at + 1) * minute},${priceAt(at, which)}`),
        ]),
      ),
    ]
    const columns = ['kraken:open_s=#1,bar_ms:=60000,price=#5,volume=#6', 'ts_ms=end,price=close']
    const asked = ['--data', ...files, '--columns', ...columns]
    const { code, stderr } = await backtest([...asked, '--out', 'several'])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const { run: made } = resultIn('several')
    expect(made).toMatchObject({ from: first + minute, rounds: 60, quotes: 300 })
    expect(made.recordings.map(({ rows }) => rows)).toEqual([60, 60, 60, 60, 60])
  })

  test('plays the rules of a starknet-perpetual where that is asked for', async () => {
    const sweep = 'engines.core.liquidation.feeBps=50,200'
    const asked = ['--data', data, '--engine', 'core', '--sweep', sweep, '--out', 'core']
    const { code, stderr } = await backtest(asked)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const { run: made, totals, curves } = resultIn('core')
    expect(made.settings.rules).toBe('starknet-perpetual (core)')
    expect(totals.liquidations).toBeGreaterThan(0)
    const [few = 0, many = 0] = (curves[0]?.points ?? []).map(({ measures }) =>
      Number(measures.penaltiesUsd),
    )
    expect(many).toBeGreaterThan(few)
  })

  test('plays the rules of a StarkEx exchange, with the risk that its file says', async () => {
    const playedBy = async (factor: string): Promise<BacktestResult> => {
      writeFileSync(join(folder, 'starkex.yml'), starkexFile(factor))
      const asked = ['--network', 'starkex.yml', '--data', data, '--out', `starkex-${factor}`]
      const { code, stderr } = await backtest(asked)
      expect(stderr).toBe('')
      expect(code).toBe(0)
      return resultIn(`starkex-${factor}`)
    }
    const [low, high] = [await playedBy('107374182'), await playedBy('171798691')]
    expect(low.run.settings.rules).toBe('starkex (perps)')
    expect(low.run.settings.crowd.insuranceFund).toBe('0')
    expect(low.totals.liquidations).toBeGreaterThan(0)
    // 4 % are asked instead of 2.5.
    expect(high.totals.liquidations).toBeGreaterThan(low.totals.liquidations)
    const asked = ['--network', 'starkex.yml', '--data', data, '--out', 'nowhere']
    for (const [change, words] of [
      ['backtest.maintenanceMarginBps=400', 'the network file says the risk of its markets'],
      ['backtest.insuranceFundUsd=5', 'is a setting of evm-engine and starknet-perpetual'],
    ] as const) {
      const { code, stderr } = await backtest([...asked, '--with', change])
      expect(code).toBe(1)
      expect(stderr).toContain(words)
    }
  })

  test('plays bars of an hour, which are older than any live quote may be, and says what that leaves out', async () => {
    const hours = Array.from({ length: 48 }, (_, at) =>
      venues.map((venue, own) => {
        const symbol = venue === 'kraken' ? 'XBT/USD' : 'BTC-USD'
        return `${first + at * 60 * minute},${venue},${symbol},${priceAt(at, own)},,,1`
      }),
    )
    const file = join(folder, 'hours.csv')
    writeFileSync(file, [header, ...hours.flat(), ''].join('\n'))
    const { code, stdout, stderr } = await backtest([
      '--data',
      file,
      '--bars',
      '1h',
      '--out',
      'hours',
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const { run: made, markets, totals } = resultIn('hours')
    expect(made).toMatchObject({ rounds: 48, everyMs: 60 * minute })
    expect(markets[0]?.outcomes).toEqual({ price: 48 })
    expect(totals.wrongSeconds).toBe(0)
    expect(made.changes).toContainEqual({ path: 'backtest.maxPriceAgeSeconds', value: '7200' })
    expect(made.settings.funding).toBe(
      'none: an epoch of 60 s is no whole number of rounds of 3600 s',
    )
    expect(stdout).toContain('no funding is settled: an epoch of 60 s')
  })

  test('plays from and to the times that it is told', async () => {
    const times = ['--from', '2026-01-05T01:00:00Z', '--to', '2026-01-05T02:00:00Z']
    const { code } = await backtest(['--data', data, ...times, '--out', 'hour'])
    expect(code).toBe(0)
    expect(resultIn('hour').run).toMatchObject({
      from: first + 60 * minute,
      to: first + 120 * minute,
      rounds: 61,
    })
  })
})

/** A file of one venue, as the command line names it. */
function writeOwn(venue: string, lines: readonly string[]): string {
  const file = join(folder, `${venue}-own.csv`)
  writeFileSync(file, [...lines, ''].join('\n'))
  return `${venue}:BTC-USD=${file}`
}

describe('what cannot be played is an error that says what, and where', () => {
  test.each<readonly [string, Partial<BacktestOptions>, string]>([
    [
      'a market',
      { market: ['DOGE-USD'] },
      '--market: the network file has no DOGE-USD; it has BTC-USD, ETH-USD',
    ],
    [
      'an exchange',
      { engine: 'dex' },
      '--engine: the network file has no exchange dex; it has evm, core',
    ],
    [
      'a parameter',
      { with: ['markets.BTC-USD.push.deviation=5'] },
      'expected a parameter that changes in phases',
    ],
    [
      'a value',
      { with: ['markets.BTC-USD.push.deviationBps=-1'] },
      'markets.BTC-USD.push.deviationBps: ',
    ],
    [
      'a setting',
      { with: ['backtest.penalty=5'] },
      'backtest.penalty is no setting of a backtest; there are ',
    ],
    [
      'a setting’s value',
      { with: ['backtest.penaltyBps=0.5'] },
      'expected a whole number from 0 to 10000 (bps)',
    ],
    [
      'margins the wrong way round',
      { with: ['backtest.maintenanceMarginBps=600'] },
      'expected at most backtest.initialMarginBps, which is 500',
    ],
    [
      'a change',
      { with: ['backtest.penaltyBps'] },
      '"backtest.penaltyBps" is no change; expected path=value',
    ],
    [
      'a setting of another kind of exchange',
      { engine: 'core', with: ['backtest.penaltyBps=50'] },
      'backtest.penaltyBps is a setting of evm-engine, and core is of starknet-perpetual; its fee, discount and target are parameters of engines.core.liquidation',
    ],
    [
      'a curve over such a setting',
      { sweep: ['backtest.tiers=1,2'] },
      'backtest.tiers is a setting of starknet-perpetual, and evm is of evm-engine',
    ],
    [
      'risk that starknet-perpetual cannot have',
      { engine: 'core', with: ['backtest.maintenanceMarginBps=255'] },
      'backtest.maintenanceMarginBps is 255; expected a multiple of 10',
    ],
    [
      'risk beyond everything',
      { engine: 'core', with: ['backtest.tiers=100', 'backtest.tierStepBps=500'] },
      'expected at most 10000 bps in the last of 100 tiers',
    ],
    ['a point of a curve', { sweep: ['backtest.penaltyBps=5,x'] }, 'backtest.penaltyBps is "x"'],
    ['too many at once', { sweep: ['a=1 b=2 c=3'] }, 'one or two at a time'],
    [
      'a list',
      { sweep: ['markets.BTC-USD.sources=a,b'] },
      'is a list of sources, which is not swept',
    ],
    ['a seed', { seed: 'one' }, '--seed is "one"'],
    ['a time', { from: 'yesterday' }, '--from is "yesterday"; expected a time in UTC'],
    [
      'an end before the beginning',
      { to: '2025-01-01' },
      'nothing to play from 2026-01-05T00:00:00.000Z',
    ],
    ['columns', { columns: ['price'] }, '"price" maps no column'],
    [
      'columns of a venue without a file',
      { columns: ['kraken:price=close'] },
      'no file is given as kraken:BASE-QUOTE=file',
    ],
    [
      'columns of all files twice',
      { columns: ['price=close', 'price=last'] },
      '--columns are given twice for all files',
    ],
  ])('%s', async (_, wrong, text) => {
    await expect(showBacktest(optionsOf({ data: [data], ...wrong }))).rejects.toThrow(text)
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })

  test('a recording, with all its lines', async () => {
    const file = join(folder, 'broken.csv')
    const good = `${first},kraken,XBT/USD,1,,,1`
    writeFileSync(file, [header, good, good, 'soon,kraken,XBT/USD,1,,,1', ''].join('\n'))
    const { code, stderr } = await backtest(['--data', file, '--out', 'nowhere'])
    expect(stderr).toContain(`${file}, line 3: is a second bar of kraken XBT/USD`)
    expect(stderr).toContain(`${file}, line 4: ts_ms is "soon"`)
    expect(code).toBe(1)
  })

  test('a recording of other markets, with what it has instead', async () => {
    const file = join(folder, 'other.csv')
    writeFileSync(file, `${header}\n${first},kraken,DOGE/USD,1,,,1\n`)
    const playing = showBacktest(optionsOf({ data: [file] }))
    await expect(playing).rejects.toThrow('the recordings price none of BTC-USD')
    await expect(playing).rejects.toThrow('not asked for: kraken DOGE/USD')
  })
})

function starkexFile(factor: string): string {
  return `network: sample
store: { kind: memory }
chains:
  perps:
    kind: starkex
    gateway: https://gateway.example/gateway
    system: perps-main
    tls: { certificate: file:client.crt, key: file:client.key, ca: file:ca.crt }
    batches: { feeder: https://feeder.example, availability: https://availability.example }
engines:
  perps:
    kind: starkex
    chain: perps
    quorum: 1
    signers: [{ key: '0x1', name: Orcl1 }]
    liquidation: { collateralAsset: '0x1', risk: { BTC-USD: [{ factor: '${factor}' }] } }
markets:
  BTC-USD:
    sources: [coinbase:BTC-USD, kraken:BTC-USD, bitstamp:BTC-USD]
    engines: { perps: { assetId: BTC-10, resolutionFactor: '10000000000' } }
oracles: [{ name: oracle-1, keys: { stark: file:oracle } }]
jobs: { push-prices: { everySeconds: 10 } }
alerts: { maxPushAgeSeconds: 600 }
`
}

const header = 'ts_ms,venue,symbol,price,bid,ask,volume'

function optionsOf(over: Partial<BacktestOptions>): BacktestOptions {
  const out = join(folder, 'nowhere')
  return { network: local, data: [], out, bars: minute, seed: '1', checkpoint: 10_000, ...over }
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

async function backtest(args: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await run(process.execPath, [cli, 'backtest', ...always(args)], {
      cwd: folder,
    })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as Ended
    return { code, stdout, stderr }
  }
}

/** The local network over bars of a minute; two rules of it are met by one that pushes less often than each minute. */
function always(args: readonly string[]): readonly string[] {
  const usual = { '--network': local, '--bars': '1m' }
  const said = Object.entries(usual).filter(([option]) => !args.includes(option))
  return [...said.flat(), ...args]
}

/** Bars of six venues, which wander together and are some bps apart. */
function recording(name: string, minutes: number): string {
  const rows = Array.from({ length: minutes }, (_, at) =>
    venues.map((venue, own) => {
      const symbol = venue === 'kraken' ? 'XBT/USD' : 'BTC-USD'
      return `${first + at * minute},${venue},${symbol},${priceAt(at, own)},,,1`
    }),
  )
  const text = [header, ...rows.flat(), ''].join('\n')
  const file = join(folder, name)
  writeFileSync(file, gzipSync(text))
  return file
}

function priceAt(at: number, own: number): string {
  const wave = Math.sin(at / 200) / 12 + Math.sin(at / 7) / 900
  return (20_000 * (1 + wave) * (1 + Math.sin(at * (own + 2)) / 5_000)).toFixed(2)
}

function textIn(out: string, file: string): string {
  return readFileSync(join(folder, out, file), 'utf8')
}

function resultIn(out: string): BacktestResult {
  return JSON.parse(textIn(out, 'result.json')) as BacktestResult
}
