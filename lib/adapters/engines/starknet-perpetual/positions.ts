import * as z from 'zod/mini'

import type { AccountEvent, BlockEvents, BlockId } from '../../../domain/positions/account-event.ts'
import type { EnginePositions, PositionEvents } from '../../../ports.ts'
import type { RpcRequest } from '../../rpc.ts'
import { Felt, feltHex, FeltHex } from '../../starknet-felt.ts'
import { blockBy } from '../../starknet-read.ts'
import { assetKinds } from './asset-kinds.ts'
import type { Core } from './core.ts'
import { StrangeContractError } from './errors.ts'
import {
  accountEvents,
  type AssetKind,
  assetsIn,
  givenPositions,
  positionSelectors,
  receivedSpot,
  spotLiquidation,
} from './position-events.ts'
import { readPositions } from './read-positions.ts'
import { spotReceivers } from './spot-receivers.ts'

/** starknet-specs lets a page have 1024 events. */
const pageSize = 1_000

/** Nodes look through some thousand blocks for one page; so few pages are done within a slot. */
const mostBlocks = 10_000
const mostPages = 50

/** More pages for one block than any block has room for: a node that goes in circles. */
const endlessPages = 1_000

/** The accounts of a starknet-perpetual exchange. Its events tell what changed, so each of them counts. */
export function corePositions(core: Core, from: number): EnginePositions {
  const kinds = assetKinds(core)

  return {
    from,
    given: givenPositions,

    async events(after, to): Promise<PositionEvents> {
      const end = Math.min(to.number, after.number + mostBlocks)
      const found = await eventsBetween(core, after.number + 1, end)
      const through = found.through
      // The blocks last: what the events were read of is what the chain had then.
      const [first, last] = await core.rpc.answers([
        blockBy({ block_number: after.number }),
        blockBy({ block_number: through }),
      ])
      if (first.kind === 'error' || last.kind === 'error') return { kind: 'gone' }
      if (first.value.hash !== after.hash) return { kind: 'gone' }
      const { number, hash } = last.value
      if (number === to.number && hash !== to.hash) return { kind: 'gone' }
      const blocks = await blocksOf(core, found.events, kinds)
      const newest = blocks?.at(-1)?.block
      if (!blocks || (newest?.number === number && newest.hash !== hash)) return { kind: 'gone' }
      return { kind: 'events', through: { number, hash }, blocks }
    },

    read: async (accounts, block) => readPositions(core, accounts, block),
  }
}

const Event = z.object({
  keys: z.array(Felt),
  data: z.array(Felt),
  block_number: z.optional(z.int()),
  block_hash: z.optional(FeltHex),
  transaction_hash: FeltHex,
  // From version 0.10 of the RPC on.
  transaction_index: z.optional(z.int()),
  event_index: z.optional(z.int()),
})
type Event = z.infer<typeof Event>
const Page = z.object({
  events: z.array(Event),
  continuation_token: z.optional(z.nullable(z.string())),
})

/** All events of these blocks, or of as many of them as some pages hold: never a part of a block. */
async function eventsBetween(
  core: Core,
  from: number,
  to: number,
): Promise<{ readonly events: readonly Event[]; readonly through: number }> {
  const events: Event[] = []
  let token: string | undefined
  for (let page = 1; page < endlessPages; page += 1) {
    const [answer] = await core.rpc.values([eventsPage(core, { from, to, token })])
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
  asked: { readonly from: number; readonly to: number; readonly token: string | undefined },
): RpcRequest<z.infer<typeof Page>> {
  const filter = {
    from_block: { block_number: asked.from },
    to_block: { block_number: asked.to },
    address,
    keys: [positionSelectors],
    chunk_size: pageSize,
    ...(asked.token === undefined ? {} : { continuation_token: asked.token }),
  }
  return {
    method: 'starknet_getEvents',
    params: { filter },
    read: (result) => Page.parse(result),
  }
}

/** By block, oldest first; undefined where a block has no hash yet, or two. */
async function blocksOf(
  core: Core,
  events: readonly Event[],
  kinds: ReturnType<typeof assetKinds>,
): Promise<readonly BlockEvents[] | undefined> {
  const kindOf = await kinds(events.flatMap(assetsIn))
  const receivers = await receiversOf(core, events, kindOf)
  const byNumber = Map.groupBy(events, ({ block_number: number = -1 }) => number)
  const blocks: BlockEvents[] = []
  for (const [number, all] of byNumber) {
    const hash = all[0]?.block_hash
    if (hash === undefined || all.some((one) => one.block_hash !== hash)) return undefined
    const placed = [...placesOf(all)].flatMap(([place, one]) =>
      [...accountEvents(one, kindOf), ...(receivers.get(one) ?? [])].map((event) => ({
        place,
        event,
      })),
    )
    const block: BlockId = { number, hash: feltHex(hash) }
    blocks.push({ block, events: placed })
  }
  return blocks.toSorted((one, other) => one.block.number - other.block.number)
}

/** More than a transaction can have. */
const mostEvents = 2 ** 20

/** In the node's order, each by its place in the block where the node says it, once; otherwise by that order. */
function placesOf(events: readonly Event[]): ReadonlyMap<number, Event> {
  const places = events.map(({ transaction_index: transaction, event_index: event }) =>
    transaction === undefined || event === undefined ? undefined : transaction * mostEvents + event,
  )
  const areKnown = places.every((place) => place !== undefined)
  return new Map(events.map((event, at) => [areKnown ? (places[at] ?? at) : at, event]))
}

/** Beside each liquidation of a spot asset, that whoever received it has more than any event says. */
async function receiversOf(
  core: Core,
  events: readonly Event[],
  kindOf: (asset: bigint) => AssetKind,
): Promise<ReadonlyMap<Event, readonly AccountEvent[]>> {
  const liquidations = events.flatMap((event) => {
    const liquidation = spotLiquidation(event, kindOf)
    return liquidation ? [{ ...liquidation, transaction: event.transaction_hash, event }] : []
  })
  const receivers = await spotReceivers(core, liquidations)
  return new Map(
    liquidations.map(({ event }, at) => [event, (receivers[at] ?? []).map(receivedSpot)]),
  )
}
