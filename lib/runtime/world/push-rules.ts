import type { PushRules } from '../../keepers/push-prices.ts'
import type { Network } from '../network/schema.ts'

/** The network file's words for when to push, as the keeper takes them. */
export function pushRules({ markets, engines, jobs, oracles }: Network): PushRules {
  const push = jobs['push-prices']
  return {
    policy: Object.fromEntries(
      Object.entries(markets).map(([symbol, market]) => [symbol, market.push]),
    ),
    agreeWithinBps: Object.fromEntries(
      Object.entries(markets).map(([symbol, { aggregation }]) => [symbol, aggregation.floorBps]),
    ),
    quorum: Object.fromEntries(
      Object.entries(engines).flatMap(([name, { quorum }]) =>
        quorum === undefined ? [] : [[name, quorum]],
      ),
    ),
    roundSeconds: jobs['publish-prices']?.everySeconds ?? push?.everySeconds ?? 1,
    collectMs: push?.collectMs ?? 0,
    nodes: oracles.length,
  }
}
