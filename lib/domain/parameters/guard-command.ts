import type { Timestamp } from '../time.ts'

/** What guards do by themselves, and never twice: each names what it is about. */
export type GuardCommand =
  | { readonly kind: 'take-back'; readonly of: number; readonly why: string }
  /** An activation that has not come yet. */
  | { readonly kind: 'call-off'; readonly of: number; readonly why: string }
  /** A probation that was watched to its end. */
  | { readonly kind: 'confirm'; readonly of: number }
  /** Of one that nobody watched for a while: from when on somebody does again. */
  | {
      readonly kind: 'prolong'
      readonly of: number
      readonly from: Timestamp
      readonly why: string
    }
