import type { EvmFee } from '../../domain/fee.ts'

/** Between the simulation and the block other transactions of the block change what ours does: a quarter more. */
const gasMargin = { numerator: 125n, denominator: 100n }

/** What a transaction should offer now: room for the base fee to double, six full blocks in a row. */
export function marketFee(seen: {
  readonly gas: bigint
  readonly baseFeePerGas: bigint
  readonly priorityFeePerGas: bigint
}): EvmFee {
  return {
    kind: 'evm',
    gas: ceilDiv(seen.gas * gasMargin.numerator, gasMargin.denominator),
    maxFeePerGas: 2n * seen.baseFeePerGas + seen.priorityFeePerGas,
    maxPriorityFeePerGas: seen.priorityFeePerGas,
  }
}

/**
 * The least replacement that every pool takes: an eighth more on both fields (geth and anvil ask for 10 %, Erigon and
 * Nethermind for 12.5 %), and strictly more where that rounds to nothing.
 */
export function bumpEvm(fee: EvmFee, market: EvmFee): EvmFee {
  const maxPriorityFeePerGas = max(raised(fee.maxPriorityFeePerGas), market.maxPriorityFeePerGas)
  const maxFeePerGas = max(raised(fee.maxFeePerGas), market.maxFeePerGas)
  return {
    kind: 'evm',
    gas: max(fee.gas, market.gas),
    // A tip above the whole price is no valid transaction.
    maxFeePerGas: max(maxFeePerGas, maxPriorityFeePerGas),
    maxPriorityFeePerGas,
  }
}

/** The most that the chain may take for it. */
export function mostOfEvm(fee: EvmFee): bigint {
  return fee.gas * fee.maxFeePerGas
}

function raised(price: bigint): bigint {
  return max(ceilDiv(price * 9n, 8n), price + 1n)
}

function ceilDiv(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
