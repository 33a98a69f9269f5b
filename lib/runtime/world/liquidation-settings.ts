import type { LiquidationSettings } from '../../keepers/liquidate.ts'
import type { Network } from '../network/schema.ts'

/** By exchange, how far the network file lets liquidations go. */
export function liquidationSettings({
  engines,
}: Network): Readonly<Record<string, LiquidationSettings>> {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]) => {
      if (engine.kind !== 'evm-engine' || !engine.liquidation) return []
      const { graceSeconds, stageSeconds, ...policy } = engine.liquidation
      return [[name, { policy, ramp: { graceSeconds, stageSeconds } }]]
    }),
  )
}
