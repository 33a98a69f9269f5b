import type { DeleverageSettings } from '../../keepers/deleverage.ts'
import type { LiquidationSettings } from '../../keepers/liquidate.ts'
import type { Network } from '../network/schema.ts'

/** By exchange, how far the network file lets liquidations go. */
export function liquidationSettings({
  engines,
}: Network): Readonly<Record<string, LiquidationSettings>> {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]) => {
      if (engine.kind !== 'evm-engine' || !engine.liquidation) return []
      const { graceSeconds, stageSeconds, adlRule: _rule, ...policy } = engine.liquidation
      return [[name, { policy, ramp: { graceSeconds, stageSeconds } }]]
    }),
  )
}

/** By exchange, how losses that its insurance fund cannot pay are shared. */
export function deleverageSettings({
  engines,
}: Network): Readonly<Record<string, DeleverageSettings>> {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]) => {
      if (engine.kind !== 'evm-engine' || !engine.liquidation) return []
      const { adlRule: rule, mostPerSlot } = engine.liquidation
      return [[name, { rule, mostPerSlot }]]
    }),
  )
}
