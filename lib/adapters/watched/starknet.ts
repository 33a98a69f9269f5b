import { keccak256, stringToBytes } from 'viem/utils'

import type { Timestamp } from '../../domain/time.ts'
import type { LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import type { OpenPlaces, Rpc, RpcPlace } from '../rpc.ts'
import { feltHex } from '../starknet-felt.ts'
import { agreedSettings } from './agreed-settings.ts'
import { firstToTell, middle, type Told, viewsThere } from './ask-places.ts'
import { contractPast, type ContractPast } from './contract-past.ts'
import { evmFinalityMs } from './evm-finality.ts'
import { addressOf, evmView, isEvmRefusal, storageAt } from './evm-words.ts'
import { factReferral } from './fact-referral.ts'
import { type Glance, type Seen, shared, watchedAtOnce } from './look.ts'
import { proofFinality } from './proof-finality.ts'
import { proxyChanges } from './proxy-changes.ts'
import type { ChainRow } from './remembered.ts'
import { roleChanges } from './role-changes.ts'
import { seenChain } from './seen-chain.ts'
import { evmBlocks, starknetBlocks } from './seen-heads.ts'
import { settledBlocks, settledLevels, type SettledBlocks } from './settled-levels.ts'
import { coreRows, coreTopics, settingChanges } from './starknet-core-logs.ts'
import { stepsOf } from './steps-of.ts'

export type StarknetWatchOptions = {
  readonly name: string
  /** Nodes of Starknet, and of the chain that it is settled on. */
  readonly l2: OpenPlaces
  readonly l1: OpenPlaces
  /** The core contract: its proxy. */
  readonly core: `0x${string}`
  /** So far back its past is read. */
  readonly windowMs: number
  readonly clock: Clock
}

/** Where the core keeps whom it asks for facts: there is no view of it. */
const verifierSlot = keccak256(stringToBytes('STARKNET_1.0_INIT_VERIFIER_ADDRESS'))

/** Of each kind of event so many are remembered: a month of updates would be too much. */
const mostUpdates = 50
const mostChanges = 100

/** Starknet itself, and what settles it: its nodes, and the core contract on L1. */
export function starknetWatch(options: StarknetWatchOptions): WatchedSystem {
  return watchedAtOnce(options, glancesOf)
}

function glancesOf(
  options: StarknetWatchOptions,
  before: LookedBefore,
  signal: AbortSignal,
): readonly Glance[] {
  const { clock } = options
  const nodes = options.l2(signal)
  const l2 = seenChain('l2', nodes, { questions: starknetBlocks, before, clock })
  const l1 = seenChain('l1', options.l1(signal), { questions: evmBlocks, before, clock })
  const core = shared(l1.told(async (rpc) => readCore(rpc, options.core)))
  const standing = shared(core.then((told) => standingOf(told)))
  const settled = shared(standing.then(async (state) => settledBlocks(nodes, state.blockNumber)))
  const past = shared(
    Promise.all([l1.places, standing.catch(() => undefined)]).then(async ([places, state]) =>
      contractPast(places, {
        addresses: [options.core],
        topics: coreTopics,
        rowsOf: coreRows,
        most: (name) => (name === 'state-update' ? mostUpdates : mostChanges),
        windowMs: options.windowMs,
        before,
        mustHave: state && {
          name: 'state-update',
          isIt: ({ values: [block] }) => block === String(state.blockNumber),
        },
      }),
    ),
  )
  return [
    l2.glance,
    l1.glance,
    { parts: ['settings'], see: async () => agreedSettings('l1', await core) },
    {
      parts: ['level:l1-lag', 'level:settled-age', 'level:settled-mismatch'],
      see: async () => settledLevels(await l2.current, await standing, await settled),
    },
    {
      parts: ['progress:state-update', 'changes'],
      see: async () => pastOf(await past, await standing.catch(() => undefined)),
    },
    {
      parts: ['changes'],
      async see() {
        const { verifier } = (await standing).settings
        return factReferral(await l1.places, { verifier, before, now: clock.now() })
      },
    },
    {
      parts: ['finality'],
      see: async () => finalityOf((await past).rows, await settled, await l1.places),
    },
  ]
}

async function readCore(rpc: Rpc, core: string) {
  const [
    number,
    hash,
    programHash,
    aggregatorProgramHash,
    configHash,
    isFinalized,
    implementation,
    delay,
    verifier,
  ] = await viewsThere(
    rpc,
    [
      evmView(core, 'stateBlockNumber()'),
      evmView(core, 'stateBlockHash()'),
      evmView(core, 'programHash()'),
      evmView(core, 'aggregatorProgramHash()'),
      evmView(core, 'configHash()'),
      evmView(core, 'isFinalized()'),
      evmView(core, 'implementation()'),
      evmView(core, 'getUpgradeActivationDelay()'),
      storageAt(core, verifierSlot),
    ],
    isEvmRefusal,
  )
  if (!number?.[0] && number?.[0] !== 0n) throw new NoCoreError(core)
  return {
    blockNumber: Number(BigInt.asIntN(256, number[0])),
    blockHash: feltHex(hash?.[0] ?? 0n),
    delaySeconds: delay?.[0] === undefined ? undefined : Number(delay[0]),
    settings: {
      programHash: hexOf(programHash?.[0]),
      aggregatorProgramHash: hexOf(aggregatorProgramHash?.[0]),
      configHash: hexOf(configHash?.[0]),
      isFinalized: isFinalized?.[0] === undefined ? undefined : String(isFinalized[0] !== 0n),
      implementation: implementation?.[0] === undefined ? undefined : addressOf(implementation[0]),
      upgradeDelaySeconds: delay?.[0]?.toString(),
      verifier: verifier === undefined || verifier === 0n ? undefined : addressOf(verifier),
    },
  }
}

type CoreTold = Awaited<ReturnType<typeof readCore>>

/** Where the core stands, as the middle one of its places says. */
function standingOf(told: readonly Told<CoreTold>[]): CoreTold {
  const state = middle(told, ({ value }) => value.blockNumber)
  if (!state) throw new NoCoreError('')
  return state.value
}

function pastOf(
  { scan, fresh, rows, cursorWith }: ContractPast,
  standing: CoreTold | undefined,
): Seen {
  return {
    progress: stepsOf(
      'state-update',
      fresh,
      scan.ranges,
      ({ values: [block] }) => `block ${block}`,
    ),
    changes: [
      ...settingChanges(rows),
      ...proxyChanges(rows, {
        delaySeconds: standing?.delaySeconds,
        implementation: standing?.settings.implementation,
      }),
      ...roleChanges(rows),
    ],
    cursor: cursorWith(rows),
  }
}

/** None while too little was seen to say. */
async function finalityOf(
  rows: readonly ChainRow[],
  settled: SettledBlocks,
  l1: readonly RpcPlace[],
): Promise<Seen> {
  const updates = rows.flatMap(({ name, at }): readonly Timestamp[] =>
    name === 'state-update' ? [at] : [],
  )
  const [block] = settled
  if (!block) return {}
  const l1FinalityMs = await firstToTell(l1, evmFinalityMs)
  const finality = proofFinality({
    updates,
    settledBlockAt: block.value.time,
    l1FinalityMs: l1FinalityMs.value,
  })
  return finality ? { finality } : {}
}

function hexOf(word: bigint | undefined): string | undefined {
  return word === undefined ? undefined : feltHex(word)
}

/** Nothing answers as a Starknet core contract. */
export class NoCoreError extends Error {
  override readonly name = 'NoCoreError'

  constructor(core: string) {
    super(`nothing answers stateBlockNumber() at ${core}`)
  }
}
