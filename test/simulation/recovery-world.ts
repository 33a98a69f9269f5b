import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
import { deleverage } from '../../lib/keepers/deleverage.ts'
import type { Decision, Keeper, KeeperSlot } from '../../lib/keepers/keeper.ts'
import { liquidate } from '../../lib/keepers/liquidate.ts'
import type { Clock, Job, Store, Tick, TickOutcome } from '../../lib/ports.ts'
import {
  aLane,
  aLook,
  anAccount,
  anExchange,
  begin,
  btc,
  unit,
  usd,
} from '../keepers/liquidation-world.ts'
import { replays } from '../keepers/replay/replays.ts'

/** What stands still between two seconds. */
export type Fault = {
  readonly of: 'prices' | 'one-market' | 'chain' | 'funding' | 'process'
  readonly from: number
  readonly to: number
}

/** What became of one second. */
export type Second = {
  readonly at: number
  /** How the slots of the jobs ended; undefined where none ran. */
  readonly push: boolean | undefined
  readonly funding: boolean | undefined
  readonly liquidated: 'done' | 'refused' | undefined
  readonly deleveraged: 'done' | 'refused' | undefined
  /** Everything that is listed has a price. */
  readonly isPriced: boolean
  /** Accounts with something left, of so many; whether the one with less than nothing was taken; whether anybody gave way. */
  readonly poor: number
  readonly tookBroke: boolean
  readonly gaveWay: boolean
}

export const rules = { graceSeconds: 20, stageSeconds: 10, mostWaitSeconds: 30 }
/** With the one that has less than nothing as many as a slot takes. */
export const poorPeople = 15

const maxPriceAgeSeconds = 20
const eth = parseMarket('ETH-USD')

/** Those that are always below: many with something left, one that the fund pays for, and one that it cannot pay for. */
const people = [
  ...Array.from({ length: poorPeople }, (_, at) => anAccount(`poor${at}`, 12)),
  anAccount('broke', -5),
  anAccount('hopeless', -100_000),
  anAccount('winner', 200_000, { size: -3n * unit, entry: 200_000 }),
]

/** Slots alone, and as plain values: thousands of them are read again and again. */
function aStore(): Store {
  const slots = new Map<string, Tick[]>()
  const of = (job: string): Tick[] => {
    const known = slots.get(job) ?? []
    slots.set(job, known)
    return known
  }
  return {
    ticks: {
      async claim(job: Job, worker: string, claimedAt: Timestamp) {
        of(job.job).unshift({ job, worker, claimedAt, outcome: undefined })
        return true
      },
      async finish({ job }: Job, _worker: string, outcome: TickOutcome) {
        const [newest] = of(job)
        if (newest) of(job)[0] = { ...newest, outcome }
      },
      recent: async (job: string, _subject: string, limit: number) => of(job).slice(0, limit),
    },
    intents: { open: async () => [], recent: async () => [] },
  } as unknown as Store
}

/** Does one slot of a keeper, and says what was decided. */
export type AccountWork = <View extends object>(
  keeper: Keeper<View>,
  slot: KeeperSlot,
  world: { readonly clock: Clock; readonly store: Store },
) => Promise<Decision | undefined>

/** As a worker would, without keeping what was seen. */
async function asAWorker<View extends object>(
  keeper: Keeper<View>,
  slot: KeeperSlot,
  { clock, store }: { readonly clock: Clock; readonly store: Store },
): Promise<Decision> {
  const decision = replays(keeper).decide(await keeper.observe(slot))
  const job = { job: keeper.job, subject: slot.subject, slot: slot.slot }
  await store.ticks.claim(job, 'w', clock.now(), slot.until)
  const kind = decision.outcome.kind === 'done' ? 'done' : 'refused'
  await store.ticks.finish(job, 'w', { kind, reason: 'x', detail: '', at: clock.now() })
  return decision
}

/** Both keepers by the rules of here. */
export function accountKeepers(
  everySeconds: number,
  world: Omit<Parameters<typeof deleverage>[0], 'everySeconds' | 'runs' | 'settings'>,
) {
  const settings = {
    recovery: rules,
    freshness: { maxHeadBlocks: 5, maxIndexLagSeconds: 60 },
  }
  const policy = { mostPerSlot: poorPeople + 1, mostNotionalUsd: 1_000_000, leastRewardUsd: 0 }
  const both = { ...world, everySeconds, runs: () => true }
  return {
    liquidate: liquidate({
      ...both,
      // They are asked for where there are other keepers, or gas has a price.
      store: both.store as Store,
      settings: { dex: { ...settings, policy } },
      nodes: [],
      feeMarkets: {},
    }),
    deleverage: deleverage({
      ...both,
      settings: { dex: { ...settings, rule: 'bitmex', mostPerSlot: 50 } },
    }),
  }
}

/**
 * An exchange whose prices are pushed every five seconds and whose funding is settled every ten, with both keepers, second by
 * second through these faults. Nothing that they decide is done, so that everybody is always there.
 */
export async function secondsThrough(
  faults: readonly Fault[],
  seconds: number,
  {
    work = asAWorker,
    everySeconds = 1,
  }: { readonly work?: AccountWork; readonly everySeconds?: number } = {},
): Promise<readonly Second[]> {
  let now = begin
  const clock = { now: () => now, sleep: async () => undefined }
  const store = aStore()
  const exchange = anExchange(people)
  const { marks, unit: scale } = aLook().book
  const mark = marks['0xb']
  if (!mark) throw new TypeError('there is a market')
  const marketOf = { '0xb': btc, '0xe': eth }
  const pricedAt = new Map(Object.keys(marketOf).map((asset) => [asset, 0]))
  let block = 0
  const keepers = accountKeepers(everySeconds, {
    clock,
    store,
    books: exchange.books,
    scan: accountScan(openScan),
    engines: { dex: exchange.engine },
    laneOf: () => aLane(store),
  })
  const made: Second[] = []
  for (let at = 0; at < seconds; at += everySeconds) {
    now = timestamp(begin + at * 1_000)
    const stands = (of: Fault['of']): boolean =>
      faults.some((fault) => fault.of === of && fault.from <= at && at < fault.to)
    const isUp = !stands('process')
    if (!stands('chain')) block = at
    const number = at / everySeconds
    const slot = { subject: 'dex', slot: number, slotAt: now, until: timestamp(now + 60_000) }

    const tick = async (job: string, kind: 'done' | 'refused'): Promise<void> => {
      await store.ticks.claim({ job, subject: 'dex', slot: number }, 'w', now, slot.until)
      const outcome = { kind, reason: 'x', detail: '', at: now }
      await store.ticks.finish({ job, subject: 'dex', slot: number }, 'w', outcome)
    }
    const does = async (job: string, isDone: boolean): Promise<boolean> => {
      await tick(job, isDone ? 'done' : 'refused')
      return isDone
    }
    const push =
      isUp && at % 5 === 0
        ? await does('push-prices', !stands('prices') && !stands('chain'))
        : undefined
    if (push === true) pricedAt.set('0xb', at)
    if (push === true && !stands('one-market')) pricedAt.set('0xe', at)
    const funding =
      isUp && at % 10 === 0
        ? await does('settle-funding', !stands('funding') && !stands('chain'))
        : undefined
    const isFresh = (asset: string) => block - (pricedAt.get(asset) ?? 0) <= maxPriceAgeSeconds
    const fresh = Object.keys(marketOf).filter(isFresh)
    exchange.look = aLook({
      block: { number: block, hash: '0x1', time: timestamp(begin + block * 1_000) },
      markets: marketOf,
      insuranceFund: 10n * usd,
      book: { unit: scale, marks: Object.fromEntries(fresh.map((asset) => [asset, mark])) },
    })
    exchange.indexedAt = block
    const one = isUp ? await work(keepers.liquidate, slot, { clock, store }) : undefined
    const other = isUp ? await work(keepers.deleverage, slot, { clock, store }) : undefined
    const taken = (one?.actions ?? []).flatMap((action) =>
      action.kind === 'liquidate' ? action.updates.map(({ account }) => account) : [],
    )
    made.push({
      at,
      push,
      funding,
      liquidated: endOf(one?.outcome),
      deleveraged: endOf(other?.outcome),
      isPriced: fresh.length === 2,
      poor: taken.filter((account) => account.startsWith('poor')).length,
      tookBroke: taken.includes('broke'),
      gaveWay: (other?.actions ?? []).length > 0,
    })
  }
  return made
}

function endOf(end: { readonly kind: string } | undefined): 'done' | 'refused' | undefined {
  if (end === undefined) return undefined
  if (end.kind === 'done' || end.kind === 'refused') return end.kind
  throw new Error(`a slot failed: ${JSON.stringify(end)}`)
}
