import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { DeadlineSight, LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import type { OpenPlaces, RpcPlace, RpcRequest } from '../rpc.ts'
import { agreedSettings } from './agreed-settings.ts'
import { allWhoTell, firstToTell, type Told } from './ask-places.ts'
import { contractPast, type ContractPast } from './contract-past.ts'
import { evmFinalityMs } from './evm-finality.ts'
import { type Glance, type Seen, shared, watchedAtOnce } from './look.ts'
import { proofFinality } from './proof-finality.ts'
import { proxyChanges } from './proxy-changes.ts'
import type { ChainRow } from './remembered.ts'
import { roleChanges } from './role-changes.ts'
import { seenChain } from './seen-chain.ts'
import { evmBlocks } from './seen-heads.ts'
import { configurationChanges } from './stark-perpetual/configuration-changes.ts'
import {
  forcedDeadline,
  type ForcedRequest,
  forcedRequestsIn,
  waitingSince,
} from './stark-perpetual/forced-requests.ts'
import { perpetualRows, perpetualTopics } from './stark-perpetual/perpetual-logs.ts'
import { type PerpetualTold, readPerpetual } from './stark-perpetual/read-perpetual.ts'
import { leftVerifiers, verifierChanges } from './stark-perpetual/verifier-changes.ts'
import { stepsOf } from './steps-of.ts'

export type StarkPerpetualWatchOptions = {
  readonly name: string
  readonly l1: OpenPlaces
  /** The exchange's contract: its proxy. */
  readonly perpetual: `0x${string}`
  /** Whose configurations are shown: hex without leading zeros. */
  readonly assets: readonly string[]
  /** Of whom it is shown whether they may bring batches. */
  readonly operators: readonly string[]
  readonly windowMs: number
  readonly clock: Clock
  /** The system time of the batch that this calldata settles, in unix seconds; undefined where it settles none. */
  readonly systemTimeIn: (calldata: `0x${string}`) => bigint | undefined
}

/** UpdatePerpetualState: a batch's system time must be later than seven days ago. */
const oldestBatchMs = 7 * 86_400_000

const mostUpdates = 50
const mostRequests = 300
const mostChanges = 200

/** Served requests are asked for as long as a reorg could bring them back. */
const settledAfterBlocks = 100

/**
 * A StarkEx exchange, as its contract on L1 shows it. What is not settled yet is not there: the expiration of the next batch is
 * its operator's to know, and its system time is known only to be later than the last one's.
 */
export function starkPerpetualWatch(options: StarkPerpetualWatchOptions): WatchedSystem {
  return watchedAtOnce(options, glancesOf)
}

function glancesOf(
  options: StarkPerpetualWatchOptions,
  before: LookedBefore,
  signal: AbortSignal,
): readonly Glance[] {
  const { clock } = options
  const nodes = options.l1(signal)
  const l1 = seenChain('l1', nodes, { questions: evmBlocks, before, clock })
  const told = shared(l1.told(async (rpc) => readPerpetual(rpc, options)))
  const past = shared(
    Promise.all([l1.places, told.catch(() => [])]).then(async ([places, some]) =>
      contractPast(places, {
        addresses: [options.perpetual],
        topics: perpetualTopics,
        rowsOf: perpetualRows,
        most,
        windowMs: options.windowMs,
        before,
        mustHave: lastUpdate(some),
      }),
    ),
  )
  const newest = shared(
    Promise.all([l1.places, past]).then(async ([places, { rows }]) =>
      newestBatch(places, rows, options, before),
    ),
  )
  return [
    l1.glance,
    { parts: ['settings'], see: async () => agreedSettings('l1', await told) },
    {
      parts: ['progress:state-update', 'deadlines:forced-request'],
      see: async () => progressAndRequests(await past, nodes, options),
    },
    { parts: ['changes'], see: async () => changesOf(await past, (await told)[0]?.value) },
    {
      parts: ['deadlines:system-time', 'finality'],
      see: async () => timesOf(await past, await newest, await l1.places),
    },
  ]
}

/** Of the batch that the contract itself says is the newest; undefined where nobody told. */
function lastUpdate(told: readonly Told<PerpetualTold>[]) {
  const batches = told.flatMap(({ value }) => value.lastBatch ?? [])
  return batches.length === 0
    ? undefined
    : {
        name: 'state-update',
        isIt: ({ values: [batch] }: ChainRow) => batch !== undefined && batches.includes(batch),
      }
}

function most(name: string): number {
  if (name === 'state-update') return mostUpdates
  return name.startsWith('forced-') ? mostRequests : mostChanges
}

/** The requests are asked for where their events were read; where that fails, all else is still told. */
async function progressAndRequests(
  { scan, fresh, rows, cursorWith }: ContractPast,
  l1: readonly RpcPlace[],
  options: StarkPerpetualWatchOptions,
): Promise<Seen> {
  const progress = stepsOf(
    'state-update',
    fresh,
    scan.ranges,
    ({ values: [batch] }) => `batch ${batch}`,
  )
  const requests = forcedRequestsIn(rows)
  try {
    const waiting = await waitingRequests(l1, requests, options)
    const over = new Set(
      requests
        .flatMap((request) => (waiting.has(request) ? [] : request.rows))
        .filter(({ position }) => position < scan.cursor.through - settledAfterBlocks),
    )
    const isFull = rows.filter(({ name }) => name.startsWith('forced-')).length >= mostRequests
    return {
      progress,
      unseen: isFull ? [tooManyRequests] : [],
      deadlines: [...waiting].map(([request, seconds]) => forcedDeadline(request, seconds)),
      cursor: cursorWith(rows.filter((row) => !over.has(row))),
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'no reason'
    return {
      progress,
      unseen: [{ part: 'deadlines:forced-request', reason }],
      cursor: cursorWith(rows),
    }
  }
}

const tooManyRequests = {
  part: 'deadlines:forced-request',
  reason: `more than ${mostRequests} forced requests wait, of which the oldest are not remembered`,
} as const

/** Since when each waits. One that any node says is waiting is told: to miss one costs the exchange a year. */
async function waitingRequests(
  l1: readonly RpcPlace[],
  requests: readonly ForcedRequest[],
  { perpetual }: StarkPerpetualWatchOptions,
): Promise<ReadonlyMap<ForcedRequest, number>> {
  if (requests.length === 0) return new Map()
  const told = await allWhoTell(l1, async (rpc) =>
    rpc.values(requests.map((request) => waitingSince(perpetual, request))),
  )
  return new Map(
    requests.flatMap((request, at): readonly (readonly [ForcedRequest, number])[] => {
      const since = Math.max(...told.map(({ value }) => value[at] ?? 0))
      return since > 0 ? [[request, since]] : []
    }),
  )
}

function changesOf({ rows }: ContractPast, told: PerpetualTold | undefined): Seen {
  const left = told ? leftVerifiers(rows, told.settings) : {}
  const settings = { ...told?.settings, ...left }
  return {
    settings: left,
    changes: [
      ...configurationChanges(rows, { delaySeconds: told?.configurationDelaySeconds, settings }),
      ...verifierChanges(rows, settings),
      ...proxyChanges(rows, {
        delaySeconds: told?.upgradeDelaySeconds,
        implementation: settings['implementation'],
      }),
      ...roleChanges(rows),
    ],
  }
}

type NewestBatch = {
  readonly updatedAt: Timestamp
  readonly systemTime: Timestamp
  readonly text: string
}

const batchKey = 'newest-batch'

/** The system time of the newest batch, from the transaction that settled it; undefined where that is not told. */
async function newestBatch(
  l1: readonly RpcPlace[],
  rows: readonly ChainRow[],
  { systemTimeIn }: StarkPerpetualWatchOptions,
  before: LookedBefore,
): Promise<NewestBatch | undefined> {
  const row = rows.findLast(({ name }) => name === 'state-update')
  const transaction = row?.values[1]
  if (row === undefined || transaction === undefined) return undefined
  const [knownTransaction, knownSeconds] = before.cursor[batchKey]?.split(' ') ?? []
  const seconds =
    knownTransaction === transaction && knownSeconds !== undefined
      ? Number(knownSeconds)
      : await systemTimeOf(l1, transaction, systemTimeIn)
  if (seconds === undefined) return undefined
  return {
    updatedAt: row.at,
    systemTime: timestamp(seconds * 1000),
    text: `${transaction} ${seconds}`,
  }
}

async function systemTimeOf(
  l1: readonly RpcPlace[],
  transaction: string,
  systemTimeIn: StarkPerpetualWatchOptions['systemTimeIn'],
): Promise<number | undefined> {
  const { value } = await firstToTell(l1, async (rpc) => rpc.values([inputOf(transaction)]))
  const [input] = value
  const seconds = systemTimeIn(input)
  return seconds === undefined ? undefined : Number(seconds)
}

function inputOf(transaction: string): RpcRequest<`0x${string}`> {
  return {
    method: 'eth_getTransactionByHash',
    params: [transaction],
    read: (result) => Transaction.parse(result).input,
  }
}

const Transaction = z.object({
  input: z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]*$/))]),
})

async function timesOf(
  { rows }: ContractPast,
  newest: NewestBatch | undefined,
  l1: readonly RpcPlace[],
): Promise<Seen> {
  if (!newest) return {}
  const deadline: DeadlineSight = {
    name: 'system-time',
    from: newest.systemTime,
    until: timestamp(newest.systemTime + oldestBatchMs),
    text: 'the batch after the newest one must be settled, or its system time may be too old for the contract (SYSTEM_TIME_OUTDATED)',
  }
  const { value: l1FinalityMs } = await firstToTell(l1, evmFinalityMs)
  const finality = proofFinality({
    updates: rows.flatMap(({ name, at }) => (name === 'state-update' ? [at] : [])),
    settledBlockAt: newest.systemTime,
    l1FinalityMs,
  })
  return {
    deadlines: [deadline],
    ...(finality && { finality }),
    cursor: { [batchKey]: newest.text },
  }
}
