import type { LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import type { OpenPlaces, RpcPlace } from '../rpc.ts'
import { agreedSettings } from './agreed-settings.ts'
import { rollupRow, rollupTopics } from './arbitrum/rollup-logs.ts'
import { NoRollupError, readRollup, type Rollup } from './arbitrum/rollup.ts'
import { firstToTell } from './ask-places.ts'
import { type ContractPast, contractPast } from './contract-past.ts'
import { evmFinalityMs } from './evm-finality.ts'
import { evmPaceMs } from './evm-pace.ts'
import { type Glance, type Seen, shared, watchedAtOnce } from './look.ts'
import { optimisticFinality, TooFewClaimsError } from './optimistic-finality.ts'
import { seenChain } from './seen-chain.ts'
import { evmBlocks } from './seen-heads.ts'
import { stepsOf } from './steps-of.ts'
import { timelockChanges, timelockRow, timelockTopics } from './timelock-changes.ts'

export type ArbitrumWatchOptions = {
  readonly name: string
  /** Nodes of the chain, and of the Ethereum that it is settled on. */
  readonly l2: OpenPlaces
  readonly l1: OpenPlaces
  /** Its bridge on L1: the proxy. The rollup is found through it. */
  readonly bridge: `0x${string}`
  /** What its governance waits in on L1. */
  readonly timelock?: `0x${string}` | undefined
  /** So far back its past is read. */
  readonly windowMs: number
  readonly clock: Clock
}

/** A chain of Arbitrum's, and the rollup on L1 where its state is claimed and confirmed. */
export function arbitrumWatch(options: ArbitrumWatchOptions): WatchedSystem {
  return watchedAtOnce(options, glancesOf)
}

/** Which rollup's logs the cursor is of. */
const rollupKey = 'rollup'

function glancesOf(
  options: ArbitrumWatchOptions,
  before: LookedBefore,
  signal: AbortSignal,
): readonly Glance[] {
  const { clock } = options
  const asked = { questions: evmBlocks, before, clock }
  const l2 = seenChain('l2', options.l2(signal), asked)
  const l1 = seenChain('l1', options.l1(signal), asked)
  const rollups = shared(l1.told(async (rpc) => readRollup(rpc, options.bridge)))
  const rollup = shared(rollups.then(([first]) => first?.value ?? noRollup(options)))
  const past = shared(
    Promise.all([rollup, l1.places]).then(async ([{ address }, places]) =>
      pastOf(address, { options, places, before }),
    ),
  )
  return [
    l2.glance,
    l1.glance,
    {
      parts: ['settings'],
      see: async () => agreedSettings('l1', await rollups),
    },
    {
      parts: ['progress:assertion', 'progress:confirmation', 'changes'],
      see: async () => told(await rollup, await past, options),
    },
    { parts: ['finality'], see: async () => finalityOf(await rollup, await past, await l1.places) },
  ]
}

function noRollup({ bridge }: ArbitrumWatchOptions): never {
  throw new NoRollupError(bridge)
}

/** Of each kind of event so many are remembered. */
const most = 60

async function pastOf(
  rollup: string,
  {
    options: { timelock, windowMs },
    places,
    before,
  }: {
    readonly options: ArbitrumWatchOptions
    readonly places: readonly RpcPlace[]
    readonly before: LookedBefore
  },
): Promise<ContractPast> {
  return contractPast(places, {
    addresses: [rollup, ...(timelock ? [timelock] : [])],
    topics: [...rollupTopics, ...(timelock ? timelockTopics : [])],
    rowsOf: (logs) =>
      logs.flatMap((log) =>
        log.address === rollup ? (rollupRow(log) ?? []) : (timelockRow(log) ?? []),
      ),
    most: () => most,
    windowMs,
    // Another rollup has a past of its own.
    before: before.cursor[rollupKey] === rollup ? before : { ...before, cursor: {} },
  })
}

function told(
  { address, settings }: Rollup,
  { scan, fresh, rows, cursorWith }: ContractPast,
  { bridge }: ArbitrumWatchOptions,
): Seen {
  const known: ReadonlyMap<string, string> = new Map([
    [address, 'rollup'],
    [bridge.toLowerCase(), 'bridge'],
    [settings['owner'] ?? '', 'owner'],
  ])
  return {
    progress: ['assertion', 'confirmation'].flatMap((name) =>
      stepsOf(name, fresh, scan.ranges, ({ values: [claim = ''] }) => claim),
    ),
    changes: timelockChanges(rows, (target) => known.get(target)),
    cursor: { ...cursorWith(rows), [rollupKey]: address },
  }
}

/**
 * A claim that nobody disputes is confirmed so many blocks of L1 after it was made, at the earliest, and withdrawals with it. How
 * long a disputed one takes nobody can say.
 */
async function finalityOf(
  { confirmPeriodBlocks }: Rollup,
  { rows }: ContractPast,
  l1: readonly RpcPlace[],
): Promise<Seen> {
  const [pace, l1Finality] = await Promise.all([
    firstToTell(l1, evmPaceMs),
    firstToTell(l1, evmFinalityMs),
  ])
  const periodMs = Math.round(confirmPeriodBlocks * pace.value)
  const finality = optimisticFinality({
    by: 'challenge period',
    claims: rows.flatMap(({ name, at }) => (name === 'assertion' ? [at] : [])),
    disputeMs: periodMs,
    withdrawalMs: periodMs,
    l1FinalityMs: l1Finality.value,
    words: `${confirmPeriodBlocks} blocks of L1 until it may be confirmed, of ${(pace.value / 1000).toFixed(2)} s each`,
  })
  if (!finality) throw new TooFewClaimsError()
  return { finality }
}
