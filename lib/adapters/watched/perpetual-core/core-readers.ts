import type { RpcRequest } from '../../rpc.ts'
import type { BlockId } from '../../starknet-read.ts'

type Hex = `0x${string}`
export type Generation = 'A' | 'B' | 'C' | 'D'

type Asked = {
  readonly contract: Hex
  readonly generation: Generation
  readonly assetId: Hex
  readonly at: BlockId
}

/** How the exchange's views are read, whatever its generation: whoever keeps the exchange knows it. */
export type CoreReaders = {
  readonly generationAt: (address: Hex) => RpcRequest<Generation | undefined>
  readonly assetConfig: (asked: Asked) => RpcRequest<{
    readonly status: 'pending' | 'active' | 'inactive'
    readonly quorum: number
    readonly resolutionFactor: bigint
    readonly kind: 'synthetic' | 'spot' | 'vault-share'
    readonly firstTierBoundary: bigint
    readonly tierSize: bigint
  }>
  readonly timelyData: (asked: Asked) => RpcRequest<{
    /** In millionths of a USD for one smallest unit, scale 2^28. */
    readonly price: bigint
    /** In unix seconds; 0 before the first price. */
    readonly lastPriceUpdate: bigint
    /** Millionths of a USD that one smallest unit held long has paid, scale 2^32. */
    readonly fundingIndex: bigint
  }>
  readonly riskFactorTiers: (
    contract: Hex,
    assetId: Hex,
    at: BlockId,
  ) => RpcRequest<readonly bigint[]>
}
