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
