import { createHash } from 'node:crypto'

import type { EmittedEvent } from './call-contract.ts'
import { type BlockContext, execute, type Execution } from './execute.ts'
import { revertReason } from './failure.ts'
import { type Hex, hex } from './felt.ts'
import type { GasPrices } from './gas.ts'
import type { PoolEntry } from './pool.ts'
import { maxFeeOf } from './transaction-fields.ts'
import { senderOf, type Transaction } from './transaction.ts'
import { isValidated } from './validate.ts'
import { balanceOf, type World } from './world.ts'

/** A transaction that ran, in a block or in the one being built. */
export type RanTransaction = {
  readonly hash: Hex
  readonly tx: Transaction
  /** Undefined where it succeeded. */
  readonly revertReason: string | undefined
  readonly events: readonly EmittedEvent[]
  readonly l2Gas: bigint
  readonly l1DataGas: bigint
  readonly fee: bigint
}

export type BlockHeader = {
  readonly number: number
  readonly hash: Hex
  readonly parentHash: Hex
  /** Seconds. */
  readonly timestamp: number
  readonly gasPrices: GasPrices
}

export type SealedBlock = BlockHeader & {
  readonly transactions: readonly RanTransaction[]
  /** Everything after it; undefined where it is too old to be kept. */
  readonly world: World | undefined
}

/** What is in the block being built. */
export type OpenBlock = BlockContext & {
  readonly number: number
  readonly parentHash: Hex
  readonly transactions: readonly RanTransaction[]
  readonly world: World
  /** Those that could not be run after all: their account cannot pay any more, or did not sign them. */
  readonly rejected: readonly PoolEntry[]
}

/** Runs `order` on top of `parent`. */
export function buildBlock(
  parent: SealedBlock & { readonly world: World },
  order: readonly PoolEntry[],
  block: BlockContext,
): OpenBlock {
  let { world } = parent
  const transactions: RanTransaction[] = []
  const rejected: PoolEntry[] = []
  for (const entry of order) {
    const { tx } = entry
    const sender = senderOf(tx)
    const isNext = (world.accounts[sender]?.nonce ?? 0n) === BigInt(tx.nonce)
    // One that cannot pay leaves a gap, and what comes after it waits.
    if (!isNext) continue
    if (balanceOf(world, sender) < maxFeeOf(tx) || !isValidated(tx, entry.hash, world)) {
      rejected.push(entry)
      continue
    }
    const done = execute(world, tx, { block, charge: true })
    transactions.push(ran(entry, done))
    world = done.world
  }
  const { number, hash } = parent
  return { ...block, number: number + 1, parentHash: hash, transactions, world, rejected }
}

export function ran(
  { hash, tx }: { readonly hash: Hex; readonly tx: Transaction },
  { failure, events, gas, fee }: Execution,
): RanTransaction {
  const reason = failure === undefined ? undefined : revertReason(failure)
  return { hash, tx, revertReason: reason, events, ...gas, fee }
}

/** Ours alone, but like a real one it follows from all that is in the block and before it. `fork` tells apart what a reorganisation repeats. */
export function blockHash(
  { number, parentHash, timestamp, transactions }: Omit<OpenBlock, 'world' | 'rejected'>,
  fork: number,
): Hex {
  const parts = [number, parentHash, timestamp, fork, ...transactions.map(({ hash }) => hash)]
  const digest = createHash('sha256').update(parts.join(' ')).digest('hex')
  return hex(BigInt(`0x${digest}`) >> 6n)
}
