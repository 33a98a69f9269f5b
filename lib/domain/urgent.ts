import type { EngineAction } from './action.ts'

/**
 * Work on an account that has less than nothing left: what it lacks grows until somebody does it, so that it waits behind
 * nothing else of its lane.
 */
export function isUrgent(action: EngineAction): boolean {
  return action.kind === 'deleverage' || (action.kind === 'liquidate' && action.urgent === true)
}
