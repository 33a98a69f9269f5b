/** What was otherwise in one slot of one job under another set of parameters: plain data, as history's rows keep it. */
export type ShadowNote = {
  readonly kind: 'candidate' | 'previous'
  /** The hash of the set that decided beside the active one. */
  readonly parameters: string
  /** How long each of the two took to decide. */
  readonly ownMs: number
  readonly shadowMs: number
  /** Why it could not decide. */
  readonly failed?: string
  /** Why the active set's decision was not performed. */
  readonly withheld?: string
  /** Both decided the same, to the last digit. */
  readonly isSame?: boolean
  /** What each came to. */
  readonly outcomes?: { readonly own: NotedOutcome; readonly shadow: NotedOutcome }
  /** How many markets have the same price or none in both, each one that is otherwise, and how many have none under each. */
  readonly prices?: {
    readonly same: number
    readonly apart: readonly NotedPrice[]
    readonly without: { readonly own: number; readonly shadow: number }
  }
  /** Markets whose price each would tell the exchange. */
  readonly pushes?: { readonly own: readonly NotedPush[]; readonly shadow: readonly NotedPush[] }
  /** How many accounts each would liquidate or deleverage. */
  readonly accounts?: { readonly own: readonly string[]; readonly shadow: readonly string[] }
}

export type NotedOutcome = { readonly kind: string; readonly reason: string }

export type NotedPrice = {
  readonly feed: string
  /** The price, or why there is none. */
  readonly own: NotedValue
  readonly shadow: NotedValue
}

export type NotedValue =
  | { readonly kind: 'price'; readonly price: string }
  | { readonly kind: 'none'; readonly reason: string }

/** A price that is due, and why. */
export type NotedPush = {
  readonly market: string
  readonly why: string
}
