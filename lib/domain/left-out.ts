import type { EngineAction } from './action.ts'
import type { Market } from './market.ts'

/** A part of a unit of work that its transaction goes without, so that the others get through. */
export type LeftOut = {
  readonly market: Market
  /** Whose position, where the work is about accounts. */
  readonly account?: string
  /** Against whom it is closed, where it is deleveraged. */
  readonly counterparty?: string
  /**
   * `refused`: the engine would refuse it. `no-room`: it does not fit beside the others. `not-tried`: there was no time to
   * find out. `not-newer`: the engine has been told as new a price meanwhile, or that funding.
   */
  readonly why: 'refused' | 'no-room' | 'not-tried' | 'not-newer'
  /** In the engine's words. */
  readonly reason: string
}

/** The same action without what was left out. */
export function without<Work extends EngineAction>(action: Work, left: readonly LeftOut[]): Work {
  if (left.length === 0) return action
  const gone = new Set<string>(left.map(partName))
  return only(action, (part) => !gone.has(partName(part)))
}

/** What tells an action's parts apart. */
export function partName({
  market,
  account = '',
  counterparty = '',
}: Pick<LeftOut, 'market' | 'account' | 'counterparty'>): string {
  return [account, counterparty, market].filter((word) => word !== '').join(' ')
}

/** The same action with some of its parts. */
export function only<Work extends EngineAction>(
  action: Work,
  isWanted: (part: Work['updates'][number]) => boolean,
): Work {
  // Each kind's parts stay of its kind, which the compiler cannot see of a union.
  const updates = (action.updates as readonly Work['updates'][number][]).filter(isWanted)
  return { ...action, updates }
}

/**
 * Whether an engine would refuse whatever it was told, so that no part is to blame: starknet-perpetual's PAUSED and
 * ONLY_OPERATOR, what stops all that has to do with positions or with the exchange's time, the EVM engine's EnginePaused.
 */
export function concernsAll(reason: string): boolean {
  return /\b(?:PAUSED|ONLY_OPERATOR|FUNDING_EXPIRED|NON_MONOTONIC_TIME|TIMESTAMP_TOO_OLD|EnginePaused|ENTRYPOINT_NOT_FOUND)\b/.test(
    reason,
  )
}

/** Somebody else used the engine's own nonce meanwhile: it is read again before the next try. */
export function isOutOfTurn(reason: string): boolean {
  return /\bINVALID_NONCE\b/.test(reason)
}
