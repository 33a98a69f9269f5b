/**
 * Why one endpoint gave no usable answer. `refused`: it answered with an error that says nothing about the chain.
 * `wrong-chain`, `behind`, `ahead`: it answers, but not of our chain as the other nodes have it now.
 */
export type Trouble =
  | 'timeout'
  | 'network'
  | 'http'
  | 'rate-limited'
  | 'unreadable'
  | 'too-large'
  | 'refused'
  | 'wrong-chain'
  | 'behind'
  | 'ahead'

/** The chain could not be asked, by no endpoint: infrastructure, never a fact about the chain. */
export class ChainUnavailableError extends Error {
  override readonly name = 'ChainUnavailableError'
  readonly chain: string
  readonly method: string
  /** One per endpoint asked, in order. */
  readonly failures: readonly EndpointError[]

  constructor(chain: string, method: string, failures: readonly EndpointError[]) {
    const why = failures.map((failure) => failure.message).join('; ') || 'no endpoint is configured'
    super(`${chain} did not answer ${method}: ${why}`, { cause: failures.at(-1) })
    this.chain = chain
    this.method = method
    this.failures = failures
  }
}

/** What went wrong with one endpoint. Shows its host only: paths, queries and users of RPC addresses are passwords. */
export class EndpointError extends Error {
  override readonly name: string = 'EndpointError'
  readonly host: string
  readonly trouble: Trouble
  readonly detail: string

  constructor(host: string, trouble: Trouble, detail: string) {
    super(`${host}: ${trouble} (${detail})`)
    this.host = host
    this.trouble = trouble
    this.detail = detail
  }
}

/** The endpoint has no time for us now. */
export class RateLimitedError extends EndpointError {
  override readonly name = 'RateLimitedError'
  /** Its `Retry-After`, where it sent one. */
  readonly retryAfter: string | undefined

  constructor(host: string, detail: string, retryAfter: string | undefined) {
    super(host, 'rate-limited', detail)
    this.retryAfter = retryAfter
  }
}

/** The chain was asked to sign for an account that it has no key of. */
export class UnknownAccountError extends Error {
  override readonly name = 'UnknownAccountError'
  readonly chain: string
  readonly account: string

  constructor(chain: string, account: string) {
    super(`${chain} has no key of account ${account}`)
    this.chain = chain
    this.account = account
  }
}

/** Calls, fees or bytes of another kind of chain, or a number of calls that this one cannot send at once. */
export class UnfitTransactionError extends Error {
  override readonly name = 'UnfitTransactionError'
  readonly chain: string

  constructor(chain: string, why: string) {
    super(`${chain} cannot send this: ${why}`)
    this.chain = chain
  }
}
