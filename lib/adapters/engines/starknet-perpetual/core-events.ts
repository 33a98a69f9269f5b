import * as z from 'zod/mini'

import type { BlockId } from '../../../domain/positions/account-event.ts'
import type { Block } from '../../../domain/transaction.ts'
import type { RpcRequest } from '../../rpc.ts'
import { Felt, FeltHex } from '../../starknet-felt.ts'
import { blockBy } from '../../starknet-read.ts'
import type { Core } from './core.ts'
import { StrangeContractError } from './errors.ts'

/** starknet-specs lets a page have 1024 events. */
const pageSize = 1_000

/** Nodes look through some thousand blocks for one page; so few pages are done within a slot. */
const mostBlocks = 10_000
const mostPages = 50

/** More pages for one block than any block has room for: a node that goes in circles. */
const endlessPages = 1_000

export type CoreEvents =
  | {
      readonly kind: 'events'
      readonly through: Block
      /** In the chain's order. */
      readonly events: readonly CoreEvent[]
    }
  /** The chain does not have both of the blocks now. */
  | { readonly kind: 'gone' }

/** The contract's events of some kinds after a block and up to another, or up to an earlier one where that is too much at once. */
export async function coreEvents(
  core: Core,
  selectors: readonly `0x${string}`[],
  { after, to }: { readonly after: BlockId; readonly to: BlockId },
): Promise<CoreEvents> {
  const end = Math.min(to.number, after.number + mostBlocks)
  const found = await eventsBetween(core, selectors, { from: after.number + 1, to: end })
  // The blocks last: what the events were read of is what the chain had then.
  const [first, last] = await core.rpc.answers([
    blockBy({ block_number: after.number }),
    blockBy({ block_number: found.through }),
  ])
  if (first.kind === 'error' || last.kind === 'error') return { kind: 'gone' }
  if (first.value.hash !== after.hash) return { kind: 'gone' }
  const { number, hash } = last.value
  if (number === to.number && hash !== to.hash) return { kind: 'gone' }
  return { kind: 'events', through: last.value, events: found.events }
}

const CoreEvent = z.object({
  keys: z.array(Felt),
  data: z.array(Felt),
  block_number: z.optional(z.int()),
  block_hash: z.optional(FeltHex),
  transaction_hash: FeltHex,
  // From version 0.10 of the RPC on.
  transaction_index: z.optional(z.int()),
  event_index: z.optional(z.int()),
})
export type CoreEvent = z.infer<typeof CoreEvent>
const Page = z.object({
  events: z.array(CoreEvent),
  continuation_token: z.optional(z.nullable(z.string())),
})

/** All events of these blocks, or of as many of them as some pages hold: never a part of a block. */
async function eventsBetween(
  core: Core,
  selectors: readonly `0x${string}`[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<{ readonly events: readonly CoreEvent[]; readonly through: number }> {
  const events: CoreEvent[] = []
  let token: string | undefined
  for (let page = 1; page < endlessPages; page += 1) {
    const [answer] = await core.rpc.values([eventsPage(core, { selectors, from, to, token })])
    events.push(...answer.events)
    token = answer.continuation_token ?? undefined
    if (token === undefined) return { events, through: to }
    const begun = events.at(-1)?.block_number ?? from
    if (page >= mostPages && begun > from) {
      const whole = events.filter(({ block_number: number = begun }) => number < begun)
      return { events: whole, through: begun - 1 }
    }
  }
  throw new StrangeContractError(core.engine, core.address, 'has events without end')
}

function eventsPage(
  { address }: Core,
  asked: {
    readonly selectors: readonly `0x${string}`[]
    readonly from: number
    readonly to: number
    readonly token: string | undefined
  },
): RpcRequest<z.infer<typeof Page>> {
  const filter = {
    from_block: { block_number: asked.from },
    to_block: { block_number: asked.to },
    address,
    keys: [asked.selectors],
    chunk_size: pageSize,
    ...(asked.token === undefined ? {} : { continuation_token: asked.token }),
  }
  return {
    method: 'starknet_getEvents',
    params: { filter },
    read: (result) => Page.parse(result),
  }
}

/** More than a transaction can have. */
const mostEvents = 2 ** 20

/** In the node's order, each by its place in the block where the node says it, once; otherwise by that order. */
export function placesOf(events: readonly CoreEvent[]): ReadonlyMap<number, CoreEvent> {
  const places = events.map(({ transaction_index: transaction, event_index: event }) =>
    transaction === undefined || event === undefined ? undefined : transaction * mostEvents + event,
  )
  const areKnown = places.every((place) => place !== undefined)
  return new Map(events.map((event, at) => [areKnown ? (places[at] ?? at) : at, event]))
}
