import type { Market } from '../../domain/market.ts'
import type { FeePrice } from '../../domain/pnl/fee-share.ts'
import type { Engine, Store } from '../../ports.ts'
import { PriceSnapshotError, readPriceSnapshot } from '../price-snapshot.ts'

/** What a market is worth now: as it is posted on each exchange that has it, and as our nodes see it. */
export async function feePrices(
  {
    engines,
    nodes,
    store,
  }: {
    readonly engines: Readonly<Record<string, Engine>>
    readonly nodes: readonly string[]
    readonly store: Pick<Store, 'prices'>
  },
  market: Market,
): Promise<FeePrice['prices']> {
  const posted = Object.values(engines)
    .filter(({ markets }) => markets.includes(market))
    .map(async (engine) => {
      const price = (await engine.state()).prices[market]
      return price ? [{ price: price.price, at: price.publishedAt }] : []
    })
  const seen = nodes.map(async (node) => {
    const stored = await store.prices.read(node)
    return stored ? priceIn(stored.snapshot, market) : []
  })
  // A price that is missing only leaves a fee without its worth.
  const found = await Promise.allSettled([...posted, ...seen])
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
}

function priceIn(snapshot: string, market: Market): FeePrice['prices'] {
  try {
    const { at, feeds } = readPriceSnapshot(snapshot)
    const feed = feeds.find((one) => one.feed === market)
    return feed?.outcome.kind === 'price' ? [{ price: feed.outcome.price, at }] : []
  } catch (error) {
    // Another version wrote it.
    if (error instanceof PriceSnapshotError) return []
    throw error
  }
}
