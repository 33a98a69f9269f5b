import { type Timestamp, unixSeconds } from './time.ts'

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
 * ORACLE_PRICES_TICK as a StarkEx gateway takes it: assets and signers ascend as numbers, amounts are decimal text, ids and
 * signatures hex in lower case (starkex-data-availability-committee fields.py). It takes effect at `at`, which becomes the
 * exchange's time: that must not be before its newest signature, or the batch could not be proven.
 *
 * Without prices it only moves that time: the one transaction that changes nothing else, since the gateway refuses a
 * MULTI_TRANSACTION of none.
 */
export function oraclePricesTick(prices: readonly TickPrice[], at: Timestamp): string {
  const newest = prices.flatMap(({ signed }) => signed.map((one) => one.at))
  const timestamp = Math.max(unixSeconds(at), ...newest.map(unixSeconds))
  return JSON.stringify({
    type: 'ORACLE_PRICES_TICK',
    oracle_prices: byKey(prices, ({ assetId }) => assetId, assetPrice),
    timestamp: String(timestamp),
  })
}

function assetPrice({ price, signed }: TickPrice): object {
  return { price: String(price), signed_prices: byKey(signed, ({ key }) => key, signedPrice) }
}

function signedPrice({ externalAssetId, wire, at, r, s }: TickSignature): object {
  return {
    external_asset_id: hex(externalAssetId),
    price: String(wire),
    timestamped_signature: {
      signature: { r: hex(r), s: hex(s) },
      timestamp: String(unixSeconds(at)),
    },
  }
}

function byKey<T>(
  items: readonly T[],
  keyOf: (item: T) => bigint,
  written: (item: T) => object,
): object {
  const ascending = items.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  return Object.fromEntries(ascending.map((item) => [hex(keyOf(item)), written(item)]))
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
