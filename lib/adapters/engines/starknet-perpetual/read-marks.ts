import type { CoreMark } from '../../../domain/margin/starknet-margin.ts'
import type { RpcAnswer } from '../../rpc.ts'
import { feltHex } from '../../starknet-felt.ts'
import type { BlockId } from '../../starknet-read.ts'
import { answered } from './answered.ts'
import type { Core } from './core.ts'
import type { Generation } from './generation.ts'
import {
  type AssetConfig,
  assetConfig,
  riskFactorTiers,
  type TimelyData,
  timelyData,
} from './views.ts'

/** What the contract reckons with of one asset, and when it was told the price: seconds, 0 before the first. */
export type AssetMark = {
  /** As holdings name it. */
  readonly asset: `0x${string}`
  readonly mark: CoreMark
  readonly pricedAt: bigint
}

/**
 * Prices, funding indexes and risk factors of some assets, all of one block: the operator may change risk factors at any time, and
 * they hold at once. Assets that the contract does not know are left out.
 */
export async function readMarks(
  core: Core,
  asked: {
    readonly generation: Generation
    readonly assets: readonly string[]
    readonly at: BlockId
  },
): Promise<readonly AssetMark[]> {
  const { generation, at } = asked
  const { address: contract } = core
  const assets = [...new Set(asked.assets.map(feltHex))]
  if (assets.length === 0) return []
  const requests = assets.map((assetId) => ({
    config: assetConfig({ contract, generation, assetId, at }),
    timely: timelyData({ contract, generation, assetId, at }),
    tiers: riskFactorTiers(contract, assetId, at),
  }))
  const answers = await core.rpc.answers(
    requests.flatMap(({ config, timely, tiers }) => [config, timely, tiers]),
  )
  const read = await Promise.all(
    requests.map(async ({ config, timely, tiers }, index) => {
      // In one batch all answers have one type; each asset has three.
      const [first, second, third] = answers.slice(3 * index, 3 * index + 3)
      return assetMark(assets[index] ?? '0x0', {
        config: await answered(core, config, first as RpcAnswer<AssetConfig> | undefined),
        timely: await answered(core, timely, second as RpcAnswer<TimelyData> | undefined),
        tiers: await answered(core, tiers, third as RpcAnswer<readonly bigint[]> | undefined),
      })
    }),
  )
  return read.flat()
}

function assetMark(
  asset: `0x${string}`,
  said: {
    readonly config: AssetConfig | undefined
    readonly timely: TimelyData | undefined
    readonly tiers: readonly bigint[] | undefined
  },
): readonly AssetMark[] {
  const { config, timely, tiers } = said
  if (!config || !timely || !tiers) return []
  const { kind, status, firstTierBoundary, tierSize } = config
  const mark: CoreMark = {
    kind,
    ...(status !== 'active' && { status }),
    price: timely.price,
    fundingIndex: timely.fundingIndex,
    riskFactorTiers: tiers,
    firstTierBoundary,
    tierSize,
  }
  return [{ asset, mark, pricedAt: timely.lastPriceUpdate }]
}
