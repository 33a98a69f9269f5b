import process from 'node:process'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Feed, Feeds } from '../../lib/domain/feed.ts'
import { sharedOnce } from '../../lib/domain/once.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Keeper, KeeperSlot } from '../../lib/keepers/keeper.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { publishPrices, type PublishView } from '../../lib/keepers/publish-prices.ts'
import { runKeeper } from '../../lib/keepers/run-keeper.ts'
import { decidedBeside, type Shadow } from '../../lib/keepers/shadow/decide-beside.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { memoryBooks } from '../adapters/positions/memory-books.ts'
import { benchKeys } from './bench-keys.ts'
import { benchFeeds } from './bench-market.ts'
import { startBenchSimulators } from './simulators.ts'
import { benchEvm, benchStark, IncompleteBenchError, simulatedVenues } from './tick.ts'

export type ShadowResult = {
  readonly candidate: string
  readonly markets: number
  readonly slots: number
  /** Processor time of the live decision alone: deciding, and its text for history. The middle slot's. */
  readonly decisionMs: number
  /** What the candidate beside it takes: deciding, how both differ, and its text. */
  readonly candidateMs: number
  /** Time of deciding alone, without the texts: the live one, and the candidate beside it. */
  readonly decidingMs: number
  readonly candidateDecidingMs: number
  /** Processor time of a whole slot without a candidate, from asking venues until what was decided is signed and stored. */
  readonly slotMs: number
}

/** What may be proposed: from what is usual to what decides everything otherwise from the first step on. */
const candidates: Readonly<Record<string, (feeds: Feeds) => Feeds>> = {
  'nothing of prices': (feeds) => ({ ...feeds }),
  'one market': (feeds) => ({
    ...feeds,
    markets: feeds.markets.map((feed, at) => (at === 0 ? olderQuotes(feed) : feed)),
  }),
  'sources needed, everywhere': (feeds) => everywhere(feeds, moreNeeded),
  'the age of quotes, everywhere': (feeds) => everywhere(feeds, olderQuotes),
}

/** What a candidate in shadow costs a node's price slot: each slot's view is decided on alone and beside each candidate, in turn. */
export async function benchShadow(
  markets: number,
  rounds: number,
): Promise<readonly ShadowResult[]> {
  const simulators = await startBenchSimulators(markets)
  try {
    const feeds = benchFeeds(markets)
    const store = memoryStore({ clock: wallClock })
    const quotes = simulatedVenues(simulators.url)
    const keeperOf = (of: Feeds): Keeper<PublishView> =>
      publishPrices({ clock: wallClock, quotes, store, feeds: of, configHashes: hashes(of) })
    const own = keeperOf(feeds)
    const beside = Object.entries(candidates).map(([name, change]) => ({
      name,
      keeper: keeperOf(change(feeds)),
      times: [] as number[],
      deciding: [] as number[],
    }))
    const slot = slotsOf({ feeds, store, keeper: own })
    const alone: number[] = []
    const whole: number[] = []
    const deciding: number[] = []
    // The first ones load and compile.
    for (let round = -warmUp; round < rounds; round += 1) {
      const { view, slotMs } = await slot()
      const aloneMs = decidingMs(own, view)
      if (round >= 0) {
        whole.push(slotMs)
        alone.push(aloneMs)
      }
      for (const { keeper, times, deciding: its } of beside) {
        const shadow: Shadow<PublishView> = { kind: 'candidate', parameters: 'bb', keeper }
        const besideMs = decidingMs(own, view, shadow)
        const once = sharedOnce()
        const ownMs = lasting(() => own.decide(view, once))
        const itsMs = lasting(() => keeper.decide(view, once))
        if (round < 0) continue
        times.push(besideMs - aloneMs)
        deciding.push(ownMs)
        its.push(itsMs)
      }
    }
    return beside.map(({ name, times, deciding: its }) => ({
      candidate: name,
      markets,
      slots: rounds,
      decisionMs: middle(alone),
      candidateMs: middle(times),
      decidingMs: middle(deciding),
      candidateDecidingMs: middle(its),
      slotMs: middle(whole),
    }))
  } finally {
    await simulators.close()
  }
}

const warmUp = 2

/** Of one view, since some systems tell processor time by four milliseconds. */
const repeated = 8

function lasting(act: () => unknown): number {
  const began = performance.now()
  act()
  return performance.now() - began
}

function decidingMs(
  own: Keeper<PublishView>,
  view: PublishView,
  shadow?: Shadow<PublishView>,
): number {
  const cpu = process.threadCpuUsage()
  for (let time = 0; time < repeated; time += 1) {
    const of = { ...(shadow && { shadow }) }
    const written = decidedBeside(wallClock, own, view, of).written()
    if (shadow && written.note?.prices === undefined)
      throw new IncompleteBenchError('shadow', 'the candidate decided nothing')
    // As bytes, which is when a text is put together.
    Buffer.byteLength(written.decided + (written.shadow?.decided ?? ''))
  }
  const { user, system } = process.threadCpuUsage(cpu)
  return (user + system) / 1_000 / repeated
}

/** A whole slot, and what was seen in it. */
function slotsOf({
  feeds,
  store,
  keeper,
}: {
  readonly feeds: Feeds
  readonly store: ReturnType<typeof memoryStore>
  readonly keeper: Keeper<PublishView>
}): () => Promise<{ readonly view: PublishView; readonly slotMs: number }> {
  const [stark, evm] = [benchStark(feeds), benchEvm(feeds)]
  const perform = performer({
    ports: {
      clock: wallClock,
      store,
      engines: { [stark.name]: stark, [evm.name]: evm },
      oracles: benchKeys,
      positions: memoryBooks(store, wallClock),
    },
    laneOf: () => {
      throw new IncompleteBenchError('shadow', 'a price slot sends nothing')
    },
    messenger: undefined as never,
    notify: () => undefined,
  })
  const run = {
    clock: wallClock,
    store,
    worker: 'bench',
    notify: () => undefined,
    maxLateMs: 60_000,
    perform,
  }
  const [{ node: subject } = { node: '' }] = benchKeys
  let slot = 0
  return async () => {
    slot += 1
    const now = wallClock.now()
    const of: KeeperSlot = { subject, slot, slotAt: now, until: timestamp(now + 30_000) }
    const seen: PublishView[] = []
    const watched: Keeper<PublishView> = {
      ...keeper,
      async observe(at) {
        const view = await keeper.observe(at)
        seen.push(view)
        return view
      },
    }
    const cpu = process.threadCpuUsage()
    const end = await runKeeper(run, watched, of, { parameters: 'aa' })
    const { user, system } = process.threadCpuUsage(cpu)
    const [view] = seen
    if (end.kind !== 'done' || !view)
      throw new IncompleteBenchError('shadow', `a slot ended with ${end.kind}`)
    return { view, slotMs: (user + system) / 1_000 }
  }
}

function everywhere(feeds: Feeds, change: (feed: Feed) => Feed): Feeds {
  return { ...feeds, markets: feeds.markets.map(change) }
}

/** One more source is needed: only the last step of a price is another. */
function moreNeeded(feed: Feed): Feed {
  return { ...feed, minSources: feed.minSources + 1 }
}

/** Quotes count for a little longer: every step of a price is another, whatever comes of it. */
function olderQuotes(feed: Feed): Feed {
  return { ...feed, rules: { ...feed.rules, maxQuoteAgeMs: feed.rules.maxQuoteAgeMs + 1 } }
}

function hashes({ markets }: Feeds): Readonly<Record<string, `0x${string}`>> {
  return Object.fromEntries(markets.map(({ feed }) => [feed, `0x${'5'.repeat(64)}` as const]))
}

function middle(all: readonly number[]): number {
  return all.toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0
}
