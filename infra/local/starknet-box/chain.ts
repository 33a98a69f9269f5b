import { admit, checkForm } from './admit.ts'
import { blockHash, buildBlock, type OpenBlock, type SealedBlock } from './block.ts'
import { applied, type ChainChange, type ChainState, headOf } from './chain-state.ts'
import type { Hex } from './felt.ts'
import type { GasPrices } from './gas.ts'
import { blockOrder, expired, offered, type PoolEntry } from './pool.ts'
import { rpcError } from './rpc-error.ts'
import { type Transaction, transactionHash } from './transaction.ts'
import type { World } from './world.ts'

/** One sequencer with its pool: what changes goes through here, and to `record` before anybody sees it. */
export type Chain = {
  readonly chainId: Hex
  state(): ChainState
  /** Seconds. */
  now(): number
  gasPrices(): GasPrices
  /** The block being built, with what is in the pool; empty where the sequencer does not run it. */
  openBlock(): OpenBlock
  /** Takes a transaction into the pool, or throws what a node answers. */
  add(tx: Transaction): Hex
  makeBlock(): SealedBlock
  /** Loses the newest blocks. */
  reorganise(blocks: number, transactions: 'return' | 'drop'): void
  /** Drops one transaction, or all; says how many. */
  evict(hash: Hex | undefined): number
  /** Up to that block; the head unless given. */
  acceptOnL1(number?: number): void
  setGasPrices(prices: Partial<GasPrices>): void
}

export function createChain({
  chainId,
  initial,
  nowSeconds,
  runsPool,
  record,
}: {
  readonly chainId: Hex
  readonly initial: ChainState
  readonly nowSeconds: () => number
  /** Whether the sequencer runs what is in the pool before it makes a block. */
  readonly runsPool: () => boolean
  readonly record: (change: ChainChange, state: ChainState) => void
}): Chain {
  let state = initial
  let gasPrices = headOf(initial).gasPrices
  let open: { readonly key: unknown[]; readonly block: OpenBlock } | undefined

  const change = (one: ChainChange): void => {
    const next = applied(state, one)
    record(one, next)
    state = next
    open = undefined
  }
  // A block is never older than the one before it.
  const now = (): number => Math.max(nowSeconds(), headOf(state).timestamp)
  const dropExpired = (): void => {
    const dropped = expired(state.pool, now()).map(({ hash }) => hash)
    if (dropped.length > 0) change({ kind: 'pool', added: [], dropped })
  }
  const build = (runs: boolean): OpenBlock => {
    dropExpired()
    const head = headOf(state)
    const block = { timestamp: now(), gasPrices }
    const order = runs ? blockOrder(state.pool, nonceIn(head.world), gasPrices.l2Gas) : []
    return buildBlock(head, order, block)
  }

  return {
    chainId,
    state() {
      dropExpired()
      return state
    },
    now,
    gasPrices: () => gasPrices,
    openBlock() {
      const key = [state, now(), gasPrices, runsPool()]
      if (open?.key.every((part, at) => part === key[at]) === true) return open.block
      const block = build(runsPool())
      open = { key: [state, ...key.slice(1)], block }
      return block
    },
    add(tx) {
      checkForm(tx)
      dropExpired()
      const hash = transactionHash(tx, chainId)
      const { world } = headOf(state)
      admit({ tx, hash }, { world, pool: state.pool, gasPrices })
      const entry: PoolEntry = { hash, tx, receivedAt: now() }
      const verdict = offered(state.pool, entry, nonceIn(world))
      switch (verdict.kind) {
        case 'added': {
          const dropped = verdict.dropped.map((one) => one.hash)
          change({ kind: 'pool', added: [entry], dropped })
          return hash
        }
        case 'duplicate':
          throw rpcError('duplicate')
        case 'underpriced':
          throw rpcError('underpricedReplacement')
        case 'full':
          throw rpcError('unexpected', 'The mempool is full.')
      }
    },
    makeBlock() {
      const { rejected, ...block } = build(true)
      const sealed = { ...block, hash: blockHash(block, state.fork) }
      change({ kind: 'block', block: sealed, dropped: rejected.map(({ hash }) => hash) })
      return sealed
    },
    reorganise(count, transactions) {
      const head = headOf(state).number - count
      checkReorganisation(state, head)
      const lost = state.blocks.slice(head + 1).flatMap((block) => block.transactions)
      const returned = lost.map(({ hash, tx }) => ({ hash, tx, receivedAt: now() }))
      change({ kind: 'reorg', head, returned: transactions === 'return' ? returned : [] })
    },
    evict(hash) {
      const dropped = state.pool
        .map((entry) => entry.hash)
        .filter((one) => hash === undefined || one === hash)
      if (dropped.length > 0) change({ kind: 'pool', added: [], dropped })
      return dropped.length
    },
    acceptOnL1(number = headOf(state).number) {
      if (number > headOf(state).number || number < state.l1Accepted)
        throw new ChainOrderError(
          `block ${number} cannot be the newest on L1: it is not between ${state.l1Accepted} and the head, ${headOf(state).number}`,
        )
      change({ kind: 'l1', number })
    },
    setGasPrices(prices) {
      gasPrices = { ...gasPrices, ...prices }
      open = undefined
    },
  }
}

function nonceIn(world: World): (account: Hex) => bigint {
  return (account) => world.accounts[account]?.nonce ?? 0n
}

function checkReorganisation(state: ChainState, head: number): void {
  if (head < 0)
    throw new ChainOrderError(
      `the genesis cannot be lost: there are only ${state.blocks.length - 1} blocks after it`,
    )
  if (head < state.l1Accepted)
    throw new ChainOrderError(`block ${state.l1Accepted} is on L1 already and cannot be lost`)
  if (state.blocks[head]?.world === undefined)
    throw new ChainOrderError(`block ${head} is too old: its state is not kept any more`)
}

/** What was asked of the chain does not fit the blocks that it has. */
export class ChainOrderError extends Error {
  override readonly name = 'ChainOrderError'
}
