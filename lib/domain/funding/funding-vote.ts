import type { Decimal } from '../decimal.ts'

/** How far one voter saw an exchange's markets from their indexes, in one slot. */
export type FundingVote = {
  readonly slot: number
  /** An oracle node. */
  readonly voter: string
  /** By market, as a fraction of its index; a market of which it saw too little is absent. */
  readonly premiums: Readonly<Record<string, Decimal>>
}
