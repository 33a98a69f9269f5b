import type { InterestClock } from '../margin/interest.ts'
import type { CoreMarks } from '../margin/starknet-margin.ts'
import type { Block } from '../transaction.ts'

/** What a starknet-perpetual exchange of generation D decides interest by, of one block. Times in seconds. */
export type InterestLook = {
  readonly block: Block
  readonly paused: boolean
  /** Whether the account that sends is an operator. */
  readonly isOperator: boolean
  readonly clock: InterestClock
  readonly marks: CoreMarks
  readonly lastFundingTick: bigint
  readonly maxFundingInterval: bigint
  readonly lastPriceValidation: bigint
  readonly maxPriceInterval: bigint
  /** By asset, when it was told its price; 0 before the first. */
  readonly pricedAt: Readonly<Record<string, bigint>>
}

export type GateRefusal = 'PAUSED' | 'FUNDING_EXPIRED' | 'SYNTHETIC_EXPIRED_PRICE' | 'ONLY_OPERATOR'

/** Why the contract takes no payment of interest at all now, in its order of checks (contracts.md §1.3 and §1.6). */
export function whyGated(look: InterestLook): GateRefusal | undefined {
  const { now } = look.clock
  if (look.paused) return 'PAUSED'
  if (now - look.lastFundingTick > look.maxFundingInterval) return 'FUNDING_EXPIRED'
  const areChecked = now - look.lastPriceValidation > look.maxPriceInterval
  if (areChecked && isAnyPriceOld(look)) return 'SYNTHETIC_EXPIRED_PRICE'
  return look.isOperator ? undefined : 'ONLY_OPERATOR'
}

/** Every active asset counts, whether anybody holds it or not. */
function isAnyPriceOld({ marks, pricedAt, clock, maxPriceInterval }: InterestLook): boolean {
  return Object.entries(marks).some(
    ([asset, { status }]) => !status && clock.now - (pricedAt[asset] ?? 0n) > maxPriceInterval,
  )
}
