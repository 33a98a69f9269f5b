import type { EvmFee } from '../../domain/fee.ts'

/** Between the simulation and the block other transactions of the block change what ours does: a quarter more. */
const gasMargin = { numerator: 125n, denominator: 100n }

/** EIP-4844. */
export const gasPerBlob = 131_072n

/** What a transaction should offer now: room for both base fees to double, some six full blocks in a row. */
export function marketFee(seen: {
  readonly gas: bigint
  readonly baseFeePerGas: bigint
  readonly priorityFeePerGas: bigint
  /** Absent where it has none. */
  readonly blobs?: { readonly count: number; readonly baseFeePerGas: bigint } | undefined
}): EvmFee {
  const { blobs } = seen
  return {
    kind: 'evm',
    gas: ceilDiv(seen.gas * gasMargin.numerator, gasMargin.denominator),
    maxFeePerGas: 2n * seen.baseFeePerGas + seen.priorityFeePerGas,
    maxPriorityFeePerGas: seen.priorityFeePerGas,
    ...(blobs && {
      blobs: { gas: gasPerBlob * BigInt(blobs.count), maxFeePerGas: 2n * blobs.baseFeePerGas },
    }),
  }
}

/**
 * The least replacement that every pool takes: an eighth more on both fields (geth and anvil ask for 10 %, Erigon and
 * Nethermind for 12.5 %), and strictly more where that rounds to nothing. With blobs it is twice as much on all three: their
 * pools ask for 100 % (geth's `blobpool.pricebump`).
 */
export function bumpEvm(fee: EvmFee, market: EvmFee): EvmFee {
  const raised = fee.blobs ? doubled : anEighthMore
  const maxPriorityFeePerGas = max(raised(fee.maxPriorityFeePerGas), market.maxPriorityFeePerGas)
  const maxFeePerGas = max(raised(fee.maxFeePerGas), market.maxFeePerGas)
  return {
    kind: 'evm',
    gas: max(fee.gas, market.gas),
    // A tip above the whole price is no valid transaction.
    maxFeePerGas: max(maxFeePerGas, maxPriorityFeePerGas),
    maxPriorityFeePerGas,
    ...(fee.blobs && {
      blobs: {
        gas: fee.blobs.gas,
        maxFeePerGas: max(raised(fee.blobs.maxFeePerGas), market.blobs?.maxFeePerGas ?? 0n),
      },
    }),
  }
}

/** The most that the chain may take for it. */
export function mostOfEvm({ gas, maxFeePerGas, blobs }: EvmFee): bigint {
  return gas * maxFeePerGas + (blobs ? blobs.gas * blobs.maxFeePerGas : 0n)
}

function anEighthMore(price: bigint): bigint {
  return max(ceilDiv(price * 9n, 8n), price + 1n)
}

function doubled(price: bigint): bigint {
  return max(2n * price, price + 1n)
}

function ceilDiv(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
