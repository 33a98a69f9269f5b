import type { PriceRound } from '../../domain/price-round.ts'
import { readPriceSnapshot } from '../../keepers/price-snapshot.ts'
import type { Look } from './look.ts'

/** The newest round of one oracle node. */
export type NodePrices = { readonly node: string; readonly round: PriceRound }

/** Every oracle node's newest round; a node that has none yet is absent. */
export async function readNodes({
  network,
  store,
  problems,
}: Look): Promise<readonly NodePrices[]> {
  const read = await Promise.all(
    network.oracles.map(({ name: node }) =>
      problems.attempt(
        `prices of ${node}`,
        async () => {
          const row = await store.prices.read(node)
          return row ? [{ node, round: readPriceSnapshot(row.snapshot) }] : []
        },
        [],
      ),
    ),
  )
  return read.flat()
}
