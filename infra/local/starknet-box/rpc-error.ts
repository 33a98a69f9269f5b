/** An error that a Starknet node answers with (starknet-specs, api and write api). */
export type RpcErrorAnswer = {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** A request that the node refuses; the answer is what the specification has for it. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly answer: RpcErrorAnswer

  constructor(answer: RpcErrorAnswer) {
    super(`${answer.code}: ${answer.message}`)
    this.answer = answer
  }
}

const messages = {
  contractNotFound: [20, 'Contract not found'],
  entryPointNotFound: [21, 'Requested entrypoint does not exist in the contract'],
  blockNotFound: [24, 'Block not found'],
  badTransactionIndex: [27, 'Invalid transaction index in a block'],
  classNotFound: [28, 'Class hash not found'],
  transactionNotFound: [29, 'Transaction hash not found'],
  pageTooBig: [31, 'Requested page size is too big'],
  badToken: [33, 'The supplied continuation token is invalid or unknown'],
  tooManyKeys: [34, 'Too many keys provided in a filter'],
  contractError: [40, 'Contract error'],
  executionError: [41, 'Transaction execution error'],
  badNonce: [52, 'Invalid transaction nonce'],
  fewResources: [
    53,
    "The transaction's resources don't cover validation or the minimal transaction fee",
  ],
  poorAccount: [
    54,
    "Account balance is smaller than the transaction's maximal fee (calculated as the sum of each resource's limit x max price)",
  ],
  badValidation: [55, 'Account validation failed'],
  notAccount: [58, 'Sender address is not an account contract'],
  duplicate: [59, 'A transaction with the same hash already exists in the mempool'],
  unsupportedVersion: [61, 'The transaction version is not supported'],
  unexpected: [63, 'An unexpected error occurred'],
  underpricedReplacement: [64, 'Replacement transaction is underpriced'],
  lowFee: [65, 'Transaction fee below minimum'],
  noTrace: [10, 'No trace available for transaction'],
  methodNotFound: [-32601, 'Method not found'],
  badRequest: [-32600, 'Invalid Request'],
  badJson: [-32700, 'Parse error'],
  throttled: [-32005, 'Request rate limit exceeded'],
} as const

export function rpcError(name: keyof typeof messages, data?: unknown): RpcError {
  const [code, message] = messages[name]
  return new RpcError(data === undefined ? { code, message } : { code, message, data })
}

/** -32602: what was sent is not what the method takes; `why` in words. */
export function badParams(why: string): RpcError {
  return new RpcError({ code: -32602, message: `Invalid params: ${why}` })
}
