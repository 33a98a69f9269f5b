import type { InterestSettings } from '../../keepers/apply-interests.ts'
import type { ExchangeTimeSettings } from '../../keepers/update-exchange-time.ts'
import { entry } from '../network/entry.ts'
import type { Network } from '../network/schema.ts'

/** By exchange, how the network file wants its own time kept. */
export function exchangeTimeSettings({
  engines,
}: Network): Readonly<Record<string, ExchangeTimeSettings>> {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]) => {
      if (engine.kind !== 'starknet-perpetual' || !engine.interest) return []
      const { collateral, exchangeTimeShare } = engine.interest
      const sharePermille = BigInt(Math.round(exchangeTimeShare * 1_000))
      return [[name, { collateral, sharePermille }]]
    }),
  )
}

/** By exchange, what the network file says is paid and taken. */
export function interestSettings({
  engines,
  markets,
}: Network): Readonly<Record<string, InterestSettings>> {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]) => {
      if (engine.kind !== 'starknet-perpetual' || !engine.interest?.payments) return []
      const { collateral, payments } = engine.interest
      const holdings = Object.entries(markets).flatMap(([symbol, market]) => {
        const rates = entry(payments.holdings, symbol)
        const assetId = entry(market.engines, name)?.assetId
        // As holdings name it: hex without leading zeros.
        return rates && assetId !== undefined
          ? [[`0x${BigInt(assetId).toString(16)}`, rates] as const]
          : []
      })
      const settings: InterestSettings = {
        collateral,
        everySeconds: BigInt(payments.everySeconds),
        // Collateral is counted in millionths of a dollar.
        leastAmount: BigInt(Math.round(payments.leastUsd * 1_000_000)),
        rule: payments.cash,
        holdings: Object.fromEntries(holdings),
      }
      return [[name, settings]]
    }),
  )
}
