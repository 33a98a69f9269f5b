import type { BatchKind } from './batch.ts'

/** A state that must be left again. */
export type OpenKind = Exclude<BatchKind, 'finalized' | 'superseded'>

/** What one lane's batches are driven by. */
export type ProvingRules = {
  /** In the order in which they are tried. */
  readonly provers: readonly string[]
  /** By when each state must be left, by our own clock. */
  readonly deadlineMs: Readonly<Record<OpenKind, number>>
  /** How long to wait between two looks at somebody else's work: the least at first, more with each look. */
  readonly pollMs: Span
  /** The same after trouble on the way, before jitter. */
  readonly troubleMs: Span
  /** How long a prover may not know a job of its own before it is submitted anew. */
  readonly unknownMs: number
  /** How often a batch may be submitted, each time under a key of its own. */
  readonly maxSubmits: number
  /** How many transactions may be tried for one batch without a human. */
  readonly maxSettles: number
  /** How many batches may be on their way at once: planned and not settled. */
  readonly buffer: number
  /** A fact that nobody proved is good enough: for test networks only. */
  readonly mayBeMocked: boolean
  /** What settling one batch may cost, in the fee token's smallest unit; absent where only the chain's own limit holds. */
  readonly feeCap?: bigint
  /** From so long before the contract's own deadline on, the cap does not hold any more. */
  readonly urgentMs: number
  /** How long one settling transaction is worth sending. */
  readonly settleLifeMs: number
  /** Names a submission: SHA-256 of a text, in hex. */
  readonly digest: (text: string) => string
}

export type Span = { readonly least: number; readonly most: number }

/** A tenth more with each look: a job of an hour is asked after a few dozen times, one of a minute every few seconds. */
const growth = 1.1

/** Beyond that many looks the wait is the longest anyway. */
const mostLooks = 200

export function pollAfter({ least, most }: Span, looks: number): number {
  return Math.min(most, Math.round(least * growth ** Math.min(looks, mostLooks)))
}

/** Twice as long each time, and anywhere below that: those who failed together do not come back together. */
export function troubleAfter({ least, most }: Span, times: number, jitter: number): number {
  const span = Math.min(most, least * 2 ** Math.min(times, 30))
  return Math.max(least, Math.round(span * jitter))
}
