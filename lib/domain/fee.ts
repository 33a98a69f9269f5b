/** What a transaction may cost, in the chain's own terms; amounts in the fee token's smallest unit. */
export type Fee = EvmFee | StarknetFee | StarkexFee

export type EvmFee = {
  readonly kind: 'evm'
  readonly gas: bigint
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
  /** What its blobs may cost on top; absent where it has none. */
  readonly blobs?: { readonly gas: bigint; readonly maxFeePerGas: bigint }
}

export type StarknetFee = {
  readonly kind: 'starknet'
  readonly tip: bigint
  readonly l1Gas: ResourceBound
  readonly l2Gas: ResourceBound
  readonly l1DataGas: ResourceBound
}

/** A StarkEx gateway takes transactions for nothing. */
export type StarkexFee = { readonly kind: 'starkex' }

export type ResourceBound = { readonly maxAmount: bigint; readonly maxPricePerUnit: bigint }

/** The prices of one fee for the amounts of another: what other work would offer in its place. */
export function withAmountsOf(fee: Fee, amounts: Fee): Fee {
  if (fee.kind === 'evm') return amounts.kind === 'evm' ? evmAmounts(fee, amounts) : fee
  if (fee.kind === 'starkex' || amounts.kind !== 'starknet') return fee
  return {
    ...fee,
    l1Gas: bound(fee.l1Gas, amounts.l1Gas),
    l2Gas: bound(fee.l2Gas, amounts.l2Gas),
    l1DataGas: bound(fee.l1DataGas, amounts.l1DataGas),
  }
}

function evmAmounts({ blobs, ...fee }: EvmFee, amounts: EvmFee): EvmFee {
  const { maxFeePerGas } = blobs ?? amounts.blobs ?? { maxFeePerGas: 0n }
  return {
    ...fee,
    gas: amounts.gas,
    ...(amounts.blobs && { blobs: { gas: amounts.blobs.gas, maxFeePerGas } }),
  }
}

function bound(price: ResourceBound, { maxAmount }: ResourceBound): ResourceBound {
  return { ...price, maxAmount }
}

/** A transaction could cost more than the network file, or its work's worth, allows; it was not signed. */
export class FeeCapError extends Error {
  override readonly name = 'FeeCapError'
  readonly chain: string
  readonly most: bigint
  readonly cap: bigint

  constructor(chain: string, most: bigint, cap: bigint) {
    super(`a transaction on ${chain} could cost ${most}, more than the allowed ${cap}; not signed`)
    this.chain = chain
    this.most = most
    this.cap = cap
  }
}
