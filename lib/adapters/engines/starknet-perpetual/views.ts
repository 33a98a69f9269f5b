import type { RpcRequest } from '../../rpc.ts'
import { signedFelt } from '../../starknet-felt.ts'
import { type BlockId, view } from '../../starknet-read.ts'
import type { Generation } from './generation.ts'

export type AssetConfig = {
  readonly status: 'pending' | 'active' | 'inactive'
  readonly quorum: number
  readonly resolutionFactor: bigint
  readonly kind: 'synthetic' | 'spot' | 'vault-share'
  /** In 1e-6 USD: from here on the second risk tier holds. */
  readonly firstTierBoundary: bigint
  readonly tierSize: bigint
}

export type TimelyData = {
  /** 1e-6 USD per smallest unit, scale 2^28. */
  readonly price: bigint
  /** The block's time of the last price tick in seconds; 0 before the first. */
  readonly lastPriceUpdate: bigint
  /** 1e-6 USD that one smallest unit held long has paid, scale 2^32. */
  readonly fundingIndex: bigint
}

type Asked = {
  readonly contract: `0x${string}`
  readonly generation: Generation
  readonly assetId: `0x${string}`
  readonly at: BlockId
}

const names = {
  A: { config: 'get_synthetic_config', timely: 'get_synthetic_timely_data' },
  B: { config: 'get_synthetic_config', timely: 'get_synthetic_timely_data' },
  C: { config: 'get_asset_config', timely: 'get_timely_data' },
  D: { config: 'get_asset_config', timely: 'get_timely_data' },
} as const

const statuses = ['pending', 'active', 'inactive'] as const

/**
 * Version, status, first boundary, tier size, quorum, resolution factor: these six begin it in every generation. From C on
 * a quantum, an optional token and the asset's type follow; before, all are synthetic.
 */
export function assetConfig({ contract, generation, assetId, at }: Asked): RpcRequest<AssetConfig> {
  const { config: entrypoint } = names[generation]
  return reading({ contract, entrypoint, calldata: [BigInt(assetId)], at }, (felts) => {
    const [, status = -1n, firstTierBoundary = 0n, tierSize = 0n, quorum = 0n] = felts
    const [resolutionFactor = 0n, , token = 1n] = felts.slice(5)
    const word = statuses[Number(status)]
    const type = generation < 'C' ? 0n : (felts[token === 0n ? 9 : 8] ?? -1n)
    const kind = kinds[Number(type)]
    if (word === undefined || kind === undefined || quorum === 0n || resolutionFactor === 0n)
      throw new RangeError('not an asset configuration')
    const tiers = { firstTierBoundary, tierSize }
    return { status: word, quorum: Number(quorum), resolutionFactor, kind, ...tiers }
  })
}

const kinds = ['synthetic', 'spot', 'vault-share'] as const

/** Version, price, time of the last price, funding index: these four begin it in every generation. */
export function timelyData({ contract, generation, assetId, at }: Asked): RpcRequest<TimelyData> {
  const { timely: entrypoint } = names[generation]
  return reading({ contract, entrypoint, calldata: [BigInt(assetId)], at }, (felts) => {
    const [, price, lastPriceUpdate, fundingIndex] = felts
    if (price === undefined || lastPriceUpdate === undefined || fundingIndex === undefined)
      throw new RangeError('not timely data')
    return { price, lastPriceUpdate, fundingIndex: signedFelt(fundingIndex) }
  })
}

/** Thousandths, ascending; empty where the contract does not know the asset. */
export function riskFactorTiers(
  contract: `0x${string}`,
  assetId: `0x${string}`,
  at: BlockId,
): RpcRequest<readonly bigint[]> {
  const calldata = [BigInt(assetId)]
  const call = { contract, entrypoint: 'get_risk_factor_tiers', calldata, at }
  return reading(call, ([count = -1n, ...tiers]) => {
    if (BigInt(tiers.length) !== count) throw new RangeError('not risk factor tiers')
    return tiers
  })
}

/** A view without arguments whose answer is one number. */
export function numberView(
  contract: `0x${string}`,
  entrypoint:
    | 'get_last_funding_tick'
    | 'get_last_price_validation'
    | 'get_max_price_interval'
    | 'get_max_funding_rate'
    | 'get_max_funding_interval'
    | 'get_exchange_time'
    | 'get_time_of_last_update'
    | 'get_max_interest_rate_per_sec'
    | 'get_num_of_active_synthetic_assets',
  at: BlockId,
): RpcRequest<bigint> {
  return reading({ contract, entrypoint, at }, ([number]) => {
    if (number === undefined) throw new RangeError('not a number')
    return number
  })
}

export function isPaused(contract: `0x${string}`, at: BlockId): RpcRequest<boolean> {
  return reading({ contract, entrypoint: 'is_paused', at }, ([word]) => word === 1n)
}

export function isOperator(
  contract: `0x${string}`,
  account: string,
  at: BlockId = 'latest',
): RpcRequest<boolean> {
  const calldata = [BigInt(account)]
  const call = { contract, entrypoint: 'is_operator', calldata, at } as const
  return reading(call, ([word]) => word === 1n)
}

export function operatorNonce(contract: `0x${string}`, at: BlockId): RpcRequest<bigint> {
  const call = { contract, entrypoint: 'get_operator_nonce', at } as const
  return reading(call, ([nonce]) => {
    if (nonce === undefined) throw new RangeError('not a nonce')
    return nonce
  })
}

function reading<T>(
  call: Parameters<typeof view>[0],
  read: (felts: readonly bigint[]) => T,
): RpcRequest<T> {
  const request = view(call)
  return { ...request, read: (result) => read(request.read(result)) }
}
