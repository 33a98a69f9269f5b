import type { ProvingRules } from '../../../lib/domain/proving/proving-rules.ts'
import type { ProvingParts, Store } from '../../../lib/ports.ts'

/** A bug that is put in where our code meets its ports, without changing a line of it. */
export type ProvingMutant = {
  readonly name: string
  /** Of the table, below the rules. */
  readonly store?: (store: Store) => Store
  /** Of a process. */
  readonly parts?: (parts: ProvingParts) => ProvingParts
  readonly rules?: (rules: ProvingRules) => ProvingRules
}
