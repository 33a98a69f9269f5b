import type { SetReference } from './parameter-set.ts'

/**
 * What a candidate set of parameters would have done otherwise than the active one, over the time that it was in shadow. Plain
 * data, JSON as it is. Every time is unix milliseconds; prices and money are decimal text; numbers of a {@link ShadowCourse} and
 * bps are floats for drawing and reading alone.
 */
export type ShadowReport = {
  readonly network: string
  readonly candidate: SetReference
  /** Undefined where the active one is the network file's own. */
  readonly active: SetReference | undefined
  readonly proposed: { readonly at: number; readonly by: string; readonly why: string }
  /** The first and the last slot that both decided. */
  readonly from: number
  readonly to: number
  readonly changes: readonly ShadowChange[]
  readonly slots: ShadowSlots
  /** In the network file's order. */
  readonly markets: readonly ShadowMarket[]
  readonly pushes: Compared<ShadowPushes>
  /** Of all feeds, by `hold jump`, `refused too-few-sources`, …: in how many slots. */
  readonly refusals: Compared<Readonly<Record<string, number>>>
  readonly liquidations: Compared<ShadowLiquidations>
  /** The first slots in which the two differ, in the order of time. */
  readonly differences: readonly ShadowDifference[]
}

/** The same of the active set and of the candidate. */
export type Compared<T> = { readonly active: T; readonly candidate: T }

/** A place in the network file, what it says there with each of the two, as JSON (`nothing` where it says none), and in which unit. */
export type ShadowChange = {
  readonly path: string
  readonly unit: string
  readonly active: string
  readonly candidate: string
}

export type ShadowSlots = {
  /** That both decided. */
  readonly compared: number
  readonly differ: number
  /** That the candidate could not decide, whatever the reason. */
  readonly failed: number
  /** What each of the two took to decide all of them. */
  readonly activeMs: number
  readonly candidateMs: number
}

export type ShadowMarket = {
  readonly market: string
  /** Slots of this market that both decided, and in which their prices, or why there is none, are not the same. */
  readonly compared: number
  readonly differ: number
  /** Of the candidate's price from the active one's, without sign, over slots in which both have one; null where none has. */
  readonly medianBps: number | null
  /** The furthest, with its sign: above zero where the candidate's is higher. */
  readonly worst: { readonly bps: number; readonly at: number } | null
  readonly pushes: Compared<ShadowPushes>
  readonly refusals: Compared<Readonly<Record<string, number>>>
  readonly course: ShadowCourse
}

/**
 * Slots in few buckets, so that a report stays small. `at` is each bucket's end. A price is the bucket's last, a deviation its
 * furthest from zero, and pushes are counted. null where there was none.
 */
export type ShadowCourse = {
  readonly at: readonly number[]
  readonly price: Compared<readonly (number | null)[]>
  /** Of the candidate's price from the active one's. */
  readonly deviationBps: readonly (number | null)[]
  readonly pushes: Compared<readonly number[]>
}

/** The candidate's are those that it would have told: none of them was. */
export type ShadowPushes = {
  readonly count: number
  /** null where nobody knows what one costs. */
  readonly costUsd: string | null
}

export type ShadowLiquidations = {
  readonly count: number
  /** Some of them where they are many, as the exchange writes them. */
  readonly accounts: readonly string[]
}

export type ShadowDifference = {
  readonly at: number
  readonly slot: number
  readonly job: string
  /** A market, an account, an exchange: what it is about. */
  readonly subject: string
  /** What each of the two came to, in words. */
  readonly active: string
  readonly candidate: string
}
