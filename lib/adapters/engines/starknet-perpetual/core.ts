import type { Market } from '../../../domain/market.ts'
import type { Rpc } from '../../rpc.ts'

/** How the exchange lists one market. */
export type Listing = {
  readonly market: Market
  readonly assetId: `0x${string}`
  /** Smallest units in one whole unit of the asset. */
  readonly resolutionFactor: bigint
}

/** The contract that is asked, and for what. */
export type Core = {
  readonly engine: string
  readonly address: `0x${string}`
  readonly rpc: Rpc
  readonly listings: readonly Listing[]
}
