import type { Market } from '../../../domain/market.ts'

/** A StarkEx exchange as its configuration says, which no gateway tells. */
export type StarkexExchange = {
  readonly engine: string
  readonly listings: ReadonlyMap<string, StarkexListing>
  /** Smallest units in one whole unit of the collateral. */
  readonly collateral: bigint
  /** Who may sign prices, and what each is called in what it signs, by public key. */
  readonly signers: ReadonlyMap<bigint, bigint>
  readonly quorum: number
}

/** How the exchange lists one market. */
export type StarkexListing = {
  readonly market: Market
  readonly assetId: `0x${string}`
  /** Smallest units in one whole unit of the asset. */
  readonly resolutionFactor: bigint
  /** What oracles call it in what they sign, as a felt. */
  readonly assetName: bigint
}
