import type { Timestamp } from './time.ts'

/** One RPC node of a chain as this process has known it. */
export type RpcNode = {
  /** Its host; numbered where several nodes share one. Never the URL: a path can be a password. */
  readonly node: string
  /**
   * `healthy`: asked. `behind`: it has not got the block yet that the nodes agree on, and is asked nothing that decides.
   * `quarantined`: left alone until `until`. `unknown`: not asked yet.
   */
  readonly state: 'healthy' | 'behind' | 'quarantined' | 'unknown'
  /** What it did last to be quarantined, in words; empty where it is not. */
  readonly why: string
  /** Since when it is quarantined, times in between that it was tried in vain included. */
  readonly since: Timestamp | undefined
  readonly until: Timestamp | undefined
  /** The newest block that it told of. */
  readonly height: number | undefined
  /** Blocks behind the height that the nodes agree on; 0 where it has that. */
  readonly lagBlocks: number
  /** Mean of its lags, the newest ones counting most; an answer from the past counts too. */
  readonly lagScore: number
  /** Mean time of an answer, the newest ones counting most. */
  readonly latencyMs: number | undefined
  /** How often it answered, and how often it did not, or wrongly. */
  readonly answers: number
  readonly faults: number
}
