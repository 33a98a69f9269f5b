import type { AccountEvent, BlockEvents, BlockId } from '../../../domain/positions/account-event.ts'
import type { EnginePositions, PositionEvents } from '../../../ports.ts'
import { feltHex } from '../../starknet-felt.ts'
import { assetKinds } from './asset-kinds.ts'
import { type CoreEvent, coreEvents, placesOf } from './core-events.ts'
import type { Core } from './core.ts'
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

/** The accounts of a starknet-perpetual exchange. Its events tell what changed, so each of them counts. */
export function corePositions(core: Core, from: number): EnginePositions {
  const kinds = assetKinds(core)

  return {
    from,
    given: givenPositions,

    async events(after, to): Promise<PositionEvents> {
      const found = await coreEvents(core, positionSelectors, { after, to })
      if (found.kind === 'gone') return found
      const through = { number: found.through.number, hash: found.through.hash }
      const blocks = await blocksOf(core, found.events, kinds)
      const newest = blocks?.at(-1)?.block
      const isOther = newest?.number === through.number && newest.hash !== through.hash
      return !blocks || isOther ? { kind: 'gone' } : { kind: 'events', through, blocks }
    },

    read: async (accounts, block) => readPositions(core, accounts, block),
  }
}

/** By block, oldest first; undefined where a block has no hash yet, or two. */
async function blocksOf(
  core: Core,
  events: readonly CoreEvent[],
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

/** Beside each liquidation of a spot asset, that whoever received it has more than any event says. */
async function receiversOf(
  core: Core,
  events: readonly CoreEvent[],
  kindOf: (asset: bigint) => AssetKind,
): Promise<ReadonlyMap<CoreEvent, readonly AccountEvent[]>> {
  const liquidations = events.flatMap((event) => {
    const liquidation = spotLiquidation(event, kindOf)
    return liquidation ? [{ ...liquidation, transaction: event.transaction_hash, event }] : []
  })
  const receivers = await spotReceivers(core, liquidations)
  return new Map(
    liquidations.map(({ event }, at) => [event, (receivers[at] ?? []).map(receivedSpot)]),
  )
}
