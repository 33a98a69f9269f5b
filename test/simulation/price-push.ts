import type { EngineAction, PushPrices } from '../../lib/domain/action.ts'

/** What is simulated tells prices and nothing else. */
export function pricePush(action: EngineAction): PushPrices {
  if (action.kind === 'push-prices') return action
  throw new TypeError(`the simulation has no ${action.kind}`)
}
