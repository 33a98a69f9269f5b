import type { EngineAction } from './action.ts'
import type { Market } from './market.ts'

/** A part of a unit of work that its transaction goes without, so that the others get through. */
export type LeftOut = {
  readonly market: Market
  /**
   * `refused`: the engine would refuse it. `no-room`: it does not fit beside the others. `not-tried`: there was no time to
   * find out. `not-newer`: the engine has been told a price as new meanwhile.
   */
  readonly why: 'refused' | 'no-room' | 'not-tried' | 'not-newer'
  /** In the engine's words. */
  readonly reason: string
}

/** The same action without what was left out. */
export function without(action: EngineAction, left: readonly LeftOut[]): EngineAction {
  if (left.length === 0) return action
  const gone = new Set<string>(left.map(({ market }) => market))
  return { ...action, updates: action.updates.filter(({ market }) => !gone.has(market)) }
}

/**
 * Whether an engine would refuse whatever it was told, so that no part is to blame: starknet-perpetual's PAUSED and
 * ONLY_OPERATOR, the EVM engine's EnginePaused.
 */
export function concernsAll(reason: string): boolean {
  return /\b(?:PAUSED|ONLY_OPERATOR|EnginePaused|ENTRYPOINT_NOT_FOUND)\b/.test(reason)
}

/** Somebody else used the engine's own nonce meanwhile: it is read again before the next try. */
export function isOutOfTurn(reason: string): boolean {
  return /\bINVALID_NONCE\b/.test(reason)
}
