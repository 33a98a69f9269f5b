import { isCurrent } from '../domain/watch/system-findings.ts'
import type { SystemMemory } from '../domain/watch/system-memory.ts'
import { messageOf } from '../keepers/message-of.ts'
import type { Notify } from '../keepers/notice.ts'
import type { Clock, Store } from '../ports.ts'
import { compose } from '../runtime/compose.ts'
import { jobsAskedFor } from '../runtime/jobs-asked-for.ts'
import { entry } from '../runtime/network/entry.ts'
import type { JobName } from '../runtime/network/job-names.ts'
import { type Network, networkSchema } from '../runtime/network/schema.ts'
import { type OpenStore, openStore } from '../runtime/open-store.ts'
import { runOnce } from '../runtime/run.ts'
import { systemRules } from '../runtime/world/system-rules.ts'

/** Where what is seen of watched systems comes from. */
export type WatchedSource = {
  readonly network: Network
  readonly store: () => Store
  /** In words, for people. */
  readonly who: string
  /** How often there is something new. */
  readonly everyMs: number
  /** One look at everything; nothing where somebody else looks. */
  look(notify: Notify, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

const watching: readonly JobName[] = ['watch-systems', 'watch-liveness']

type Options = {
  readonly network: Network
  readonly directory: string
  readonly clock: Clock
  readonly cutOff: AbortSignal
}

/**
 * The network file's own store where somebody else looks and keeps there what was seen, else looks of this process, kept in
 * its memory. Nothing is ever written into a store that others use.
 */
export async function watchedSource(options: Options): Promise<WatchedSource> {
  const { network } = options
  if (Object.keys(network.watched).length === 0) throw new NothingWatchedError()
  jobsAskedFor(network, ['watch-systems'])
  const everyMs = everyMsOf(network)
  const there = openStore(options)
  const known = await remembered(there.store, network)
  if (known.kind === 'read' && isLookedAt(known.memories, options))
    return { ...followed(there, options), everyMs }
  await there.close()
  const memories = known.kind === 'read' ? known.memories : []
  const why = known.kind === 'unread' ? `; the store cannot be read: ${known.why}` : ''
  const source = await ownLooks(options, memories)
  return { ...source, everyMs, who: `looked at from here${why}` }
}

/** What somebody else sees and keeps. A file is read when it is opened, so that it is opened for each look. */
function followed(first: OpenStore, options: Options): Omit<WatchedSource, 'everyMs'> {
  const { network } = options
  let there = first
  return {
    network,
    store: () => there.store,
    who: 'as a running deployment sees it, by its store',
    async look() {
      if (network.store.kind === 'memory') there = openStore(options)
      return Promise.resolve()
    },
    close: async () => there.close(),
  }
}

type Known =
  | { readonly kind: 'read'; readonly memories: readonly SystemMemory[] }
  | { readonly kind: 'unread'; readonly why: string }

async function remembered({ systems }: Store, { watched }: Network): Promise<Known> {
  try {
    const all = await Promise.all(Object.keys(watched).map(async (name) => systems.read(name)))
    return { kind: 'read', memories: all.flatMap((one) => one ?? []) }
  } catch (error) {
    return { kind: 'unread', why: messageOf(error) }
  }
}

function isLookedAt(memories: readonly SystemMemory[], { network, clock }: Options): boolean {
  const rules = systemRules(network)
  const current = memories.filter((memory) => {
    const own = entry(rules, memory.system)
    return own && isCurrent(memory, { now: clock.now(), rules: own })
  })
  return current.length === Object.keys(network.watched).length
}

/** The two jobs alone, of a network that is nothing but watched: no key is asked for, and no channel. */
async function ownLooks(
  { network: whole, directory, clock, cutOff }: Options,
  memories: readonly SystemMemory[],
): Promise<Omit<WatchedSource, 'who' | 'everyMs'>> {
  const network = onlyWatched(whole)
  const needs = { oracles: false, senders: false, alerts: false, watched: true }
  const world = await compose({ network, directory, clock, cutOff, needs })
  const { store } = world.ports
  for (const memory of memories) await store.systems.write(memory)
  return {
    network,
    store: () => store,
    async look(notify, signal) {
      await runOnce({ world, jobs: watching, notify, signal })
    },
    close: async () => world.close(),
  }
}

function everyMsOf({ jobs }: Network): number {
  const seconds = watching.flatMap((job) => jobs[job]?.everySeconds ?? [])
  return Math.min(...seconds) * 1_000
}

/** What is watched, and nothing of all else that a network file may have. */
function onlyWatched({ network, watched, alerts, jobs }: Network): Network {
  const empty = {
    network,
    store: { kind: 'memory' },
    chains: {},
    engines: {},
    markets: {},
    jobs: {},
  }
  const { 'watch-systems': systems, 'watch-liveness': liveness } = jobs
  return {
    ...networkSchema.parse(empty),
    watched,
    alerts,
    jobs: { 'watch-systems': systems, 'watch-liveness': liveness },
  }
}

/** There is nothing to look at. */
export class NothingWatchedError extends Error {
  override readonly name = 'NothingWatchedError'

  constructor() {
    super(
      'the network file has nothing under watched; infra/networks/watcher.yml shows what may be there',
    )
  }
}
