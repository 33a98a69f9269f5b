import { oldestReportAt } from '../../domain/action.ts'
import type { Lane, LaneTransaction, ToldPrice } from '../../domain/lane.ts'
import { without } from '../../domain/left-out.ts'
import type { LaneWorld } from './lane-world.ts'

/**
 * What silent engines know by now, with what these transactions told them: part of the lane's row, since nobody else can be
 * asked. Nothing where it has none of those.
 */
export async function toldBy(
  world: LaneWorld,
  lane: Lane,
  done: readonly LaneTransaction[],
): Promise<Pick<Lane, 'told'>> {
  const news: ToldPrice[] = []
  for (const transaction of done) news.push(...(await toldIn(world, transaction)))
  if (news.length === 0) return {}
  const byMarket = new Map(lane.told?.map((one) => [keyOf(one), one]))
  for (const one of news) {
    const before = byMarket.get(keyOf(one))
    if (!before || before.publishedAt <= one.publishedAt) byMarket.set(keyOf(one), one)
  }
  return { told: [...byMarket.values()] }
}

async function toldIn(
  { engines, store }: LaneWorld,
  { intents, outcome, attempts, landed, left = [] }: LaneTransaction,
): Promise<readonly ToldPrice[]> {
  const isNothing = attempts.some(({ hash, nothing }) => nothing && hash === landed?.hash)
  if (outcome !== 'succeeded' || isNothing) return []
  const found = await Promise.all(intents.map(async (id) => store.intents.get(id)))
  return found.flatMap((intent) => {
    if (!intent || !engines[intent.action.engine]?.silent) return []
    const action = without(intent.action, left)
    if (action.kind !== 'push-prices') return []
    const { engine, updates } = action
    return updates.map((update) => ({
      engine,
      market: update.market,
      price: update.price,
      publishedAt: oldestReportAt(update),
    }))
  })
}

function keyOf({ engine, market }: ToldPrice): string {
  return `${engine} ${market}`
}
