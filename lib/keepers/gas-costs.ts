import { feeTokenDecimals } from '../domain/fee-token.ts'
import { type LiquidationCosts, liquidationCosts } from '../domain/liquidation/liquidation-costs.ts'
import type { Market } from '../domain/market.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Engine, Store } from '../ports.ts'
import { feePrices } from './books/fee-prices.ts'

/** Others' liquidations are among them: enough to find as many tries of ours as are counted. */
const mostRows = 200

/** A price that is older says nothing of what gas costs now. */
const mostPriceAgeMs = 30 * 60_000

/** What liquidating on an exchange costs now; undefined where its chain's gas has no price. */
export async function gasCosts(
  world: {
    readonly engines: Readonly<Record<string, Engine>>
    readonly nodes: readonly string[]
    readonly store: Pick<Store, 'ledger' | 'prices'>
    /** By chain, the market whose price its fee token has. */
    readonly feeMarkets: Readonly<Record<string, Market>>
  },
  {
    engine,
    chain,
    now,
  }: { readonly engine: string; readonly chain: string; readonly now: Timestamp },
): Promise<LiquidationCosts | undefined> {
  const market = world.feeMarkets[chain]
  if (market === undefined) return undefined
  const [rows, prices] = await Promise.all([
    world.store.ledger.recent(engine, mostRows),
    feePrices(world, market),
  ])
  const [newest] = prices
    .filter(({ at }) => now - at <= mostPriceAgeMs)
    .toSorted((one, other) => other.at - one.at)
  return liquidationCosts(rows, { price: newest?.price, decimals: feeTokenDecimals })
}
