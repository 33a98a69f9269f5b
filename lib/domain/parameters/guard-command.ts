/** What guards do by themselves, and never twice: each names what it is about. */
export type GuardCommand =
  | { readonly kind: 'take-back'; readonly of: number; readonly why: string }
  /** An activation that has not come yet. */
  | { readonly kind: 'call-off'; readonly of: number; readonly why: string }
