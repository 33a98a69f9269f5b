import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem/utils'

import { localRpc } from '../../infra/local/local-rpc.ts'
import type { LedgerRow } from '../../lib/domain/pnl/ledger-row.ts'
import { lookInto } from './kept-network.ts'
import { runStarkeep } from './running-starkeep.ts'

/** Hours of two days on which Bitcoin fell by more than a third and by a quarter, as four venues closed them. */
const recording = fileURLToPath(
  new URL('../../../shared/data/prices/btc_1h_4venues_2020-03_2021-05.csv.gz', import.meta.url),
)
export const hasCrashDays = existsSync(recording)

export const crashDays = [
  { name: '12 March 2020', from: '2020-03-12T00:00:00Z' },
  { name: '19 May 2021', from: '2021-05-19T00:00:00Z' },
] as const

/** An hour in so many seconds. */
const secondsAnHour = 3

export type CrashReport = {
  readonly from: string
  readonly exitCode: number | null
  /** On the EVM engine, as booked: our liquidations, what deleverages took, and what had no effect. */
  readonly liquidations: number
  readonly deleverages: number
  readonly noEffect: number
  /** In the collateral's smallest units: what our account grew by, and what the books say that it grew by. */
  readonly grown: bigint
  readonly booked: bigint
  /** The insurance fund's least balance in any block up to the books' last. */
  readonly leastFund: bigint
  readonly problems: readonly string[]
}

/**
 * Plays the hours from there on, until `enough` liquidations are booked or `seconds` are over, and holds the contract's own
 * state against the books until their last block.
 */
export async function playCrashDay(
  from: string,
  seconds: number,
  enough = Infinity,
): Promise<CrashReport> {
  const dataDir = await mkdtemp(join(tmpdir(), 'starkeep-crash-'))
  const run = runStarkeep([
    'local',
    `--data=${dataDir}`,
    '--port=0',
    `--for=${seconds}s`,
    `--market=recorded:${recording}`,
    `--from=${from}`,
    `--speed=${3_600 / secondsAnHour}`,
  ])
  try {
    const ready = await run.ready()
    const begun = Date.now()
    const file = join(dataDir, 'network.yml')
    // A little before it stops by itself, while its chain still answers.
    await untilBooked(file, enough, begun + (seconds - 12) * 1_000)
    const truth = await truthOf(file, ready)
    run.signal('SIGINT')
    const { code, stderr } = await run.ended
    const broken = JSON.stringify(run.lines.at(-1)?.['broken'] ?? stderr)
    return judged({ from, truth, code, broken })
  } finally {
    run.signal('SIGKILL')
    await run.ended
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Waits until so many liquidations are booked, no longer than `until`. */
async function untilBooked(file: string, enough: number, until: number): Promise<void> {
  await lookInto(file, async (store) => {
    const isEnough = async (): Promise<boolean> => {
      const rows = await store.ledger.recent('evm', 10_000)
      return rows.filter(({ kind }) => kind === 'won').length >= enough
    }
    while (Date.now() < until && !(await isEnough())) await sleep(500)
  })
}

type Truth = {
  readonly rows: readonly LedgerRow[]
  readonly grown: bigint
  readonly leastFund: bigint
}

const abi = parseAbi([
  'function accountOf(address owner) view returns (int256 collateral, bytes32[] feedIds)',
  'function insuranceFund() view returns (uint256)',
])

/** The ledger, and of the contract itself our account before the first of it and at its last block. */
async function truthOf(file: string, { ethereum = '' }: Readonly<Record<string, string>>) {
  const url = ethereum.split(' ')[0] ?? ''
  const ask = localRpc(url)
  return lookInto(file, async (store, network): Promise<Truth> => {
    // What it did last is final some blocks later.
    await sleep(3_000)
    const engine = network.engines['evm']
    const cursor = await store.ledger.cursor('evm')
    if (engine?.kind !== 'evm-engine' || !cursor) throw new RangeError('there are no books')
    const rows = await store.ledger.recent('evm', 10_000)
    const us = rows.flatMap((row) => (row.kind === 'won' ? [row.event.liquidator] : []))[0]
    const events = rows.flatMap((row) => ('event' in row ? [row.event.block.number] : []))
    const first = Math.min(cursor.block.number, ...events)
    const at = async (number: number, data: `0x${string}`): Promise<`0x${string}`> =>
      (await ask(
        'eth_call',
        { to: engine.address, data },
        `0x${number.toString(16)}`,
      )) as `0x${string}`
    const cash = async (number: number): Promise<bigint> => {
      if (us === undefined) return 0n
      const call = { abi, functionName: 'accountOf', args: [us as `0x${string}`] } as const
      const data = await at(number, encodeFunctionData(call))
      return decodeFunctionResult({ abi, functionName: 'accountOf', data })[0]
    }
    const fund = async (number: number): Promise<bigint> => {
      const data = await at(number, encodeFunctionData({ abi, functionName: 'insuranceFund' }))
      return decodeFunctionResult({ abi, functionName: 'insuranceFund', data })
    }
    const [before, after] = [await cash(first - 1), await cash(cursor.block.number)]
    const funds = await Promise.all([...new Set(events)].map(fund))
    return {
      rows,
      grown: after - before,
      leastFund: funds.reduce((least, one) => (one < least ? one : least), await fund(first - 1)),
    }
  })
}

function judged({
  from,
  truth,
  code,
  broken,
}: {
  readonly from: string
  readonly truth: Truth
  readonly code: number | null
  readonly broken: string
}): CrashReport {
  const { rows, grown, leastFund } = truth
  const won = rows.flatMap((row) => (row.kind === 'won' ? [row.event] : []))
  const shared = rows.flatMap((row) => (row.kind === 'deleveraged' ? [row.event] : []))
  const booked = won.reduce(
    (sum, { reward = 0n, cash, funding = 0n }) => sum + reward - cash + funding,
    0n,
  )
  const problems = [
    ...(code === 0 ? [] : [`it ended with code ${String(code)}: ${broken}`]),
    ...(won.length > 0 ? [] : ['nobody was liquidated']),
    ...(grown === booked ? [] : [`our account grew by ${grown}, the books say ${booked}`]),
    ...(leastFund >= 0n ? [] : [`the insurance fund was at ${leastFund}`]),
    // Whoever wins is asked only where the fund cannot pay.
    ...shared.flatMap(({ loss = 0n, account }) =>
      loss > 0n ? [] : [`${account} was deleveraged without a loss`],
    ),
    ...won.flatMap(({ cover, penalty = 0n, account }) =>
      cover > 0n && penalty > 0n ? [`${account} paid a penalty out of the fund`] : [],
    ),
  ]
  return {
    from,
    exitCode: code,
    liquidations: won.length,
    deleverages: shared.length,
    noEffect: rows.filter(({ kind }) => kind === 'no-effect').length,
    grown,
    booked,
    leastFund,
    problems,
  }
}
