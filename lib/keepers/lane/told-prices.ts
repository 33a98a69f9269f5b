import { type EngineAction, oldestReportAt } from '../../domain/action.ts'
import type { Lane, LaneTransaction, ToldFunding, ToldPrice } from '../../domain/lane.ts'
import { without } from '../../domain/left-out.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { LaneWorld } from './lane-world.ts'

export type Told = Pick<Lane, 'told' | 'toldFunding' | 'toldTime'>

/**
 * What silent engines know by now, with what these transactions told them: part of the lane's row, since nobody else can be
 * asked. Nothing where it has none of those.
 */
export async function toldBy(
  world: LaneWorld,
  lane: Lane,
  done: readonly LaneTransaction[],
): Promise<Told> {
  const prices: ToldPrice[] = []
  const funding: ToldFunding[] = []
  for (const transaction of done) {
    const at = timeIn(world, transaction)
    for (const action of await toldIn(world, transaction)) {
      prices.push(...pricesIn(action))
      funding.push(...fundingIn(action, at ?? sentAt(transaction)))
    }
  }
  const times = done.flatMap((transaction) => timeIn(world, transaction) ?? [])
  return {
    ...(prices.length > 0 && { told: newest(lane.told, prices, ({ publishedAt }) => publishedAt) }),
    ...(funding.length > 0 && {
      toldFunding: newest(lane.toldFunding, withBefore(lane, funding), ({ at }) => at),
    }),
    ...(times.length > 0 && { toldTime: timestamp(Math.max(lane.toldTime ?? 0, ...times)) }),
  }
}

/** What a transaction did to silent engines, if it did its work. */
async function toldIn(
  { engines, store }: LaneWorld,
  { intents, outcome, attempts, landed, left = [] }: LaneTransaction,
): Promise<readonly EngineAction[]> {
  const isNothing = attempts.some(({ hash, nothing }) => nothing && hash === landed?.hash)
  if (outcome !== 'succeeded' || isNothing) return []
  const found = await Promise.all(intents.map(async (id) => store.intents.get(id)))
  return found.flatMap((intent) =>
    intent && engines[intent.action.engine]?.silent ? [without(intent.action, left)] : [],
  )
}

function pricesIn(action: EngineAction): readonly ToldPrice[] {
  if (action.kind !== 'push-prices') return []
  const { engine, updates } = action
  return updates.map((update) => ({
    engine,
    market: update.market,
    price: update.price,
    publishedAt: oldestReportAt(update),
  }))
}

function fundingIn(action: EngineAction, at: Timestamp): readonly ToldFunding[] {
  if (action.kind !== 'settle-funding') return []
  const { engine, updates } = action
  return updates.map(({ market, after }) => ({ engine, market, index: after, at }))
}

/** What only uses an id moves the exchange's time like everything else. */
function timeIn(
  { engines }: LaneWorld,
  { attempts, landed }: LaneTransaction,
): Timestamp | undefined {
  const bytes = attempts.find(({ hash }) => hash === landed?.hash)?.bytes
  if (bytes === undefined) return undefined
  for (const { silent } of Object.values(engines)) if (silent) return silent.timeIn(bytes)
  return undefined
}

/** Where its bytes are kept no more: its time is that of its signing, or a moment before. */
function sentAt({ attempts, landed }: LaneTransaction): Timestamp {
  return attempts.find(({ hash }) => hash === landed?.hash)?.signedAt ?? timestamp(0)
}

function withBefore(
  { toldFunding = [] }: Lane,
  news: readonly ToldFunding[],
): readonly ToldFunding[] {
  return news.map((one) => {
    const known = toldFunding.find((other) => keyOf(other) === keyOf(one))
    return known ? { ...one, before: { index: known.index, at: known.at } } : one
  })
}

/** What silent engines know, without what these transactions told them after all: an older price is no use, so there is none. */
export async function untoldBy(
  world: LaneWorld,
  lane: Lane,
  undone: readonly LaneTransaction[],
): Promise<Pick<Lane, 'told' | 'toldFunding'>> {
  const actions: EngineAction[] = []
  for (const transaction of undone) actions.push(...(await toldIn(world, transaction)))
  const prices = actions.flatMap(pricesIn)
  const funding = actions.flatMap((action) => fundingIn(action, timestamp(0)))
  return {
    ...(prices.length > 0 && {
      told: (lane.told ?? []).filter(
        (one) =>
          !prices.some(
            (gone) => keyOf(gone) === keyOf(one) && gone.publishedAt === one.publishedAt,
          ),
      ),
    }),
    ...(funding.length > 0 && {
      toldFunding: (lane.toldFunding ?? []).flatMap((one) => {
        const isGone = funding.some(
          (gone) => keyOf(gone) === keyOf(one) && gone.index === one.index,
        )
        if (!isGone) return [one]
        const { engine, market, before } = one
        return before ? [{ engine, market, ...before }] : []
      }),
    }),
  }
}

type OfMarket = { readonly engine: string; readonly market: string }

function newest<T extends OfMarket>(
  before: readonly T[] | undefined,
  news: readonly T[],
  at: (one: T) => Timestamp,
): readonly T[] {
  const byMarket = new Map(before?.map((one) => [keyOf(one), one]))
  for (const one of news) {
    const known = byMarket.get(keyOf(one))
    if (!known || at(known) <= at(one)) byMarket.set(keyOf(one), one)
  }
  return [...byMarket.values()]
}

function keyOf({ engine, market }: OfMarket): string {
  return `${engine} ${market}`
}
