import type { Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import { rememberChain } from './remember-chain.ts'
import { rememberLevel } from './remember-level.ts'
import { rememberMark } from './remember-mark.ts'
import type { ChangeMemory, ProgressMemory, SettingMemory, SystemMemory } from './system-memory.ts'
import type { ChangeSight, ProgressSight, SystemSight } from './system-sight.ts'

/** What is known after one more look. Nothing is forgotten for a part that could not be seen. */
export function remember(
  system: string,
  memory: SystemMemory | undefined,
  sight: SystemSight,
  numbers: WatchParameters,
): SystemMemory {
  const { at } = sight
  const settings = settingsAfter(memory?.settings ?? {}, sight)
  const changes = changesAfter(memory?.changes ?? {}, sight, settings)
  const finality = sight.finality ?? memory?.finality
  return {
    system,
    firstLookAt: memory?.firstLookAt ?? at,
    lookedAt: at,
    cursor: { ...memory?.cursor, ...sight.cursor },
    chains: chainsAfter(memory?.chains ?? {}, sight, numbers),
    progress: progressAfter(memory?.progress ?? {}, sight, numbers),
    deadlines: deadlinesAfter(memory?.deadlines ?? [], sight),
    settings: announced(settings, changes),
    levels: levelsAfter(memory?.levels ?? {}, sight, numbers),
    changes,
    marks: marksAfter(memory?.marks ?? {}, sight, numbers),
    ...(finality && { finality }),
    unseen: unseenAfter(memory?.unseen ?? {}, sight),
    version: (memory?.version ?? 0) + 1,
  }
}

function chainsAfter(
  before: SystemMemory['chains'],
  { at, heads, unseen }: SystemSight,
  numbers: WatchParameters,
): SystemMemory['chains'] {
  const seen = Map.groupBy(heads, ({ chain }) => chain)
  const next = [...seen].map(
    ([chain, some]) =>
      [
        chain,
        rememberChain(
          own(before, chain),
          { at, heads: some, unseen: unseen.filter(({ apart }) => apart === chain) },
          numbers,
        ),
      ] as const,
  )
  return { ...before, ...Object.fromEntries(next) }
}

/** Two months of steps every hour: what is older decides nothing any more. */
const maxSteps = 1_500

function progressAfter(
  before: SystemMemory['progress'],
  { at, progress }: SystemSight,
  { baselineMs }: WatchParameters,
): SystemMemory['progress'] {
  return progress.reduce<SystemMemory['progress']>((all, sight) => {
    const known = own(all, sight.name) ?? { steps: [], since: at }
    return { ...all, [sight.name]: merged(known, sight, baselineMs) }
  }, before)
}

function merged(
  { steps, since }: ProgressMemory,
  sight: ProgressSight,
  baselineMs: number,
): ProgressMemory {
  const rest = steps.filter(({ position }) => position < sight.from || position > sight.through)
  const all = [...rest, ...sight.steps].toSorted(
    (one, other) => one.at - other.at || one.position - other.position,
  )
  // The month before the last one, however old that is: it says since when there has been none, and they what was usual.
  const oldest = (all.at(-1)?.at ?? 0) - baselineMs
  const recent = all.filter(({ at }) => at >= oldest)
  return { steps: recent.slice(-maxSteps), since }
}

function deadlinesAfter(
  before: SystemMemory['deadlines'],
  { deadlines, unseen }: SystemSight,
): SystemMemory['deadlines'] {
  const names = new Set(deadlines.map(({ name }) => name))
  const hidden = unseen.flatMap(({ part }) =>
    part.startsWith('deadlines:') ? [part.slice('deadlines:'.length)] : [],
  )
  const kept = before.filter(
    ({ name }) => !names.has(name) && hidden.some((prefix) => name.startsWith(prefix)),
  )
  return [...deadlines, ...kept]
}

function settingsAfter(
  before: SystemMemory['settings'],
  { at, settings }: SystemSight,
): SystemMemory['settings'] {
  const next = Object.entries(settings).map(([name, value]) => {
    const known = own(before, name)
    const same: SettingMemory =
      known === undefined
        ? { value, since: at }
        : known.value === value
          ? known
          : { value, since: at, before: known.value }
    return [name, same] as const
  })
  return { ...before, ...Object.fromEntries(next) }
}

/** Which of the settings that changed were announced as they are. */
function announced(
  settings: SystemMemory['settings'],
  changes: SystemMemory['changes'],
): SystemMemory['settings'] {
  const said = Object.values(changes).filter(({ state }) => state !== 'dropped')
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => {
      if (setting.before === undefined || setting.announcedBy !== undefined) return [name, setting]
      const by = said.find(({ announces }) => own(announces, name) === setting.value)
      if (by) return [name, withoutInstead({ ...setting, announcedBy: by.id })]
      return [name, setting.insteadOf ? setting : withInstead(name, setting, said)]
    }),
  )
}

/** Something else was to come: that it was not what came is worse than a change that nobody spoke of. */
function withInstead(
  name: string,
  setting: SettingMemory,
  said: readonly ChangeMemory[],
): SettingMemory {
  const [other] = said.flatMap(({ id, state, announces }) => {
    const value = own(announces, name)
    return value !== undefined && state !== 'done' ? [{ change: id, value }] : []
  })
  return other ? { ...setting, insteadOf: other } : setting
}

function withoutInstead(setting: SettingMemory): SettingMemory {
  const { insteadOf: _, ...rest } = setting
  return rest
}

/** How long a change that is over is still known: for who asks what was changed last. */
const pastChangesMs = 90 * 24 * 60 * 60_000

function changesAfter(
  before: SystemMemory['changes'],
  { at, changes, unseen }: SystemSight,
  settings: SystemMemory['settings'],
): SystemMemory['changes'] {
  const next = changes.map((change) => {
    const known = own(before, change.id)
    return [change.id, changeAfter(known, change, { at, settings })] as const
  })
  const areSeen = unseen.every(({ part }) => part !== 'changes')
  const kept = Object.entries(before).filter(([, { doneAt }]) =>
    // What is announced no more, and was never done, was taken back: by a vote, or by a block that was undone.
    doneAt === undefined ? !areSeen : at - doneAt < pastChangesMs,
  )
  return { ...Object.fromEntries(kept), ...Object.fromEntries(next) }
}

function changeAfter(
  known: ChangeMemory | undefined,
  change: ChangeSight,
  { at, settings }: { readonly at: Timestamp; readonly settings: SystemMemory['settings'] },
): ChangeMemory {
  const doneAt = known?.doneAt ?? (change.state === 'done' ? at : undefined)
  // Judged once, when it took effect: what comes later is another change.
  const differs =
    known?.doneAt === undefined && doneAt !== undefined
      ? difference(change, settings)
      : known?.differs
  return {
    ...change,
    seenAt: known?.seenAt ?? at,
    ...(doneAt !== undefined && { doneAt }),
    ...(differs !== undefined && { differs }),
  }
}

function difference(
  { announces }: ChangeSight,
  settings: SystemMemory['settings'],
): string | undefined {
  const apart = Object.entries(announces).flatMap(([name, value]) => {
    const is = own(settings, name)?.value
    return is === undefined || is === value ? [] : [`${name} is ${is}, announced was ${value}`]
  })
  return apart.length === 0 ? undefined : apart.join('; ')
}

function levelsAfter(
  before: SystemMemory['levels'],
  { at, levels }: SystemSight,
  numbers: WatchParameters,
): SystemMemory['levels'] {
  const next = levels.map(
    (level) => [level.name, rememberLevel(own(before, level.name), level, at, numbers)] as const,
  )
  return { ...before, ...Object.fromEntries(next) }
}

function marksAfter(
  before: SystemMemory['marks'],
  { at, marks }: SystemSight,
  numbers: WatchParameters,
): SystemMemory['marks'] {
  const next = marks.map(
    (mark) => [mark.market, rememberMark(own(before, mark.market), mark, at, numbers)] as const,
  )
  return { ...before, ...Object.fromEntries(next) }
}

function unseenAfter(
  before: SystemMemory['unseen'],
  { at, unseen }: SystemSight,
): SystemMemory['unseen'] {
  return Object.fromEntries(
    unseen.map(({ part, reason }) => [part, { since: own(before, part)?.since ?? at, reason }]),
  )
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
