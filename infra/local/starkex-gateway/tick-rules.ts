import { pedersen } from '@scure/starknet'

import { isStarkSignature } from '../starknet-box/stark-signature.ts'
import type { GatewayConfig } from './gateway-config.ts'
import type { AssetPrice, OraclePricesTick } from './gateway-transaction.ts'
import { inRange } from './in-range.ts'
import { Refusal, refuseUnless } from './refusal.ts'
import { tickTime, type TickTimes } from './tick-time.ts'

type Asset = GatewayConfig['assets'][number]

/**
 * What StarkEx asks of a price tick (stark-perpetual oracle_price.cairo, oracle_prices_tick.cairo): that its time does not
 * go back and is near the real one, and of each asset that enough known signers have signed its price, in time, and that
 * it is the median of theirs. Throws a `Refusal` where it is not.
 */
export function checkTick(config: GatewayConfig, tick: OraclePricesTick, times: TickTimes): void {
  const timestamp = tickTime(config, tick.timestamp, times)
  const earliest = times.systemTime - BigInt(config.priceValiditySeconds)
  for (const [assetId, price] of Object.entries(tick.oracle_prices)) {
    inRange('ASSET_ID', assetId, 2n ** 120n)
    const asset = config.assets.find((one) => BigInt(one.assetId) === BigInt(assetId))
    if (!asset) throw new Refusal('MISSING_SYNTHETIC_ASSET_ID', `there is no asset ${assetId}`)
    checkAsset(config, { asset, price, earliest, latest: timestamp })
  }
}

function checkAsset(
  { collateralResolution }: GatewayConfig,
  told: {
    readonly asset: Asset
    readonly price: AssetPrice
    readonly earliest: bigint
    readonly latest: bigint
  },
): void {
  const { asset, price, earliest, latest } = told
  const { assetId } = asset
  const median = inRange('PRICE', price.price, 2n ** 64n, 1n)
  const signed = Object.entries(price.signed_prices)
  refuseUnless(
    signed.length >= asset.quorum,
    'MISSING_SIGNED_ORACLE_PRICE',
    `${assetId} has ${signed.length} of ${asset.quorum} signed prices`,
  )
  const keys = signed.map(([key]) => BigInt(key))
  refuseUnless(
    new Set(keys).size === keys.length,
    'INVALID_ASSET_ORACLE_PRICE',
    `${assetId} has two prices of one signer`,
  )
  const internal = signed.map(([key, one]) => {
    checkSigned(asset, key, one)
    const at = BigInt(one.timestamped_signature.timestamp)
    refuseUnless(
      at >= earliest && at <= latest,
      'MISSING_ORACLE_PRICE_SIGNED_IN_TIME_RANGE',
      `${assetId}: ${key} signed at ${at}, not in ${earliest} to ${latest}`,
    )
    return stored(BigInt(one.price), asset, BigInt(collateralResolution))
  })
  const notAbove = internal.filter((one) => one <= median).length
  const notBelow = internal.filter((one) => one >= median).length
  refuseUnless(
    2 * notAbove >= internal.length && 2 * notBelow >= internal.length,
    'INVALID_ASSET_ORACLE_PRICE',
    `${median} is not the median of ${internal.join(', ')} for ${assetId}`,
  )
}

function checkSigned(
  { assetId, signers, signedAssetIds }: Asset,
  key: string,
  signed: AssetPrice['signed_prices'][string],
): void {
  const { signature, timestamp } = signed.timestamped_signature
  const wire = inRange('EXTERNAL_PRICE', signed.price, 2n ** 120n)
  const at = inRange('TIMESTAMP', timestamp, 2n ** 32n)
  const name = inRange('ORACLE_PRICE_SIGNED_ASSET_ID', signed.external_asset_id, fieldPrime)
  refuseUnless(
    has(signers, BigInt(key)),
    'INVALID_ASSET_ORACLE_PRICE',
    `${key} is no signer of ${assetId}`,
  )
  refuseUnless(
    has(signedAssetIds, name),
    'INVALID_ASSET_ORACLE_PRICE',
    `${signed.external_asset_id} is no name of ${assetId}`,
  )
  const hash = BigInt(pedersen(name, wire * 2n ** 32n + at))
  const question = { hash, publicKey: BigInt(key), r: BigInt(signature.r), s: BigInt(signature.s) }
  refuseUnless(isStarkSignature(question), 'INVALID_SIGNATURE', `that of ${key} on ${assetId}`)
}

function has(list: readonly string[], value: bigint): boolean {
  return list.some((one) => BigInt(one) === value)
}

/** External price to the exchange's own, 32.32 fixed point, by the sentence in oracle_price.cairo: add half of the divisor, then divide. */
function stored(wire: bigint, { resolution }: Asset, collateral: bigint): bigint {
  const denominator = BigInt(resolution) * 10n ** 18n
  return (wire * collateral * 2n ** 32n + denominator / 2n) / denominator
}

const fieldPrime = 2n ** 251n + 17n * 2n ** 192n + 1n
