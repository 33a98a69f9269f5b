import type { GatewayConfig } from './gateway-config.ts'
import { Refusal, refuseUnless } from './refusal.ts'

/** A leaf of the tree of positions. */
export type Position = {
  readonly publicKey: bigint
  readonly collateral: bigint
  /** By asset id, ascending; none with a balance of zero. */
  readonly assets: ReadonlyMap<bigint, PositionAsset>
}

export type PositionAsset = { readonly balance: bigint; readonly cachedIndex: bigint }

export const emptyPosition: Position = { publicKey: 0n, collateral: 0n, assets: new Map() }

/** What prices and funding stand at. */
export type Markets = {
  readonly prices: ReadonlyMap<bigint, bigint>
  readonly indices: ReadonlyMap<bigint, bigint>
}

/** TV at scale 2^32 and TR at scale 2^64. */
export type Status = { readonly value: bigint; readonly risk: bigint }

/** The position with all its funding paid: one floor for all of its assets (position/funding.cairo). */
export function funded(position: Position, { indices }: Markets): Position {
  let collateral = position.collateral << 32n
  const assets = new Map<bigint, PositionAsset>()
  for (const [asset, { balance, cachedIndex }] of position.assets) {
    const index = indices.get(asset)
    if (index === undefined)
      throw new Refusal('MISSING_GLOBAL_FUNDING_INDEX', `there is none of ${hex(asset)}`)
    collateral -= (index - cachedIndex) * balance
    assets.set(asset, { balance, cachedIndex: index })
  }
  // A shift to the right rounds down, below zero too.
  return { ...position, collateral: inBalance(collateral >> 32n), assets }
}

/** What a funded position is worth, and what is required of it (position/status.cairo). */
export function statusOf(position: Position, config: GatewayConfig, { prices }: Markets): Status {
  let value = position.collateral << 32n
  let risk = 0n
  for (const [asset, { balance }] of position.assets) {
    const price = prices.get(asset)
    if (price === undefined) throw new Refusal('MISSING_ORACLE_PRICE', `of ${hex(asset)}`)
    const size = balance < 0n ? -balance : balance
    value += price * balance
    risk += price * size * riskFactor(config, asset, { size, price })
  }
  refuseUnless(
    value >= -(1n << 95n) && value < 1n << 95n,
    'OUT_OF_RANGE_TOTAL_VALUE',
    `the total value is ${value}`,
  )
  refuseUnless(risk < 1n << 128n, 'OUT_OF_RANGE_TOTAL_RISK', `the total risk is ${risk}`)
  return { value, risk }
}

function riskFactor(
  { assets, riskBy }: GatewayConfig,
  asset: bigint,
  { size, price }: { readonly size: bigint; readonly price: bigint },
): bigint {
  const found = assets.find(({ assetId }) => BigInt(assetId) === asset)
  if (!found) throw new Refusal('MISSING_SYNTHETIC_ASSET_ID', `there is no asset ${hex(asset)}`)
  const amount = riskBy === 'balance' ? size : size * price
  const segment = found.risk.find(({ upTo }) => amount <= BigInt(upTo)) ?? found.risk.at(-1)
  return BigInt(segment?.factor ?? 0)
}

export type PositionChange = {
  readonly collateral: bigint
  /** Absent where only collateral moves. */
  readonly synthetic?: { readonly asset: bigint; readonly amount: bigint }
  /** Whose it must be; absent where whoever has it, has it. */
  readonly publicKey?: bigint
}

/**
 * The funded position, and how it is after a change that its health allows (position/update_position.cairo). Throws a
 * `Refusal` where it does not.
 */
export function updated(
  position: Position,
  change: PositionChange,
  world: { readonly config: GatewayConfig; readonly markets: Markets },
): { readonly before: Position; readonly after: Position } {
  const { config, markets } = world
  const before = funded(position, markets)
  if (change.synthetic) checkTradable(change.synthetic.asset, markets)
  const isStranger = change.publicKey !== undefined && position.publicKey !== change.publicKey
  refuseUnless(
    (!isStranger || position.publicKey === 0n) && (change.publicKey ?? position.publicKey) !== 0n,
    'INVALID_PUBLIC_KEY',
    'the position is another key’s',
  )
  const publicKey = change.publicKey ?? position.publicKey
  const after = emptied({
    publicKey,
    collateral: inBalance(before.collateral + change.collateral),
    assets: change.synthetic ? withAsset(before.assets, change.synthetic, markets) : before.assets,
  })
  checkTransition({ before, after }, config, markets)
  return { before, after }
}

function checkTradable(asset: bigint, { prices, indices }: Markets): void {
  refuseUnless(prices.has(asset), 'MISSING_ORACLE_PRICE', `of ${hex(asset)}`)
  refuseUnless(indices.has(asset), 'MISSING_GLOBAL_FUNDING_INDEX', `there is none of ${hex(asset)}`)
}

function withAsset(
  assets: Position['assets'],
  { asset, amount }: { readonly asset: bigint; readonly amount: bigint },
  { indices }: Markets,
): Position['assets'] {
  const held = assets.get(asset)
  const balance = inBalance((held?.balance ?? 0n) + amount)
  const changed = new Map(assets)
  if (balance === 0n) changed.delete(asset)
  else changed.set(asset, { balance, cachedIndex: held?.cachedIndex ?? indices.get(asset) ?? 0n })
  return new Map([...changed].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** A position with nothing in it is nobody's. */
function emptied(position: Position): Position {
  return position.collateral === 0n && position.assets.size === 0 ? emptyPosition : position
}

/** Healthy, or smaller in every holding and not worse (position/validate_state_transition.cairo). */
function checkTransition(
  { before, after }: { readonly before: Position; readonly after: Position },
  config: GatewayConfig,
  markets: Markets,
): void {
  const now = statusOf(after, config, markets)
  if (now.risk <= now.value << 32n) return
  const was = statusOf(before, config, markets)
  for (const [asset, { balance }] of after.assets) {
    const had = before.assets.get(asset)?.balance ?? 0n
    refuseUnless(
      balance * had > 0n && balance * balance <= had * had,
      'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS',
      `${hex(asset)} from ${had} to ${balance}`,
    )
  }
  refuseUnless(
    was.value * now.risk <= now.value * was.risk,
    'ILLEGAL_POSITION_TRANSITION_REDUCING_TOTAL_VALUE_RISK_RATIO',
    `from ${was.value} / ${was.risk} to ${now.value} / ${now.risk}`,
  )
  refuseUnless(
    was.risk !== 0n || was.value <= now.value,
    'ILLEGAL_POSITION_TRANSITION_NO_RISK_REDUCED_VALUE',
    `from ${was.value} to ${now.value}`,
  )
}

function inBalance(value: bigint): bigint {
  refuseUnless(
    value >= -(1n << 63n) && value < 1n << 63n,
    'OUT_OF_RANGE_BALANCE',
    `a balance would be ${value}`,
  )
  return value
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
