import {
  type Governance,
  type GovernanceEvent,
  type GovernanceRules,
} from '../../domain/parameters/governance.ts'
import type { SetReference } from '../../domain/parameters/parameter-set.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'

/** One phase of one set: JSON as it is, every time in unix milliseconds. */
export type Phase = {
  readonly name: PhaseName
  /** `skipped`: nobody asks for it here. `cut`: the set came to an end during it; `never`: before it. */
  readonly state: 'done' | 'now' | 'ahead' | 'skipped' | 'cut' | 'never'
  /** When it began or came to pass; for what is ahead, when it is to, where that is known. */
  readonly at?: number
  /** When it ends, or may end. */
  readonly until?: number
  readonly note?: string
}

export type PhaseName = 'proposed' | 'shadow' | 'approved' | 'active' | 'probation' | 'confirmed'

/** The way of the newest set that people look at, and how it ended where it did. */
export type SetPhases = {
  readonly set: SetReference
  readonly phases: readonly Phase[]
  readonly ended?: {
    readonly kind: 'withdrawn' | 'rolled back'
    readonly at: number
    readonly by: string
    readonly why: string
  }
}

type Look = { readonly now: Timestamp; readonly rules: GovernanceRules }

/** Undefined where nobody has proposed anything yet. `stands` is as time has left it, `events` are the newest first. */
export function setPhases(
  stands: Governance,
  events: readonly GovernanceEvent[],
  look: Look,
): SetPhases | undefined {
  const set = shownSet(stands, events)
  if (!set) return undefined
  const own = events.filter((event) => event.set?.number === set.number)
  const ended = endOf(own)
  // What time would have made of it later does not count.
  const phases = phasesOf(set, {
    stands,
    own,
    look: { ...look, now: timestamp(ended?.at ?? look.now) },
  })
  return {
    set,
    phases: ended
      ? phases.map((phase) => (isOver(phase) ? phase : cutAt(phase, ended.at)))
      : phases,
    ...(ended && { ended }),
  }
}

/** What is proposed, else what is about to become active, else the last one that was. An emergency set goes no such way. */
function shownSet(
  { candidate, next }: Governance,
  events: readonly GovernanceEvent[],
): SetReference | undefined {
  if (candidate) return candidate.set
  if (next?.how === 'activate' && next.set) return next.set
  return events.find(({ kind }) => kind === 'propose')?.set
}

function phasesOf(
  set: SetReference,
  {
    stands,
    own,
    look: { now, rules },
  }: { readonly stands: Governance; readonly own: readonly GovernanceEvent[]; readonly look: Look },
): readonly Phase[] {
  const eventOf = (kind: GovernanceEvent['kind']) => own.find((event) => event.kind === kind)
  const { candidate, next } = stands
  const its = candidate?.set.number === set.number ? candidate : undefined
  const proposed = eventOf('propose')
  const shadowAt = its ? its.shadowSince : eventOf('shadow')?.at
  const planned =
    next?.how === 'activate' && next.set?.number === set.number ? next.from : undefined
  // A set that time has made active may not be written down as such yet.
  const isActive = stands.active?.number === set.number
  const activeAt = eventOf('activated')?.at ?? (isActive ? stands.activeSince : undefined)
  const probation = isActive ? stands.probation : undefined
  const goesOn = planned !== undefined || activeAt !== undefined
  return [
    { name: 'proposed', state: 'done', ...at(proposed?.at), note: by(proposed?.by) },
    shadowPhase({ shadowAt, goesOn, minShadowMs: rules.minShadowMs }),
    approvedPhase({ own, rules, goesOn, count: its?.approvals.length }),
    activeAt === undefined
      ? { name: 'active', state: 'ahead', ...at(planned) }
      : { name: 'active', state: 'done', at: activeAt },
    probationPhase({
      activeAt,
      planned,
      now,
      rules,
      until: probation?.until,
      confirmedAt: eventOf('confirmed')?.at,
    }),
    confirmedPhase({
      confirmedAt: eventOf('confirmed')?.at,
      activeAt: activeAt ?? planned,
      isPassed: isActive && activeAt !== undefined && !probation,
      until: probation?.until,
      rules,
    }),
  ]
}

function shadowPhase({
  shadowAt,
  goesOn,
  minShadowMs,
}: {
  readonly shadowAt: number | undefined
  readonly goesOn: boolean
  readonly minShadowMs: number
}): Phase {
  if (shadowAt === undefined) return { name: 'shadow', state: goesOn ? 'done' : 'ahead' }
  if (goesOn) return { name: 'shadow', state: 'done', at: shadowAt }
  return { name: 'shadow', state: 'now', at: shadowAt, until: shadowAt + minShadowMs }
}

function approvedPhase({
  own,
  rules: { approvals },
  goesOn,
  count,
}: {
  readonly own: readonly GovernanceEvent[]
  readonly rules: GovernanceRules
  readonly goesOn: boolean
  readonly count: number | undefined
}): Phase {
  if (approvals === 0) return { name: 'approved', state: 'skipped' }
  const signed = own.filter(({ kind }) => kind === 'approve')
  const given = count ?? signed.length
  const note = `${given} of ${approvals}`
  if (given >= approvals || goesOn)
    return { name: 'approved', state: 'done', ...at(signed[0]?.at), note }
  return { name: 'approved', state: given > 0 ? 'now' : 'ahead', note }
}

function probationPhase({
  activeAt,
  planned,
  now,
  rules: { probationMs },
  until: end,
  confirmedAt,
}: {
  readonly activeAt: number | undefined
  readonly planned: number | undefined
  readonly now: Timestamp
  readonly rules: GovernanceRules
  /** Where it is on it. */
  readonly until: number | undefined
  readonly confirmedAt: number | undefined
}): Phase {
  const from = activeAt ?? planned
  if (from === undefined) return { name: 'probation', state: 'ahead' }
  if (end !== undefined) return { name: 'probation', state: 'now', at: from, until: end }
  const until = confirmedAt ?? from + probationMs
  return {
    name: 'probation',
    state: activeAt !== undefined && now >= until ? 'done' : 'ahead',
    at: from,
    until,
  }
}

function confirmedPhase({
  confirmedAt,
  activeAt,
  isPassed,
  until,
  rules: { probationMs },
}: {
  readonly confirmedAt: number | undefined
  readonly activeAt: number | undefined
  readonly isPassed: boolean
  /** Of its probation, where it is on it. */
  readonly until: number | undefined
  readonly rules: GovernanceRules
}): Phase {
  if (confirmedAt !== undefined) return { name: 'confirmed', state: 'done', at: confirmedAt }
  if (activeAt === undefined) return { name: 'confirmed', state: 'ahead' }
  return {
    name: 'confirmed',
    state: isPassed ? 'done' : 'ahead',
    at: until ?? activeAt + probationMs,
  }
}

function endOf(own: readonly GovernanceEvent[]): SetPhases['ended'] {
  const event = own.find(({ kind }) => kind === 'withdraw' || kind === 'roll-back')
  if (!event) return undefined
  const { at: when, by: who, why } = event
  return { kind: event.kind === 'withdraw' ? 'withdrawn' : 'rolled back', at: when, by: who, why }
}

function cutAt({ name, at: begun }: Phase, end: number): Phase {
  return begun !== undefined && begun <= end
    ? { name, state: 'cut', at: begun }
    : { name, state: 'never' }
}

function isOver({ state }: Phase): boolean {
  return state === 'done' || state === 'skipped'
}

function at(when: number | undefined): { readonly at?: number } {
  return when === undefined ? {} : { at: when }
}

function by(who: string | undefined): string {
  return who === undefined ? '' : `by ${who}`
}
