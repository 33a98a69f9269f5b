import { advance, type Finding, type Incident } from '../../../lib/domain/incident.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import { correlate } from '../../../lib/domain/watch/correlate.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import { systemFindings, unseenOf } from '../../../lib/domain/watch/system-findings.ts'
import type { SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import type { SystemRules } from '../../../lib/domain/watch/system-rules.ts'
import type { SystemSight } from '../../../lib/domain/watch/system-sight.ts'

/** What people were told of one incident, in order. */
export type Told = {
  readonly at: Timestamp
  readonly state: 'opened' | 'worsened' | 'resolved'
  readonly rule: string
  readonly subject: string
  readonly severity: string
  readonly summary: string
}

/** A watch over sights alone, as the keepers run it, but without a store and channels. */
export function watchedRun(
  system: string,
  {
    rules = {},
    chains = { l1: 'l1', l2: 'l2' },
    lookMs = 15_000,
  }: {
    readonly rules?: Partial<SystemRules>
    readonly chains?: Readonly<Record<string, string>>
    readonly lookMs?: number
  } = {},
) {
  const own: SystemRules = {
    ownChains: {},
    mostMs: {},
    floors: {},
    ceilings: {},
    expect: {},
    lookMs,
    numbers: watchNumbers,
    ...rules,
  }
  let memory: SystemMemory | undefined
  const incidents = new Map<string, Incident>()
  const told: Told[] = []

  function carryOn(key: string, finding: Finding | undefined, now: Timestamp): void {
    const before = incidents.get(key)
    const after = advance(before, finding, now)
    if (!after || after === before) return
    incidents.set(key, after)
    const known = before?.key === after.key ? before : undefined
    const { rule, subject, severity, summary } = after
    const tell = (state: Told['state']) =>
      told.push({ at: now, state, rule, subject, severity, summary })
    if (after.openedAt !== undefined && known?.openedAt === undefined) tell('opened')
    else if (after.worsenedAt !== known?.worsenedAt) tell('worsened')
    if (after.openedAt !== undefined && after.state === 'resolved' && known?.state !== 'resolved')
      tell('resolved')
  }

  return {
    told,
    incidents,
    memory: () => memory,
    /** One look, and what is made of it; `beside`: what others found at the same time. */
    look(sight: SystemSight, beside: readonly Finding[] = []): void {
      const now = sight.at
      memory = remember(system, memory, sight, watchNumbers)
      const found = [...systemFindings(memory, { now, rules: own }), ...beside]
      const open = [...incidents.values()].filter(({ state }) => state === 'open')
      const links = {
        engines: {},
        proving: { [system]: Object.values(chains) },
        provers: {},
        systems: { [system]: { chains, lanes: [system] } },
      }
      const { findings, explained } = correlate(found, { open, links, now })
      const hidden = new Set([...explained, ...unseenOf(memory)].map(nameOf))
      const byName = new Map(findings.map((finding) => [nameOf(finding), finding]))
      for (const [name, finding] of byName) carryOn(name, finding, now)
      for (const name of incidents.keys())
        if (!byName.has(name) && !hidden.has(name)) carryOn(name, undefined, now)
    },
  }
}

export function emptySight(at: Timestamp): SystemSight {
  return {
    at,
    heads: [],
    progress: [],
    deadlines: [],
    settings: {},
    levels: [],
    changes: [],
    marks: [],
    unseen: [],
    cursor: {},
  }
}

export function utcTime(text: string): Timestamp {
  return timestamp(Date.parse(text))
}

function nameOf({ rule, subject }: { readonly rule: string; readonly subject: string }): string {
  return `${rule}\n${subject}`
}
