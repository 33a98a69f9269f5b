/** An action asks for a transaction that the exchange would refuse, or take and be harmed by. */
export class UnfitUpdateError extends Error {
  override readonly name = 'UnfitUpdateError'
  readonly engine: string
  readonly market: string

  constructor(engine: string, market: string, why: string) {
    super(`${engine} cannot be told this of ${market}: ${why}`)
    this.engine = engine
    this.market = market
  }
}

/** The contract is not the exchange that the network file takes it for, or gave an answer that makes no sense. */
export class StrangeContractError extends Error {
  override readonly name = 'StrangeContractError'
  readonly engine: string
  readonly address: string

  constructor(engine: string, address: string, why: string) {
    super(`${engine} at ${address} ${why}`)
    this.engine = engine
    this.address = address
  }
}
