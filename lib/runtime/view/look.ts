import type { Timestamp } from '../../domain/time.ts'
import type { Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'
import type { Problems } from './problems.ts'

/** One look at a network: what each part of the view is made from. */
export type Look = {
  readonly network: Network
  readonly store: Store
  readonly now: Timestamp
  readonly problems: Problems
}
