import { pedersen } from '@scure/starknet'

import { existingAsset, useOperatorNonce, withAsset } from './core-rules-access.ts'
import type { CoreAsset, CoreCall, CoreEffect, CoreState } from './core-state.ts'
import { hex } from './felt.ts'
import { assertBytes, assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'
import { isStarkSignature } from './stark-signature.ts'

export type SignedPrice = {
  readonly signature: readonly bigint[]
  readonly signerPublicKey: bigint
  /** Seconds. */
  readonly timestamp: bigint
  /** USD per whole unit at 18 decimals. */
  readonly oraclePrice: bigint
}

export type PriceTick = {
  readonly operatorNonce: bigint
  readonly assetId: bigint
  readonly oraclePrice: bigint
  readonly signedPrices: readonly SignedPrice[]
}

/** How far ahead of the block a signed time may be, seconds. */
const maxFutureSeconds = 120n

/** `price_tick`, its checks in the contract's order (starknet-perpetual assets.cairo, `_validate_price_tick` and `_set_price`). */
export function priceTick(core: CoreState, call: CoreCall, tick: PriceTick): CoreEffect {
  const used = useOperatorNonce(core, call.caller, tick.operatorNonce)
  const asset = existingAsset(used, tick.assetId)
  assertFelt(asset.status !== 'INACTIVE', 'INACTIVE_ASSET')
  assertFelt(tick.signedPrices.length >= asset.quorum, 'QUORUM_NOT_REACHED')
  checkSignedPrices(used, call, { asset, tick })
  checkMedian(tick)
  return setPrice(used, call, { asset, oraclePrice: tick.oraclePrice })
}

function checkSignedPrices(
  { limits }: CoreState,
  { now }: CoreCall,
  { asset, tick }: { readonly asset: CoreAsset; readonly tick: PriceTick },
): void {
  let previousKey = 0n
  for (const signed of tick.signedPrices) {
    const isTimely =
      now - limits.maxOraclePriceValidity <= signed.timestamp &&
      signed.timestamp <= now + maxFutureSeconds
    assertFelt(isTimely, 'INVALID_PRICE_TIMESTAMP')
    checkOracleSignature(asset, signed)
    assertFelt(previousKey < signed.signerPublicKey, 'SIGNED_PRICES_UNSORTED')
    previousKey = signed.signerPublicKey
  }
}

function checkOracleSignature(asset: CoreAsset, signed: SignedPrice): void {
  const names = asset.oracles[hex(signed.signerPublicKey)]
  assertBytes(
    names !== undefined,
    `ORACLE_PUBLIC_KEY_NOT_REGISTERED, asset_id: AssetId { value: ${asset.id} }, public_key: ${signed.signerPublicKey}`,
  )
  const [r, s] = signed.signature
  const isValid =
    signed.signature.length === 2 &&
    r !== undefined &&
    s !== undefined &&
    isStarkSignature({
      hash: hashOf((names.assetName << 40n) + names.oracleName, signed),
      publicKey: signed.signerPublicKey,
      r,
      s,
    })
  assertFelt(isValid, 'INVALID_STARK_KEY_SIGNATURE')
}

/** The same message is hashed for the pool, for the block being built and for the block. */
const hashes = new Map<string, bigint>()
const keptHashes = 20_000

function hashOf(first: bigint, { oraclePrice, timestamp }: SignedPrice): bigint {
  const second = (oraclePrice << 32n) + timestamp
  const key = `${first}:${second}`
  const known = hashes.get(key)
  if (known !== undefined) return known
  const hash = BigInt(pedersen(first, second))
  if (hashes.size >= keptHashes) hashes.clear()
  hashes.set(key, hash)
  return hash
}

/** At least half of the prices are not above it, and at least half not below: with an even count any value between the middles. */
function checkMedian({ oraclePrice, signedPrices }: PriceTick): void {
  const count = signedPrices.length
  const lower = signedPrices.filter((signed) => signed.oraclePrice < oraclePrice).length
  const higher = signedPrices.filter((signed) => signed.oraclePrice > oraclePrice).length
  assertFelt(2 * (count - higher) >= count && 2 * (count - lower) >= count, 'INVALID_MEDIAN')
}

function setPrice(
  core: CoreState,
  { now }: CoreCall,
  { asset, oraclePrice }: { readonly asset: CoreAsset; readonly oraclePrice: bigint },
): CoreEffect {
  const scaled = oraclePrice << 28n
  assertFelt(scaled < 1n << 128n, 'u128_mul Overflow')
  const price = scaled / asset.resolutionFactor / 10n ** 12n
  assertFelt(price < 1n << 56n, 'Value must be < 2^56')
  const isFirst = asset.status === 'PENDING'
  const ticked = withAsset(core, { ...asset, status: 'ACTIVE', price, lastPriceUpdate: now })
  const activated = { keys: [selectorOf('AssetActivated'), asset.id], data: [] }
  const event = { keys: [selectorOf('PriceTick'), asset.id], data: [price] }
  if (!isFirst) return { core: ticked, events: [event] }
  const counted = asset.kind === 'synthetic' ? 1 : 0
  return {
    core: { ...ticked, activeCount: core.activeCount + counted },
    events: [activated, event],
  }
}
