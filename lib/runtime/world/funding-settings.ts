import type { FundingSettings } from '../../keepers/settle-funding.ts'
import type { Network } from '../network/schema.ts'

/** By exchange, how the network file wants its funding settled. */
export function fundingSettings({
  engines,
  markets,
  jobs,
}: Network): Readonly<Record<string, FundingSettings>> {
  const slotSeconds = jobs['settle-funding']?.everySeconds ?? 60
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]) => {
      if (!engine.funding) return []
      const { epochSeconds, late, ...samples } = engine.funding
      const listed = Object.entries(markets).filter(([, market]) =>
        Object.hasOwn(market.engines, name),
      )
      const settings: FundingSettings = {
        policy: {
          epochSeconds,
          slotSeconds,
          samples,
          late,
          markets: Object.fromEntries(
            listed.map(([symbol, { funding }]) => [
              symbol,
              {
                rule: funding.rule,
                maxRate: funding.maxRate,
                fullRangeSeconds: funding.fullRangeSeconds,
              },
            ]),
          ),
        },
        impactNotional: Object.fromEntries(
          listed.map(([symbol, { funding }]) => [symbol, funding.impactNotional]),
        ),
      }
      return [[name, settings]]
    }),
  )
}
