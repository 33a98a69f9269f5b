import type { Market } from '../../../domain/market.ts'
import type { Timestamp } from '../../../domain/time.ts'
import type { EngineState } from '../../../ports.ts'

/** A StarkEx exchange as its configuration says, which no gateway tells. */
export type StarkexExchange = {
  readonly engine: string
  readonly listings: ReadonlyMap<string, StarkexListing>
  /** Smallest units in one whole unit of the collateral. */
  readonly collateral: bigint
  /** Who may sign prices, and what each is called in what it signs, by public key. */
  readonly signers: ReadonlyMap<bigint, bigint>
  readonly quorum: number
  /** Per second, scale 2^32. */
  readonly maxFundingRate: bigint
}

/** What the exchange was told so far, by our own record. */
export type StarkexTold = {
  readonly prices: EngineState['prices']
  /** By market. */
  readonly funding: Readonly<Record<string, SettledIndex>>
  /** The newest time that it was given; undefined before the first. */
  readonly time: Timestamp | undefined
}

export type SettledIndex = { readonly index: bigint; readonly at: Timestamp }

/** How the exchange lists one market. */
export type StarkexListing = {
  readonly market: Market
  readonly assetId: `0x${string}`
  /** Smallest units in one whole unit of the asset. */
  readonly resolutionFactor: bigint
  /** What oracles call it in what they sign, as a felt. */
  readonly assetName: bigint
}
