import type { RanTransaction, SealedBlock } from './block.ts'
import { type Hex, hex } from './felt.ts'
import type { Pool, PoolEntry } from './pool.ts'
import { selectorOf } from './selectors.ts'
import type { World } from './world.ts'

/** All that a node must not forget. Never changed in place. */
export type ChainState = {
  /** By number; the first one is the genesis. */
  readonly blocks: readonly SealedBlock[]
  readonly pool: Pool
  /** The newest block that L1 has; -1 where none. */
  readonly l1Accepted: number
  /** How often the chain was reorganised. */
  readonly fork: number
}

/** One step of a chain's life: what is stored, and enough to take it again. */
export type ChainChange =
  | { readonly kind: 'block'; readonly block: SealedBlock; readonly dropped: readonly Hex[] }
  | {
      readonly kind: 'pool'
      readonly added: readonly PoolEntry[]
      readonly dropped: readonly Hex[]
    }
  | { readonly kind: 'reorg'; readonly head: number; readonly returned: readonly PoolEntry[] }
  | { readonly kind: 'l1'; readonly number: number }

export function applied(state: ChainState, change: ChainChange): ChainState {
  switch (change.kind) {
    case 'block': {
      const included = new Set(change.block.transactions.map(({ hash }) => hash))
      const pool = without(state.pool, [...change.dropped, ...included])
      return { ...state, pool, blocks: slimmed([...state.blocks, change.block]) }
    }
    case 'pool':
      return { ...state, pool: [...without(state.pool, change.dropped), ...change.added] }
    case 'reorg':
      return {
        ...state,
        blocks: state.blocks.slice(0, change.head + 1),
        pool: [...change.returned, ...state.pool],
        fork: state.fork + 1,
      }
    case 'l1':
      return { ...state, l1Accepted: change.number }
  }
}

function without(pool: Pool, hashes: readonly Hex[]): Pool {
  if (hashes.length === 0) return pool
  const gone = new Set(hashes)
  return pool.filter(({ hash }) => !gone.has(hash))
}

/** How many blocks are kept whole; older ones lose what is big: states, calldata and the events of ticks. */
const wholeBlocks = 1024

function slimmed(blocks: readonly SealedBlock[]): readonly SealedBlock[] {
  const at = blocks.length - wholeBlocks - 1
  const old = blocks[at]
  if (old === undefined || old.world === undefined) return blocks
  const transactions = old.transactions.map(slimTransaction)
  return blocks.with(at, { ...old, world: undefined, transactions })
}

function slimTransaction(one: RanTransaction): RanTransaction {
  const events = one.events.filter(({ keys }) => !frequent.has(keys[0] ?? '0x0'))
  const { tx } = one
  return { ...one, tx: tx.type === 'INVOKE' ? { ...tx, calldata: [] } : tx, events }
}

/** What a keeper reads from the state; registrations must be found however old they are. */
const frequent = new Set(
  ['PriceTick', 'FundingTick', 'Transfer'].map((name) => hex(selectorOf(name))),
)

export function headOf({ blocks }: ChainState): SealedBlock & { readonly world: World } {
  const head = blocks.at(-1)
  if (head?.world === undefined) throw new RangeError('a chain without a head')
  return { ...head, world: head.world }
}
