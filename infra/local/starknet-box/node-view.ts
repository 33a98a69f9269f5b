import { buildBlock, type OpenBlock, type RanTransaction, type SealedBlock } from './block.ts'
import { type ChainState, headOf } from './chain-state.ts'
import type { Chain } from './chain.ts'
import type { Hex } from './felt.ts'
import type { PoolEntry } from './pool.ts'
import { rpcError } from './rpc-error.ts'
import type { World } from './world.ts'

/** What the node shows of its chain now: all of it, or less where it lags. */
export type NodeView = {
  readonly chainId: Hex
  readonly state: ChainState
  readonly open: OpenBlock
}

/** `lag`: how many blocks behind the chain the node is; it does not see the pool then. */
export function viewOf(chain: Chain, lag: number): NodeView {
  const state = chain.state()
  const { chainId } = chain
  if (lag === 0) return { chainId, state, open: chain.openBlock() }
  const oldest = state.blocks.findIndex(({ world }) => world !== undefined)
  const blocks = state.blocks.slice(0, Math.max(oldest + 1, state.blocks.length - lag))
  const l1Accepted = Math.min(state.l1Accepted, blocks.length - 1)
  const seen = { ...state, blocks, pool: [], l1Accepted }
  const head = headOf(seen)
  const open = buildBlock(head, [], { timestamp: head.timestamp, gasPrices: head.gasPrices })
  return { chainId, state: seen, open }
}

export type BlockId =
  | 'latest'
  | 'pre_confirmed'
  | 'l1_accepted'
  | { readonly block_number: number }
  | { readonly block_hash: Hex }

/** The block of that name, or error 24. */
export function blockAt({ state, open }: NodeView, id: BlockId): SealedBlock | OpenBlock {
  const found = id === 'pre_confirmed' ? open : sealedAt(state, id)
  if (found === undefined) throw rpcError('blockNotFound')
  return found
}

function sealedAt(
  state: ChainState,
  id: Exclude<BlockId, 'pre_confirmed'>,
): SealedBlock | undefined {
  if (id === 'latest') return state.blocks.at(-1)
  if (id === 'l1_accepted') return state.blocks[state.l1Accepted]
  if ('block_number' in id) return state.blocks[id.block_number]
  return state.blocks.findLast(({ hash }) => hash === id.block_hash)
}

/** What contracts store after that block; error 24 also where it is too old to be kept. */
export function worldAt(view: NodeView, id: BlockId): World {
  const { world } = blockAt(view, id)
  if (world === undefined) throw rpcError('blockNotFound')
  return world
}

export function isSealed(block: SealedBlock | OpenBlock): block is SealedBlock {
  return 'hash' in block
}

export type FoundTransaction =
  | {
      readonly kind: 'ran'
      readonly one: RanTransaction
      readonly at: number
      readonly block: SealedBlock | OpenBlock
    }
  | { readonly kind: 'waiting'; readonly entry: PoolEntry }

/** In a block, in the one being built, or in the pool; else error 29. */
export function findTransaction({ state, open }: NodeView, hash: Hex): FoundTransaction {
  for (const block of [open, ...state.blocks.toReversed()]) {
    const at = block.transactions.findIndex((one) => one.hash === hash)
    const one = block.transactions[at]
    if (one !== undefined) return { kind: 'ran', one, at, block }
  }
  const entry = state.pool.find((waiting) => waiting.hash === hash)
  if (entry === undefined) throw rpcError('transactionNotFound')
  return { kind: 'waiting', entry }
}

export function finalityOf({ state }: NodeView, block: SealedBlock | OpenBlock) {
  if (!isSealed(block)) return 'PRE_CONFIRMED'
  return block.number <= state.l1Accepted ? 'ACCEPTED_ON_L1' : 'ACCEPTED_ON_L2'
}
