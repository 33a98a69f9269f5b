import type { ContractCall } from './call-contract.ts'
import { hex } from './felt.ts'
import { flowGas } from './flow-gas.ts'
import { selectorOf } from './selectors.ts'
import type { Bounds } from './transaction-fields.ts'
import type { World } from './world.ts'

export type GasPrices = {
  /** In fri, 1e-18 STRK. */
  readonly l1Gas: bigint
  readonly l2Gas: bigint
  readonly l1DataGas: bigint
}

/** Nothing that we run sends messages to L1, and so nothing uses L1 gas. */
export type Gas = { readonly l2Gas: bigint; readonly l1DataGas: bigint }

/** One call that was made, with the world on both sides of it. */
export type MadeCall = {
  readonly call: ContractCall
  readonly before: World
  readonly after: World
}

// Fitted to real transactions on starknet-devnet (block version 0.14.4): an account's multicall of so many calls.
const transaction = 815_360n
const signedPrice = 100_000n
const oneTick = 1_666_560n
const activation = 1_964_080n
const firstActivation = 832_000n
const fundingCall = 630_720n
const fundingAsset = 979_840n
const fundingChanged = 23_200n
const fundingFromZero = 402_000n
const priceAgeCheck = 441_600n
const otherChange = 320_000n
const lookingAt = 120_000n
const refusedCall = 177_280n
const callBeforeRefusal = 323_500n

/** Every transaction changes its account's nonce and balance. */
const transactionData = 128n
const nonceData = 128n
const assetData = 128n
const slotData = 64n

const priceTick = selectorOf('price_tick')
const fundingTick = selectorOf('funding_tick')

/** What the calls used, when all of them went well. */
export function gasOf(calls: readonly MadeCall[]): Gas {
  const l2Gas = calls.reduce((sum, one) => sum + l2GasOf(one), transaction)
  return { l2Gas, l1DataGas: dataGasOf(calls) }
}

/** What is charged where a call panics: what ran until then, and no storage. */
export function revertedGas(callsBefore: number): Gas {
  const l2Gas = transaction + refusedCall + BigInt(callsBefore) * callBeforeRefusal
  return { l2Gas, l1DataGas: transactionData }
}

function l2GasOf({ call, before, after }: MadeCall): bigint {
  if (before === after) return lookingAt
  if (call.selector === priceTick) {
    const isFirst = before.core.activeCount === 0
    const activated = before.core.activeCount < after.core.activeCount
    const signers = call.calldata[3] ?? 0n
    const extra = activated ? activation + (isFirst ? firstActivation : 0n) : 0n
    return oneTick + signedPrice * signers + extra
  }
  if (call.selector === fundingTick) return fundingGas(before, after)
  return flowGas(before.core, call) ?? otherChange
}

function fundingGas(before: World, after: World): bigint {
  const assets = Object.values(after.core.assets)
  const { changed, fromZero } = changedIndexes(before, after)
  const checked = wasChecked(before, after) ? assets.length : 0
  return (
    fundingCall +
    fundingAsset * BigInt(after.core.activeCount) +
    fundingChanged * BigInt(changed) +
    fundingFromZero * BigInt(fromZero) +
    priceAgeCheck * BigInt(checked)
  )
}

function changedIndexes(before: World, after: World) {
  const pairs = Object.values(after.core.assets).map((asset) => ({
    old: before.core.assets[hex(asset.id)]?.fundingIndex ?? 0n,
    now: asset.fundingIndex,
  }))
  const changed = pairs.filter(({ old, now }) => old !== now)
  return { changed: changed.length, fromZero: changed.filter(({ old }) => old === 0n).length }
}

function wasChecked(before: World, after: World): boolean {
  return before.core.lastPriceValidation !== after.core.lastPriceValidation
}

/** What is written, however often, is published once. */
function dataGasOf(calls: readonly MadeCall[]): bigint {
  const first = calls[0]?.before
  const last = calls.at(-1)?.after
  if (first === undefined || last === undefined) return transactionData
  const ticked = new Set(
    calls.filter(({ call }) => call.selector === priceTick).map(({ call }) => call.calldata[1]),
  )
  const activated = last.core.activeCount - first.core.activeCount
  const slots =
    (last.core.lastFundingTick === first.core.lastFundingTick ? 0 : 1) +
    (wasChecked(first, last) ? 1 : 0) +
    changedIndexes(first, last).changed +
    (activated > 0 ? activated + 1 : 0) +
    calls.filter(isOtherChange).length
  return (
    transactionData +
    (last.core.operatorNonce === first.core.operatorNonce ? 0n : nonceData) +
    assetData * BigInt(ticked.size) +
    slotData * BigInt(slots)
  )
}

function isOtherChange({ call, before, after }: MadeCall): boolean {
  return before !== after && call.selector !== priceTick && call.selector !== fundingTick
}

/** In fri; the tip is paid for each unit of L2 gas. */
export function feeOf({ l2Gas, l1DataGas }: Gas, prices: GasPrices, tip: bigint): bigint {
  return l2Gas * (prices.l2Gas + tip) + l1DataGas * prices.l1DataGas
}

/** What goes beyond the transaction's limits, in the words of the sequencer; undefined where nothing does. */
export function exceededBound(
  { l2Gas, l1DataGas }: Gas,
  { l2_gas, l1_data_gas }: Bounds,
): string | undefined {
  for (const [name, used, { max_amount }] of [
    ['L2Gas', l2Gas, l2_gas],
    ['L1DataGas', l1DataGas, l1_data_gas],
  ] as const)
    if (used > BigInt(max_amount))
      return `Insufficient max ${name}: max amount: ${BigInt(max_amount)}, actual used: ${used}.`
  return undefined
}
