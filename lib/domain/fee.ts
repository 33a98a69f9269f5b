/** What a transaction may cost, in the chain's own terms; amounts in the fee token's smallest unit. */
export type Fee = EvmFee | StarknetFee

export type EvmFee = {
  readonly kind: 'evm'
  readonly gas: bigint
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

export type StarknetFee = {
  readonly kind: 'starknet'
  readonly tip: bigint
  readonly l1Gas: ResourceBound
  readonly l2Gas: ResourceBound
  readonly l1DataGas: ResourceBound
}

export type ResourceBound = { readonly maxAmount: bigint; readonly maxPricePerUnit: bigint }

/** A transaction could cost more than the network file allows; it was not signed. */
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
