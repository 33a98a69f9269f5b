import type { Decimal } from './decimal.ts'
import type { Market } from './market.ts'
import type { Timestamp } from './time.ts'

/** What one oracle node says of one feed in one round. */
export type Report = {
  readonly feed: Market
  /** The slot of publish-prices that made it; grows by one each `everySeconds`. */
  readonly round: number
  /** USD per whole unit, at most 18 decimals, > 0. */
  readonly price: Decimal
  /** When the node decided it; whole seconds, since every signed layout counts seconds. */
  readonly observedAt: Timestamp
  /** The oldest quote behind it. */
  readonly oldestInputAt: Timestamp
  /** How many sources agreed on it. */
  readonly sources: number
  /** 32 bytes hex: which sources and thresholds produced the value. */
  readonly configHash: `0x${string}`
}

/** One engine's signature on a report: the signer as the engine knows it, and the signature's words in its order. */
export type ReportSignature = {
  /** EVM address, or STARK public key (x coordinate), `0x` hex, lower case. */
  readonly signer: `0x${string}`
  /** EVM: one 65-byte hex word; STARK: `[r, s]`. */
  readonly signature: readonly `0x${string}`[]
  /** STARK: the signer's second signature, on the chain, contract, round and all else that the exchange's message leaves out. */
  readonly seal?: readonly [r: `0x${string}`, s: `0x${string}`] | undefined
}

/** A report as its node publishes it: one signature per engine that lists the feed. */
export type SignedReport = Report & {
  readonly node: string
  readonly signatures: Readonly<Record<string, ReportSignature>>
}
