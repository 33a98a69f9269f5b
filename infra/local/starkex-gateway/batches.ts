import { createHash } from 'node:crypto'

import type { CarriedState } from './carried-state.ts'
import type { GatewayRequest, GatewayTransaction } from './gateway-transaction.ts'
import type { Position } from './position.ts'

/** A transaction of a batch: as it was handed in, and what took its place where it could not be executed. */
export type BatchTransaction = GatewayRequest & {
  readonly replacedBy?: readonly GatewayTransaction[]
}

/** A closed batch, with the leaves that it changed. */
export type Batch = {
  readonly id: number
  /** -1 before the first. */
  readonly previousId: number
  readonly sequence: number
  readonly timeCreated: number
  /** Undefined where it is so old that they are not kept. */
  readonly transactions: readonly BatchTransaction[] | undefined
  readonly roots: Roots
  readonly previousRoots: Roots
  readonly positions: ReadonlyMap<bigint, Position>
  readonly orders: ReadonlyMap<bigint, bigint>
}

type Roots = { readonly positions: string; readonly orders: string }

/** Before the first batch, as far as anybody can tell: roots here only differ where trees do. */
export const emptyRoots: Roots = { positions: rootOf('no positions'), orders: rootOf('no orders') }

/** The batch that leads from one state to another. */
export function batchBetween(
  last: Batch | undefined,
  states: { readonly before: CarriedState; readonly after: CarriedState },
  made: Pick<Batch, 'id' | 'timeCreated' | 'transactions'>,
): Batch {
  const previousRoots = last?.roots ?? emptyRoots
  const isFirst = last === undefined
  const positions = changed(isFirst ? nothing : states.before.positions, states.after.positions)
  const orders = changed(isFirst ? nothing : states.before.orders, states.after.orders)
  return {
    ...made,
    previousId: last?.id ?? -1,
    sequence: (last?.sequence ?? -1) + 1,
    positions,
    orders,
    previousRoots,
    roots: {
      positions: nextRoot(previousRoots.positions, positions),
      orders: nextRoot(previousRoots.orders, orders),
    },
  }
}

function nextRoot(root: string, leaves: ReadonlyMap<bigint, unknown>): string {
  return leaves.size > 0 ? rootOf(root, leaves) : root
}

const nothing = new Map<bigint, never>()

function changed<T>(
  before: ReadonlyMap<bigint, T>,
  after: ReadonlyMap<bigint, T>,
): ReadonlyMap<bigint, T> {
  return new Map([...after].filter(([id, value]) => textOf(before.get(id)) !== textOf(value)))
}

/** Opaque, and another one wherever a leaf is. 248 bits, so that each is a felt, as a hash of StarkEx is. */
function rootOf(...parts: readonly unknown[]): string {
  return `00${createHash('sha256').update(parts.map(textOf).join(' ')).digest('hex').slice(2)}`
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return String(part)
    return part instanceof Map ? [...part] : part
  })
}

/** As `get_batch_info` tells it (l2beat/starkex-explorer PerpetualBatchInfoResponse.ts): of its proof it says nothing. */
export function batchInfo(batch: Batch & { readonly transactions: object }): object {
  return {
    previous_batch_id: batch.previousId,
    sequence_number: batch.sequence,
    previous_position_root: batch.previousRoots.positions,
    previous_order_root: batch.previousRoots.orders,
    position_root: batch.roots.positions,
    order_root: batch.roots.orders,
    time_created: String(batch.timeCreated),
    txs_info: batch.transactions.map(({ tx_id: id, tx, replacedBy }) => ({
      original_tx_id: id,
      original_tx: tx,
      was_replaced: replacedBy !== undefined,
      alt_txs: replacedBy ?? null,
    })),
  }
}

/** As `get_batch_data` of the availability gateway tells it. */
export function batchData(batch: Batch): object {
  return {
    update: {
      prev_batch_id: batch.previousId,
      position_root: batch.roots.positions,
      order_root: batch.roots.orders,
      positions: Object.fromEntries(
        [...batch.positions].map(([id, position]) => [String(id), leafOf(position)]),
      ),
      orders: Object.fromEntries(
        [...batch.orders].map(([id, amount]) => [String(id), { fulfilled_amount: String(amount) }]),
      ),
    },
  }
}

function leafOf({ publicKey, collateral, assets }: Position): object {
  return {
    public_key: `0x${publicKey.toString(16)}`,
    collateral_balance: String(collateral),
    assets: Object.fromEntries(
      [...assets].map(([asset, { balance, cachedIndex }]) => [
        `0x${asset.toString(16).padStart(30, '0')}`,
        { balance: String(balance), cached_funding_index: String(cachedIndex) },
      ]),
    ),
  }
}
