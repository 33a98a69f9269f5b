import type { Account, Margin } from './account.ts'
import type { InterestRefusal } from './interest.ts'
import { isHealthyOrHealthier } from './starknet-healthier.ts'
import { type CoreGeneration, coreMargin, type CoreMarks, markOf } from './starknet-margin.ts'
import type { OrderRefusal } from './starknet-order.ts'
import { afterExchange, type Exchange } from './starknet-trade.ts'

/** In the contract's own words, of the newest generation that says it. */
export type CoreRefusal =
  | OrderRefusal
  | InterestRefusal
  | 'CANT_LIQUIDATE_IF_POSITION'
  | 'CANT_LIQUIDATE_WITH_FP'
  | 'ASSET_NOT_EXISTS'
  | 'NO_SUCH_ASSET'
  | 'SYNTHETIC_NOT_EXISTS'
  | 'SYNTHETIC_NOT_ACTIVE'
  | 'INACTIVE_ASSET'
  | 'NOT_SYNTHETIC'
  | 'INVALID_ASSET_TYPE'
  | 'USE_LIQUIDATE_VAULT_SHARES'
  | 'NO_DELEVERAGE_VAULT_SHARES'
  | 'SPOT_DELEV_NON_SPOT_ASSET'
  | 'INVALID_SAME_POSITIONS'
  | 'INVALID_BASE_CHANGE'
  | 'INVALID_SHRINK_TO_NEGATIVE'
  | 'POSITION_IS_NOT_LIQUIDATABLE'
  | 'POSITION_IS_NOT_DELEVERAGABLE'
  | 'POSITION_IS_NOT_FAIR_DELEVERAGE'
  | 'POSITION_IS_NOT_FAIR_SPOT_DELEVERAGE'
  | 'POSITION_NOT_HEALTHY_NOR_HEALTHIER'

export type CoreVerdict =
  | {
      readonly kind: 'accepted'
      /** Afterwards: whose margin it was about, and who took it over. */
      readonly position: Account
      readonly counterparty: Account
      /** Who gets a spot asset for which another one pays. */
      readonly receiver?: Account
      /** What the two positions of the exchange itself get. */
      readonly feePosition: bigint
      readonly insuranceFund: bigint
    }
  | {
      readonly kind: 'refused'
      readonly reason: CoreRefusal
      /** Whose position. */
      readonly position: string
    }
  /** Nothing can be said of a position's margin, and the contract would panic. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly position: string }

/** A position and what happens to it. */
export type Side = { readonly account: Account; readonly exchange: Exchange }

export type Settlement = {
  readonly generation: CoreGeneration
  readonly marks: CoreMarks
  /** Whose margin it is about, who takes over, and who gets the asset where that is a third one. */
  readonly position: Side
  readonly counterparty: Side
  readonly receiver?: Side
  /** Asked of the position before it changes, and, once it was found healthier, of what it has become. */
  readonly whyNot: (before: Margin) => CoreRefusal | undefined
  readonly whyUnfair?: (before: Margin, after: Margin) => CoreRefusal | undefined
}

/** The last checks of every call that moves a holding between positions, and what it leaves. */
export function settle(call: Settlement): CoreVerdict {
  const { position, counterparty, receiver, whyNot, whyUnfair } = call
  const { account } = position
  const next = moved(call, position)
  if ('kind' in next) return next
  const why = whyNot(next.before)
  if (why) return refused(why, account)
  if (!isHealthyOrHealthier(next.before, next.after, call.generation))
    return refused('POSITION_NOT_HEALTHY_NOR_HEALTHIER', account)
  const unfair = whyUnfair?.(next.before, next.after)
  if (unfair) return refused(unfair, account)
  const others: Account[] = []
  for (const side of receiver ? [counterparty, receiver] : [counterparty]) {
    const theirs = moved(call, side)
    if ('kind' in theirs) return theirs
    if (!isHealthyOrHealthier(theirs.before, theirs.after, call.generation))
      return refused('POSITION_NOT_HEALTHY_NOR_HEALTHIER', side.account)
    others.push(theirs.account)
  }
  const [taker = counterparty.account, getter] = others
  return {
    kind: 'accepted',
    position: next.account,
    counterparty: taker,
    ...(getter && { receiver: getter }),
    feePosition: counterparty.exchange.fee,
    insuranceFund: position.exchange.fee,
  }
}

export function refused(reason: CoreRefusal, { id }: Pick<Account, 'id'>): CoreVerdict {
  return { kind: 'refused', reason, position: id }
}

type Moved = { readonly account: Account; readonly before: Margin; readonly after: Margin }
type Unknown = Extract<CoreVerdict, { kind: 'unknown' }>

function moved(
  { generation, marks }: Pick<Settlement, 'generation' | 'marks'>,
  { account, exchange }: Side,
): Moved | Unknown {
  const position = account.id
  const mark = markOf(marks, exchange.asset)
  if (!mark) return { kind: 'unknown', reason: 'ASSET_NOT_EXISTS', position }
  const next = afterExchange(account, exchange, mark)
  const before = coreMargin(account, marks, generation)
  if (before.kind === 'unknown') return { kind: 'unknown', reason: before.reason, position }
  const after = coreMargin(next, marks, generation)
  if (after.kind === 'unknown') return { kind: 'unknown', reason: after.reason, position }
  return { account: next, before, after }
}
