import type { PriceRound } from '../../domain/price-round.ts'
import { othersMark } from '../../domain/watch/others-mark.ts'
import type { WatchParameters } from '../../domain/watch/parameters.ts'
import { remember } from '../../domain/watch/remember.ts'
import { lookedBefore, type SystemMemory } from '../../domain/watch/system-memory.ts'
import type { MarkSight, SystemSight } from '../../domain/watch/system-sight.ts'
import type { Clock, Store, WatchedSystem } from '../../ports.ts'
import type { Decision, Keeper } from '../keeper.ts'
import { PriceSnapshotError, readPriceSnapshot } from '../price-snapshot.ts'

export type WatchSystemsWorld = {
  readonly numbers: WatchParameters
  readonly clock: Clock
  readonly store: Pick<Store, 'prices' | 'systems'>
  /** By name. */
  readonly watched: Readonly<Record<string, WatchedSystem>>
  /** Whose prices an exchange's are compared with. */
  readonly nodes: readonly string[]
}

export type SystemView = {
  readonly memory: SystemMemory | undefined
  readonly sight: SystemSight
}

/** Looks at one watched system and keeps what was seen: what is wrong with it `watch-liveness` decides, by that alone. */
export function watchSystems(world: WatchSystemsWorld): Keeper<SystemView & { system: string }> {
  return {
    job: 'watch-systems',
    async observe({ subject, until }) {
      const system = Object.hasOwn(world.watched, subject) ? world.watched[subject] : undefined
      if (!system) throw new UnknownSystemError(subject)
      const memory = await world.store.systems.read(subject)
      const sight = await system.look(lookedBefore(memory), until)
      const besideUs = await withOurs(world, sight)
      return { system: subject, memory, sight: await withOthers(world, subject, besideUs) }
    },
    settings: world.numbers,
    decide: (view) => decideSystem(view, world.numbers),
    // The sights alone: what was remembered before follows from the earlier ones.
    recorded: ({ sight }) => sight,
  }
}

export function decideSystem(
  { system, memory: before, sight }: SystemView & { readonly system: string },
  numbers: WatchParameters,
): Decision {
  const memory = remember(system, before, sight, numbers)
  const unseen = sight.unseen.map(({ part, reason }) => `${part}: ${reason}`).join('; ')
  return {
    actions: [{ kind: 'keep-memory', memory }],
    outcome: { kind: 'done', reason: unseen === '' ? 'seen' : 'partly-seen', detail: unseen },
    recorded: { version: memory.version },
  }
}

/** The same marks, each beside the newest median of ours. */
async function withOurs(
  { store, nodes }: WatchSystemsWorld,
  sight: SystemSight,
): Promise<SystemSight> {
  if (sight.marks.length === 0) return sight
  const [round] = (
    await Promise.all(nodes.map(async (node) => roundOf(await store.prices.read(node))))
  ).flatMap((one) => one ?? [])
  if (!round) return sight
  return { ...sight, marks: sight.marks.map((mark) => besideOurs(mark, round)) }
}

/** The same, each that has none of ours beside the other exchanges' median. */
async function withOthers(
  { store, watched, numbers }: WatchSystemsWorld,
  system: string,
  sight: SystemSight,
): Promise<SystemSight> {
  if (sight.marks.every(({ ours }) => ours !== undefined)) return sight
  const memories = await Promise.all(
    otherExchanges(watched, system).map(async (other) => store.systems.read(other)),
  )
  const others = memories.flatMap((memory) => memory ?? [])
  return {
    ...sight,
    marks: sight.marks.map((mark) => {
      const beside =
        mark.ours === undefined
          ? othersMark(mark.market, others, { now: sight.at, numbers })
          : undefined
      return beside ? { ...mark, others: beside } : mark
    }),
  }
}

/** One system of each: an exchange that is watched twice is still one. */
function otherExchanges(watched: WatchSystemsWorld['watched'], system: string): readonly string[] {
  const own = Object.hasOwn(watched, system) ? watched[system]?.exchange : undefined
  const byExchange = new Map(
    Object.entries(watched).flatMap(([name, { exchange }]) =>
      exchange === undefined || exchange === own ? [] : [[exchange, name] as const],
    ),
  )
  return [...byExchange.values()]
}

function besideOurs(mark: MarkSight, { feeds }: PriceRound): MarkSight {
  const outcome = feeds.find(({ feed }) => feed === mark.market)?.outcome
  return outcome?.kind === 'price' ? { ...mark, ours: outcome.price.toFixed() } : mark
}

function roundOf(stored: { readonly snapshot: string } | undefined): PriceRound | undefined {
  if (!stored) return undefined
  try {
    return readPriceSnapshot(stored.snapshot)
  } catch (error) {
    if (error instanceof PriceSnapshotError) return undefined
    throw error
  }
}

/** A slot names a system that the network file does not. */
export class UnknownSystemError extends Error {
  override readonly name = 'UnknownSystemError'

  constructor(system: string) {
    super(`there is no watched system ${system}; the network file names those under \`watched\``)
  }
}
