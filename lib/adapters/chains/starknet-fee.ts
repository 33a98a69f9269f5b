import type { ResourceBound, StarknetFee } from '../../domain/fee.ts'

/** Both as the node estimates them: what would be used, at which price now. */
export type Consumption = { readonly consumed: bigint; readonly price: bigint }

/** The gateway's limit of one transaction (apollo gateway_config.json). */
const mostL2Gas = 1_210_000_000n

/**
 * What a transaction should offer now. Amounts half more, as starknet.js gives: what a call uses depends on what runs before it, and
 * the estimate leaves out the account's own validation. Prices twice: room to rise while it waits; what is not needed is not charged.
 */
export function marketStarknet(seen: {
  readonly l1Gas: Consumption
  readonly l2Gas: Consumption
  readonly l1DataGas: Consumption
  readonly tip: bigint
}): StarknetFee {
  const l2Gas = bound(seen.l2Gas)
  const most = max(seen.l2Gas.consumed, mostL2Gas)
  return {
    kind: 'starknet',
    tip: seen.tip,
    l1Gas: bound(seen.l1Gas),
    l2Gas: { ...l2Gas, maxAmount: min(l2Gas.maxAmount, most) },
    l1DataGas: bound(seen.l1DataGas),
  }
}

function bound({ consumed, price }: Consumption): ResourceBound {
  return { maxAmount: ceilDiv(consumed * 3n, 2n), maxPricePerUnit: price * 2n }
}

/**
 * The least replacement that the pool takes: a tenth more, rounded up, on the tip and on the L2 gas price (apollo mempool), and strictly
 * more where a tenth is nothing: the pool orders by tip. The other bounds follow the market.
 */
export function bumpStarknet(fee: StarknetFee, market: StarknetFee): StarknetFee {
  const l2Gas = larger(fee.l2Gas, market.l2Gas)
  return {
    kind: 'starknet',
    tip: max(raised(fee.tip), market.tip),
    l1Gas: larger(fee.l1Gas, market.l1Gas),
    l2Gas: {
      ...l2Gas,
      maxPricePerUnit: max(raised(fee.l2Gas.maxPricePerUnit), market.l2Gas.maxPricePerUnit),
    },
    l1DataGas: larger(fee.l1DataGas, market.l1DataGas),
  }
}

/** The most that the chain may take for it: the tip is paid for each unit of L2 gas. */
export function mostOfStarknet({ tip, l1Gas, l2Gas, l1DataGas }: StarknetFee): bigint {
  return cost(l1Gas) + cost(l1DataGas) + l2Gas.maxAmount * (l2Gas.maxPricePerUnit + tip)
}

function cost({ maxAmount, maxPricePerUnit }: ResourceBound): bigint {
  return maxAmount * maxPricePerUnit
}

/** The middle of what others tip now, the lower one of two; nothing where nobody is there to outbid. */
export function usualTip(tips: readonly bigint[]): bigint {
  return tips.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))[(tips.length - 1) >> 1] ?? 0n
}

function larger(a: ResourceBound, b: ResourceBound): ResourceBound {
  return {
    maxAmount: max(a.maxAmount, b.maxAmount),
    maxPricePerUnit: max(a.maxPricePerUnit, b.maxPricePerUnit),
  }
}

function raised(price: bigint): bigint {
  return max(ceilDiv(price * 11n, 10n), price + 1n)
}

function ceilDiv(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
