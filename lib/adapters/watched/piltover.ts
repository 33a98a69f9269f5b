import type { Timestamp } from '../../domain/time.ts'
import type { LookedBefore } from '../../domain/watch/system-sight.ts'
import type { Clock, WatchedSystem } from '../../ports.ts'
import type { OpenPlaces, Rpc, RpcPlace, RpcRequest } from '../rpc.ts'
import { feltHex, FeltHex, signedFelt } from '../starknet-felt.ts'
import { blockBy, view } from '../starknet-read.ts'
import { agreedSettings } from './agreed-settings.ts'
import { firstToTell, middle, type Told } from './ask-places.ts'
import { type ContractPast, eventsPast } from './contract-past.ts'
import { type Glance, type Seen, shared, watchedAtOnce } from './look.ts'
import {
  piltoverChanges,
  piltoverRows,
  piltoverSelectors,
  programSettings,
} from './piltover-events.ts'
import { proofFinality } from './proof-finality.ts'
import type { ChainRow } from './remembered.ts'
import { seenChain } from './seen-chain.ts'
import { starknetBlocks } from './seen-heads.ts'
import { settledBlocks, settledLevels, type SettledBlocks } from './settled-levels.ts'
import { stepsOf } from './steps-of.ts'

export type PiltoverWatchOptions = {
  readonly name: string
  /** Nodes of the appchain, and of the Starknet that it is settled on. */
  readonly l2: OpenPlaces
  readonly l1: OpenPlaces
  /** The appchain's contract there. */
  readonly contract: `0x${string}`
  readonly windowMs: number
  readonly clock: Clock
}

const mostUpdates = 50
const mostChanges = 100

/** An appchain that is settled on Starknet by a Piltover contract. */
export function piltoverWatch(options: PiltoverWatchOptions): WatchedSystem {
  return watchedAtOnce(options, glancesOf)
}

function glancesOf(
  { contract, windowMs, ...options }: PiltoverWatchOptions,
  before: LookedBefore,
  signal: AbortSignal,
): readonly Glance[] {
  const { clock } = options
  const nodes = options.l2(signal)
  const chain = { questions: starknetBlocks, before, clock }
  const [l2, l1] = [seenChain('l2', nodes, chain), seenChain('l1', options.l1(signal), chain)]
  const told = shared(l1.told(async (rpc) => readContract(rpc, contract)))
  const settled = shared(
    told.then(async (some) => settledBlocks(nodes, standingOf(some).blockNumber)),
  )
  const past = shared(
    Promise.all([l1.places, told.catch(() => [])]).then(async ([places, some]) =>
      eventsPast(places, {
        address: contract,
        selectors: piltoverSelectors,
        rowsOf: piltoverRows,
        most: (name) => (name === 'state-update' ? mostUpdates : mostChanges),
        windowMs,
        before,
        mustHave: lastUpdate(some),
      }),
    ),
  )
  return [
    l2.glance,
    l1.glance,
    {
      parts: ['settings'],
      see: async () => agreedSettings('l1', await told),
    },
    {
      parts: ['level:l1-lag', 'level:settled-age', 'level:settled-mismatch'],
      see: async () => settledLevels(await l2.current, standingOf(await told), await settled),
    },
    { parts: ['progress:state-update', 'changes'], see: async () => pastSeen(await past) },
    {
      parts: ['finality'],
      see: async () => finalitySeen(await past, await settled, await l1.places),
    },
  ]
}

type ContractTold = {
  readonly blockNumber: number
  readonly blockHash: string
  readonly settings: Readonly<Record<string, string | undefined>>
}

/** All of one block. Throws where it is no such contract, or with the node's trouble. */
async function readContract(rpc: Rpc, contract: `0x${string}`): Promise<ContractTold> {
  const [block] = await rpc.values([blockBy('latest')])
  const at = { block_hash: block.hash }
  const ask = (entrypoint: string) => view({ contract, entrypoint, at })
  const classHash: RpcRequest<string> = {
    method: 'starknet_getClassHashAt',
    params: { block_id: at, contract_address: contract },
    read: (result) => FeltHex.parse(result),
  }
  const [hash, state, programs, [registry], [owner]] = await rpc.values([
    classHash,
    ask('get_state'),
    ask('get_program_info'),
    ask('get_facts_registry'),
    ask('owner'),
  ])
  const [, number = -1n, blockHash = 0n] = state
  return {
    blockNumber: Number(signedFelt(number)),
    blockHash: feltHex(blockHash),
    settings: {
      classHash: hash,
      ...Object.fromEntries(
        programSettings.map((name, index) => [name, hexOf(programs[index])] as const),
      ),
      factsRegistry: hexOf(registry),
      owner: hexOf(owner),
    },
  }
}

function hexOf(word: bigint | undefined): string | undefined {
  return word === undefined ? undefined : feltHex(word)
}

/** Of the block that the contract itself says is settled; undefined where nobody told, or nothing is. */
function lastUpdate(told: readonly Told<ContractTold>[]) {
  const { blockNumber } = standingOf(told)
  return blockNumber < 0
    ? undefined
    : {
        name: 'state-update',
        isIt: ({ values: [block] }: ChainRow) => block === String(blockNumber),
      }
}

/** Where the contract stands, as the middle one of its places says. */
function standingOf(told: readonly Told<ContractTold>[]): ContractTold {
  const state = middle(told, ({ value }) => value.blockNumber)
  return state?.value ?? { blockNumber: -1, blockHash: '0x0', settings: {} }
}

function pastSeen({ scan, fresh, rows, cursorWith }: ContractPast): Seen {
  return {
    progress: stepsOf(
      'state-update',
      fresh,
      scan.ranges,
      ({ values: [block] }) => `block ${block}`,
    ),
    changes: piltoverChanges(rows),
    cursor: cursorWith(rows),
  }
}

/** None while too little was seen to say, or where Starknet's own way to L1 is not told. */
async function finalitySeen(
  { rows }: ContractPast,
  [block]: SettledBlocks,
  l1: readonly RpcPlace[],
): Promise<Seen> {
  if (!block) return {}
  const { value: l1FinalityMs } = await firstToTell(l1, starknetFinalityMs)
  if (l1FinalityMs === undefined) return {}
  const finality = proofFinality({
    updates: rows.flatMap(({ name, at }): readonly Timestamp[] =>
      name === 'state-update' ? [at] : [],
    ),
    settledBlockAt: block.value.time,
    l1FinalityMs,
  })
  return finality ? { finality } : {}
}

/** How far the newest block that L1 has is behind the newest; undefined of a node that does not know, or before the first. */
async function starknetFinalityMs(rpc: Rpc): Promise<number | undefined> {
  const accepted = { ...blockBy('latest'), params: { block_id: 'l1_accepted' } }
  const [newest, final] = await rpc.answers([blockBy('latest'), accepted])
  if (newest.kind === 'error' || final.kind === 'error') return undefined
  return Math.max(0, newest.value.time - final.value.time)
}
