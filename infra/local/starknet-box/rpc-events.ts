import { z } from 'zod'

import type { OpenBlock, SealedBlock } from './block.ts'
import type { EmittedEvent } from './call-contract.ts'
import type { Hex } from './felt.ts'
import { blockAt, isSealed, type NodeView } from './node-view.ts'
import { rpcError } from './rpc-error.ts'
import { BlockIdParam, rpcMethod, type RpcMethod } from './rpc-method.ts'
import { FeltHex } from './transaction-fields.ts'

// What public nodes allow (pathfinder's defaults).
const mostEventsPerPage = 1024
const mostKeys = 256

const Filter = z.object({
  from_block: BlockIdParam.optional(),
  to_block: BlockIdParam.optional(),
  address: z.union([FeltHex, z.array(FeltHex)]).optional(),
  keys: z.array(z.array(FeltHex)).optional(),
  chunk_size: z.number().int().positive(),
  continuation_token: z.string().optional(),
})
type Filter = z.infer<typeof Filter>

export const eventMethods: Readonly<Record<string, RpcMethod>> = {
  starknet_getEvents: rpcMethod({ filter: Filter }, ({ filter }, { view }) => {
    if (filter.chunk_size > mostEventsPerPage) throw rpcError('pageTooBig')
    if ((filter.keys ?? []).flat().length > mostKeys) throw rpcError('tooManyKeys')
    const found = blocksOf(view, filter).flatMap((block) => eventsOf(block, filter))
    const { block, index } = startOf(filter.continuation_token)
    const rest = found.filter(
      (one) => one.block > block || (one.block === block && one.index >= index),
    )
    const page = rest.slice(0, filter.chunk_size)
    const next = rest[filter.chunk_size]
    const events = page.map((one) => one.shape)
    return next === undefined
      ? { events }
      : { events, continuation_token: `${next.block}-${next.index}` }
  }),
}

/** From the genesis to the newest block, unless the filter says otherwise. */
function blocksOf(view: NodeView, filter: Filter): readonly (SealedBlock | OpenBlock)[] {
  const from = filter.from_block === undefined ? 0 : blockAt(view, filter.from_block).number
  const to = lastOf(view, filter)
  return [...view.state.blocks.slice(from, to + 1), ...(to >= view.open.number ? [view.open] : [])]
}

/** A range may end after the head, as on public nodes. */
function lastOf(view: NodeView, { to_block }: Filter): number {
  const head = view.state.blocks.length - 1
  if (to_block === undefined) return head
  if (typeof to_block === 'object' && 'block_number' in to_block)
    return Math.min(to_block.block_number, head)
  return blockAt(view, to_block).number
}

/** What the block emitted that the filter wants, each with its place among all of the block's events. */
function eventsOf(block: SealedBlock | OpenBlock, filter: Filter) {
  const all = block.transactions.flatMap(({ hash, events }, transaction_index) =>
    events.map((event, event_index) => ({ event, hash, transaction_index, event_index })),
  )
  const placed = all.map((one, index) => ({ ...one, index }))
  return placed
    .filter(({ event }) => matches(event, filter))
    .map(({ event, hash, transaction_index, event_index, index }) => ({
      block: block.number,
      index,
      shape: {
        transaction_hash: hash,
        transaction_index,
        event_index,
        ...(isSealed(block) ? { block_hash: block.hash } : {}),
        block_number: block.number,
        from_address: event.from,
        keys: event.keys,
        data: event.data,
      },
    }))
}

/** Each place of `keys` lists what may stand there; an empty list allows anything. */
function matches(event: EmittedEvent, { address, keys = [] }: Filter): boolean {
  const addresses: readonly Hex[] | undefined = typeof address === 'string' ? [address] : address
  if (addresses !== undefined && addresses.length > 0 && !addresses.includes(event.from))
    return false
  return keys.every((allowed, at) => {
    const key = event.keys[at]
    return allowed.length === 0 || (key !== undefined && allowed.includes(key))
  })
}

function startOf(token: string | undefined): { readonly block: number; readonly index: number } {
  if (token === undefined) return { block: -1, index: 0 }
  const [, block, index] = /^(\d{1,15})-(\d{1,15})$/.exec(token) ?? []
  if (block === undefined || index === undefined) throw rpcError('badToken')
  return { block: Number(block), index: Number(index) }
}
