import { storedPriceToDecimal } from '../../../domain/price-message.ts'
import { timestamp } from '../../../domain/time.ts'
import type { EngineState } from '../../../ports.ts'
import type { RpcAnswer } from '../../rpc.ts'
import { blockBy } from '../../starknet-read.ts'
import { answered } from './answered.ts'
import type { Core, Listing } from './core.ts'
import type { Generation } from './generation.ts'
import {
  type AssetConfig,
  assetConfig,
  isPaused,
  operatorNonce,
  type TimelyData,
  timelyData,
} from './views.ts'

type MarketState = {
  readonly listing: Listing
  readonly config: AssetConfig | undefined
  readonly timely: TimelyData | undefined
}

/**
 * Everything at the newest block, whatever comes after it meanwhile. A market that the contract does not know, or has deactivated, has no
 * quorum: no number of reports would do. `leastQuorum` holds where the contract asks for fewer.
 */
export async function readState(
  core: Core,
  generation: Generation,
  leastQuorum: number,
): Promise<EngineState> {
  const [block] = await core.rpc.values([blockBy('latest')])
  const at = { block_hash: block.hash }
  const paused = isPaused(core.address, at)
  const nonce = operatorNonce(core.address, at)
  const assets = core.listings.map(({ assetId }) => {
    const asked = { contract: core.address, generation, assetId, at }
    return { config: assetConfig(asked), timely: timelyData(asked) }
  })
  const answers = await core.rpc.answers([
    paused,
    nonce,
    ...assets.flatMap(({ config, timely }) => [config, timely]),
  ])
  const markets = await Promise.all(
    core.listings.map(async (listing, index): Promise<MarketState> => {
      const asked = assets[index]
      // In one batch all answers have one type; each market's two follow the first two.
      const config = answers[2 + 2 * index] as RpcAnswer<AssetConfig> | undefined
      const timely = answers[3 + 2 * index] as RpcAnswer<TimelyData> | undefined
      return {
        listing,
        config: asked && (await answered(core, asked.config, config)),
        timely: asked && (await answered(core, asked.timely, timely)),
      }
    }),
  )
  return {
    block,
    paused: (await answered(core, paused, answers[0])) ?? false,
    sequence: await answered(core, nonce, answers[1]),
    quorum: Object.fromEntries(markets.flatMap((one) => quorumEntry(one, leastQuorum))),
    prices: Object.fromEntries(markets.flatMap(priceEntry)),
    fundingIndexes: Object.fromEntries(
      markets.flatMap(({ listing, timely }) =>
        timely ? [[listing.market, timely.fundingIndex]] : [],
      ),
    ),
  }
}

function quorumEntry(
  { listing, config }: MarketState,
  leastQuorum: number,
): readonly (readonly [string, number])[] {
  if (config === undefined || config.status === 'inactive') return []
  return [[listing.market, Math.max(config.quorum, leastQuorum)]]
}

function priceEntry({
  listing: { market, resolutionFactor },
  timely,
}: MarketState): readonly (readonly [string, EngineState['prices'][string]])[] {
  if (timely === undefined || timely.lastPriceUpdate === 0n) return []
  const price = storedPriceToDecimal(timely.price, resolutionFactor)
  return [[market, { price, publishedAt: timestamp(Number(timely.lastPriceUpdate) * 1000) }]]
}
