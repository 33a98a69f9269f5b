import { Decimal } from './decimal.ts'
import { type Timestamp, unixSeconds } from './time.ts'

/** The names that an exchange registered for one oracle key of one asset, as felts: read from the chain, never recomputed. */
export type PriceNames = { readonly assetName: bigint; readonly oracleName: bigint }

/** A name as it is signed: ASCII, left in so many bytes (starkex-lib assets.ts). */
export function signedName(text: string, bytes: number): bigint {
  return Array.from({ length: bytes }, (_, at) => text.charCodeAt(at) || 0).reduce(
    (felt, byte) => (felt << 8n) | BigInt(byte),
    0n,
  )
}

/** The two words whose Pedersen hash an oracle signs. */
export type PriceMessage = { readonly first: bigint; readonly second: bigint }

/**
 * The oracle price message of StarkEx, Stork and starknet-perpetual:
 * `assetName << 40 | oracleName`, then `price << 32 | unix seconds` (starknet-perpetual assets.cairo).
 */
export function priceMessage(
  { assetName, oracleName }: PriceNames,
  price: bigint,
  at: Timestamp,
): PriceMessage {
  inRange('asset name', assetName, 1n << 128n)
  inRange('oracle name', oracleName, 1n << 40n)
  // The layout leaves 120 bits; a larger price would still fit the felt but no other reader of the format.
  inRange('price', price, 1n << 120n)
  if (price === 0n) throw new PriceRangeError('price', price)
  const seconds = BigInt(unixSeconds(at))
  inRange('time', seconds, 1n << 32n)
  return { first: (assetName << 40n) | oracleName, second: (price << 32n) | seconds }
}

/** USD per whole unit as an integer at 18 decimals. Exact: nothing is rounded away. */
export function priceToWire(price: Decimal): bigint {
  const scaled = price.mul(priceScale)
  if (!scaled.isFinite() || !scaled.isPositive() || scaled.isZero())
    throw new InexactPriceError(price, 'is not above zero')
  if (!scaled.isInteger() || price.decimalPlaces() > 18)
    throw new InexactPriceError(price, 'has more than 18 decimals')
  const wire = BigInt(scaled.toFixed(0))
  inRange('price', wire, 1n << 120n)
  return wire
}

/** The exact price of an integer at 18 decimals. */
export function priceFromWire(wire: bigint): Decimal {
  return new Decimal(wire.toString()).div(priceScale)
}

const priceScale = new Decimal(10).pow(18)

/**
 * What the exchange stores for an oracle price: 1e-6 USD per smallest unit of the asset, scale 2^28, both divisions
 * floored as the contract does (starknet-perpetual price.cairo).
 */
export function storedPrice(wire: bigint, resolutionFactor: bigint): bigint {
  inRange('resolution factor', resolutionFactor, 1n << 64n)
  if (resolutionFactor === 0n) throw new PriceRangeError('resolution factor', 0n)
  // The contract's intermediate is a u128.
  inRange('price', wire, 1n << 100n)
  const stored = (wire << 28n) / resolutionFactor / 10n ** 12n
  inRange('stored price', stored, 1n << 56n)
  return stored
}

/** The exact USD per whole unit that a stored price stands for. */
export function storedPriceToDecimal(stored: bigint, resolutionFactor: bigint): Decimal {
  // 1 / (2^28 · 1e6) = 5^28 / 10^34: an integer and a shift of the point, so nothing is rounded.
  return new Decimal(`${stored * resolutionFactor * 5n ** 28n}e-34`)
}

/**
 * What a StarkEx exchange stores for an oracle price: its collateral's smallest units per smallest unit of the asset, scale
 * 2^32, rounded half up as its program does (stark-perpetual oracle_price.cairo).
 */
export function starkexPrice(
  wire: bigint,
  resolution: { readonly asset: bigint; readonly collateral: bigint },
): bigint {
  const { asset, collateral } = resolution
  for (const factor of [asset, collateral]) {
    inRange('resolution factor', factor, 1n << 64n)
    if (factor === 0n) throw new PriceRangeError('resolution factor', 0n)
  }
  inRange('price', wire, 1n << 120n)
  const divisor = asset * 10n ** 18n
  const stored = (((wire * collateral) << 32n) + divisor / 2n) / divisor
  inRange('stored price', stored, 1n << 64n)
  // Its program takes prices from 1 on.
  if (stored === 0n) throw new PriceRangeError('stored price', 0n)
  return stored
}

/** The median as exchanges want it: the middle, or the floor of the two middles' average. */
export function medianWire(prices: readonly bigint[]): bigint {
  const sorted = prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const low = sorted[(sorted.length - 1) >> 1]
  const high = sorted[sorted.length >> 1]
  if (low === undefined || high === undefined) throw new RangeError('there is no median of nothing')
  return (low + high) / 2n
}

function inRange(field: PriceField, value: bigint, limit: bigint): void {
  if (value < 0n || value >= limit) throw new PriceRangeError(field, value)
}

type PriceField =
  | 'asset name'
  | 'oracle name'
  | 'price'
  | 'time'
  | 'resolution factor'
  | 'stored price'

/** A field of a price message is outside what its layout can carry. */
export class PriceRangeError extends RangeError {
  override readonly name = 'PriceRangeError'
  readonly field: string
  readonly value: bigint

  constructor(field: PriceField, value: bigint) {
    super(`${field} ${value} does not fit the price message`)
    this.field = field
    this.value = value
  }
}

/** The price cannot be written as a whole number at 18 decimals. */
export class InexactPriceError extends Error {
  override readonly name = 'InexactPriceError'
  readonly price: Decimal

  constructor(price: Decimal, why: string) {
    super(`price ${price.toString()} ${why}`)
    this.price = price
  }
}
