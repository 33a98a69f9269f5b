import process from 'node:process'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Feeds } from '../../lib/domain/feed.ts'
import type { ShadowNote } from '../../lib/domain/parameters/shadow-note.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { publishPrices } from '../../lib/keepers/publish-prices.ts'
import type { PublishView } from '../../lib/keepers/publish-prices.ts'
import { runKeeper, type Under } from '../../lib/keepers/run-keeper.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { memoryBooks } from '../adapters/positions/memory-books.ts'
import { benchKeys } from './bench-keys.ts'
import { benchFeeds } from './bench-market.ts'
import { startBenchSimulators } from './simulators.ts'
import { benchEvm, benchStark, IncompleteBenchError, simulatedVenues } from './tick.ts'

export type ShadowResult = {
  readonly markets: number
  readonly slots: number
  /** A slot alone, from asking venues until what was decided is signed and stored: the middle one. */
  readonly aloneMs: number
  /** The same with a candidate beside it. */
  readonly besideMs: number
  /** What the candidate's own decision took of that. */
  readonly decidingMs: number
  /** Processor time of the slot alone, and with the candidate beside it: of this thread, whoever else the machine works for. */
  readonly aloneCpuMs: number
  readonly besideCpuMs: number
  /** What the candidate takes of the processor, in percent of the slot alone. */
  readonly sharePercent: number
}

/** What a candidate in shadow costs a node's price slot: slots alone and with it, in turn, so that both meet the same machine. */
export async function benchShadow(markets: number, rounds: number): Promise<ShadowResult> {
  const simulators = await startBenchSimulators(markets)
  try {
    const slot = slotsOf(markets, simulators.url)
    // The first ones load and compile.
    await slot('alone')
    await slot('beside')
    const alone: Timed[] = []
    const beside: Timed[] = []
    for (let round = 0; round < rounds; round += 1) {
      alone.push(await slot('alone'))
      beside.push(await slot('beside'))
    }
    const [aloneCpuMs, besideCpuMs] = [
      middle(alone.map(({ cpuMs }) => cpuMs)),
      middle(beside.map(({ cpuMs }) => cpuMs)),
    ]
    return {
      markets,
      slots: rounds,
      aloneMs: middle(alone.map(({ slotMs }) => slotMs)),
      besideMs: middle(beside.map(({ slotMs }) => slotMs)),
      aloneCpuMs,
      besideCpuMs,
      decidingMs: middle(beside.map(({ decidingMs }) => decidingMs)),
      sharePercent: ((besideCpuMs - aloneCpuMs) / aloneCpuMs) * 100,
    }
  } finally {
    await simulators.close()
  }
}

type Timed = { readonly slotMs: number; readonly cpuMs: number; readonly decidingMs: number }

function slotsOf(
  markets: number,
  simulators: string,
): (kind: 'alone' | 'beside') => Promise<Timed> {
  const feeds = benchFeeds(markets)
  const store = memoryStore({ clock: wallClock })
  const quotes = simulatedVenues(simulators)
  const [stark, evm] = [benchStark(feeds), benchEvm(feeds)]
  const keeperOf = (of: Feeds, beside: readonly Feeds[]) =>
    publishPrices({ clock: wallClock, quotes, store, feeds: of, configHashes: hashes(of), beside })
  const candidate = stricter(feeds)
  const [alone, own, other] = [
    keeperOf(feeds, []),
    keeperOf(feeds, [candidate]),
    keeperOf(candidate, []),
  ]
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
  return async (kind) => {
    slot += 1
    const now = wallClock.now()
    const of = { subject, slot, slotAt: now, until: timestamp(now + 30_000) }
    const under: Under<PublishView> = {
      parameters: 'aa',
      ...(kind === 'beside' && {
        shadow: { kind: 'candidate', parameters: 'bb', keeper: other },
      }),
    }
    const [began, cpu] = [performance.now(), process.threadCpuUsage()]
    const end = await runKeeper(run, kind === 'beside' ? own : alone, of, under)
    const slotMs = performance.now() - began
    const { user, system } = process.threadCpuUsage(cpu)
    if (end.kind !== 'done')
      throw new IncompleteBenchError('shadow', `a slot ended with ${end.kind}`)
    const [entry] = await store.history.recent('publish-prices', subject, 1)
    const note = entry?.shadow === undefined ? undefined : (JSON.parse(entry.shadow) as ShadowNote)
    if (kind === 'beside' && note?.prices === undefined)
      throw new IncompleteBenchError('shadow', 'the candidate decided nothing')
    return { slotMs, cpuMs: (user + system) / 1_000, decidingMs: note?.shadowMs ?? 0 }
  }
}

/** As a candidate may be: one more source is needed everywhere, so that all is decided anew. */
function stricter(feeds: Feeds): Feeds {
  return {
    ...feeds,
    markets: feeds.markets.map((feed) => ({ ...feed, minSources: feed.minSources + 1 })),
  }
}

function hashes({ markets }: Feeds): Readonly<Record<string, `0x${string}`>> {
  return Object.fromEntries(markets.map(({ feed }) => [feed, `0x${'5'.repeat(64)}` as const]))
}

function middle(all: readonly number[]): number {
  return all.toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0
}
