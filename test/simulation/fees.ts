import { bumpEvm, marketFee, mostOfEvm } from '../../lib/adapters/chains/evm-fee.ts'
import {
  bumpStarknet,
  marketStarknet,
  mostOfStarknet,
} from '../../lib/adapters/chains/starknet-fee.ts'
import type { Fee } from '../../lib/domain/fee.ts'
import type { ChainKind } from './plan.ts'

/** What a unit costs when nothing happens, and what goes to whoever makes the block. */
export const usualPrice = 1_000n
const usualTip = 7n

/** What a transaction should offer at that price, as our adapters reckon it. */
export function marketAt(kind: ChainKind, price: bigint): Fee {
  const tip = (usualTip * price) / usualPrice
  if (kind === 'evm') return marketFee({ gas: 100n, baseFeePerGas: price, priorityFeePerGas: tip })
  const l1Gas = { consumed: 10n, price }
  return marketStarknet({ l1Gas, l2Gas: { consumed: 100n, price }, l1DataGas: l1Gas, tip })
}

/** As our adapters raise it. */
export function bumped(fee: Fee, market: Fee): Fee {
  if (fee.kind === 'evm' && market.kind === 'evm') return bumpEvm(fee, market)
  if (fee.kind === 'starknet' && market.kind === 'starknet') return bumpStarknet(fee, market)
  throw new TypeError('two kinds of fee')
}

export function mostOf(fee: Fee): bigint {
  switch (fee.kind) {
    case 'evm':
      return mostOfEvm(fee)
    case 'starknet':
      return mostOfStarknet(fee)
    case 'starkex':
      return 0n
  }
}

/** Whether a pool takes the second in the place of the first: both fields by an eighth (Erigon), or by a tenth rounded up (apollo). */
export function mayReplace(before: Fee, after: Fee): boolean {
  if (before.kind === 'evm' && after.kind === 'evm')
    return (
      after.maxFeePerGas * 8n >= before.maxFeePerGas * 9n &&
      after.maxPriorityFeePerGas * 8n >= before.maxPriorityFeePerGas * 9n
    )
  if (before.kind === 'starknet' && after.kind === 'starknet')
    return (
      after.tip >= aTenthMore(before.tip) &&
      after.l2Gas.maxPricePerUnit >= aTenthMore(before.l2Gas.maxPricePerUnit)
    )
  return false
}

/** Whether it offers more at all; one that offers less is meant for a pool that has nothing. */
export function isRaise(before: Fee, after: Fee): boolean {
  if (before.kind === 'evm' && after.kind === 'evm')
    return (
      after.maxFeePerGas > before.maxFeePerGas ||
      after.maxPriorityFeePerGas > before.maxPriorityFeePerGas
    )
  if (before.kind === 'starknet' && after.kind === 'starknet')
    return after.tip > before.tip || after.l2Gas.maxPricePerUnit > before.l2Gas.maxPricePerUnit
  return true
}

function aTenthMore(price: bigint): bigint {
  return price + (price + 9n) / 10n
}

/** Whether a block at that price takes it. */
export function pays(fee: Fee, price: bigint): boolean {
  switch (fee.kind) {
    case 'evm':
      return fee.maxFeePerGas >= price
    case 'starknet':
      return fee.l2Gas.maxPricePerUnit >= price
    case 'starkex':
      return true
  }
}

/** The most that a transaction of the chain may cost: some times what it usually does. */
export function feeCapOf(kind: ChainKind): bigint {
  return caps[kind]
}

/** What a push of so many markets is worth to whoever is thrifty: enough for the usual, and not for the worst. */
export function worthOf(kind: ChainKind, markets: number): bigint {
  return (feeCapOf(kind) / 2n) * BigInt(markets)
}

const caps: Readonly<Record<ChainKind, bigint>> = {
  evm: mostOf(marketAt('evm', usualPrice)) * 8n,
  starknet: mostOf(marketAt('starknet', usualPrice)) * 8n,
}
