import type { RpcAnswer, RpcRequest } from '../../rpc.ts'
import type { BlockId } from '../../starknet-read.ts'
import { answered } from './answered.ts'
import type { Core, Listing } from './core.ts'
import type { Generation } from './generation.ts'
import { type AssetConfig, assetConfig, type TimelyData, timelyData } from './views.ts'

/** What the contract has of one listed market; undefined where it does not know the asset. */
export type MarketState = {
  readonly listing: Listing
  readonly config: AssetConfig | undefined
  readonly timely: TimelyData | undefined
}

/** Every listed market at a block, and the answers to other questions about that block, all asked at once. */
export async function readAssets(
  core: Core,
  {
    generation,
    at,
    beside,
  }: {
    readonly generation: Generation
    readonly at: BlockId
    readonly beside: readonly RpcRequest[]
  },
): Promise<{
  readonly answers: readonly RpcAnswer[]
  readonly markets: readonly MarketState[]
}> {
  const assets = core.listings.map(({ assetId }) => {
    const asked = { contract: core.address, generation, assetId, at }
    return { config: assetConfig(asked), timely: timelyData(asked) }
  })
  const answers = await core.rpc.answers([
    ...beside,
    ...assets.flatMap(({ config, timely }) => [config, timely]),
  ])
  const markets = await Promise.all(
    core.listings.map(async (listing, index): Promise<MarketState> => {
      const asked = assets[index]
      // In one batch all answers have one type; each market's two follow the others.
      const place = beside.length + 2 * index
      const config = answers[place] as RpcAnswer<AssetConfig> | undefined
      const timely = answers[place + 1] as RpcAnswer<TimelyData> | undefined
      return {
        listing,
        config: asked && (await answered(core, asked.config, config)),
        timely: asked && (await answered(core, asked.timely, timely)),
      }
    }),
  )
  return { answers: answers.slice(0, beside.length), markets }
}
