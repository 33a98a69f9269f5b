import { writeStarkexTransaction } from './starkex/write-transaction.ts'
import { timestamp, type Timestamp } from './time.ts'

/** One asset's price in a tick, with the signatures that prove it. */
export type TickPrice = {
  readonly assetId: bigint
  /** As the exchange stores it, scale 2^32. */
  readonly price: bigint
  readonly signed: readonly TickSignature[]
}

export type TickSignature = {
  /** The signer's public key. */
  readonly key: bigint
  /** What the oracle calls the asset, with its own name: the first word of the message that it signed. */
  readonly externalAssetId: bigint
  /** USD at 18 decimals. */
  readonly wire: bigint
  readonly at: Timestamp
  readonly r: bigint
  readonly s: bigint
}

/**
 * ORACLE_PRICES_TICK as a StarkEx gateway takes it. It takes effect at `at`, which becomes the exchange's time: that must not
 * be before its newest signature, or the batch could not be proven.
 *
 * Without prices it only moves that time: the one transaction that changes nothing else, since the gateway refuses a
 * MULTI_TRANSACTION of none.
 */
export function oraclePricesTick(prices: readonly TickPrice[], at: Timestamp): string {
  const newest = prices.flatMap(({ signed }) => signed.map((one) => one.at))
  return writeStarkexTransaction({
    type: 'ORACLE_PRICES_TICK',
    at: timestamp(Math.max(at, ...newest)),
    prices,
  })
}
