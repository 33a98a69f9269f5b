import { timestamp, type Timestamp } from '../time.ts'
import { setName, type SetReference } from './parameter-set.ts'

/**
 * Where a network's parameters stand. A change is proposed, decided with beside the active set (shadow), made active at a moment
 * in the future, watched on probation, and taken back where the numbers turn bad.
 */
export type Governance = {
  /** The highest number that a set was given. */
  readonly newest: number
  /** Which set decides from when on, past and planned, in order; before the first of all the network file's own. It alone is asked. */
  readonly timeline: readonly Turn[]
  /** Undefined: the network file's own, as it is. */
  readonly active: SetReference | undefined
  /** When that became so; undefined where it always was. */
  readonly activeSince: Timestamp | undefined
  /** What was active before, oldest first. */
  readonly past: readonly FormerSet[]
  readonly candidate?: Candidate
  /** What becomes active at a moment: a candidate, or what was active before. */
  readonly next?: NextSet
  /**
   * Until when the active set is compared with the one before it, and may be taken back by the guards. For as long as an emergency
   * set decides instead it is later. Guarded, it goes on until a guard that has looked all the time says that it is over.
   */
  readonly probation?: Span & { readonly isGuarded?: true }
  /** In force from one moment to another instead of the active set. */
  readonly emergency?: Span & { readonly set: SetReference }
  /** What led here. */
  readonly event: GovernanceEvent
  /** Grows by one with every step. */
  readonly version: number
}

type Span = { readonly from: Timestamp; readonly until: Timestamp }

/** An object, since a list of what may be undefined cannot be stored. */
export type FormerSet = {
  /** Undefined: the network file's own. */
  readonly set: SetReference | undefined
}

export type Turn = { readonly set: SetReference | undefined; readonly from: Timestamp }

export type NextSet = {
  readonly how: 'activate' | 'roll-back'
  readonly set: SetReference | undefined
  readonly from: Timestamp
}

export type Candidate = {
  readonly set: SetReference
  readonly by: string
  readonly why: string
  readonly at: Timestamp
  /** Since when it decides beside the active set; absent while it is only proposed. */
  readonly shadowSince?: Timestamp
  readonly approvals: readonly Approval[]
}

/** Somebody's signed word for one set. */
export type Approval = {
  readonly by: string
  readonly at: Timestamp
  readonly signature: `0x${string}`
}

/** One step, kept for ever. */
export type GovernanceEvent = {
  readonly kind: GovernanceCommand['kind'] | 'activated' | 'rolled-back' | 'confirmed' | 'expired'
  readonly at: Timestamp
  /** A person, or the guard that did it. */
  readonly by: string
  readonly why: string
  /** The set that it is about; absent where that is the network file's own. */
  readonly set?: SetReference
  /** From when it holds, where that is not at once, and until when. */
  readonly from?: Timestamp
  readonly until?: Timestamp
  /** Grows by one with every step. */
  readonly version: number
}

export type GovernanceCommand = Who &
  (
    | { readonly kind: 'propose'; readonly hash: string }
    | { readonly kind: 'shadow' }
    | { readonly kind: 'approve'; readonly hash: string; readonly signature: `0x${string}` }
    | {
        readonly kind: 'activate'
        readonly from: Timestamp
        /** Whose signed words for the candidate hold now: a key may be another one's since, or its owner no approver. */
        readonly approvedBy: readonly string[]
        /** What speaks against the candidate by its shadow run, in words; undefined where nothing does. */
        readonly against: string | undefined
        /** That somebody wants it nevertheless. */
        readonly isForced: boolean
        /** What changes on a chain around that time, in words; undefined where nothing is announced. */
        readonly frozenBy: string | undefined
      }
    /** Takes back a proposal, or an activation that has not come yet. */
    | { readonly kind: 'withdraw' }
    /** `of`: the number of the set that is to go, 0 for the network file's own: who comes second takes back no other one. */
    | { readonly kind: 'roll-back'; readonly of: number }
    | { readonly kind: 'emergency'; readonly hash: string; readonly until: Timestamp }
    /** Guards have looked from its beginning to its end. `of`: the number of the set. */
    | { readonly kind: 'confirm'; readonly of: number }
    /** Nobody looked for a while: its probation is to begin anew. */
    | { readonly kind: 'prolong'; readonly of: number; readonly from: Timestamp }
  )

/** Nobody does anything without a name and a reason. */
type Who = { readonly by: string; readonly why: string }

/** How careful a network is with its parameters. */
export type GovernanceRules = {
  /** How long a candidate decides in shadow before it may act. */
  readonly minShadowMs: number
  /** How far ahead an activation is at least: each worker must have read of it before. */
  readonly leadMs: number
  readonly probationMs: number
  /** A job looks whether anything speaks against a set on probation; without one time alone ends it. */
  readonly isGuarded?: boolean
  /** How many of the approvers must have signed; 0: nobody. */
  readonly approvals: number
  readonly approvers: readonly string[]
  /** The longest that an emergency set holds. */
  readonly emergencyMs: number
}

/**
 * How far ahead a set is taken back: a worker whose slot begins then has read the row after it was written. Nobody can be told
 * sooner without some having decided by the set already. Clocks of workers, and of whoever acts, must differ by less: `doctor` looks.
 */
export const rollBackLeadMs = 1_000

/** An activation is not planned further ahead than people remember it. */
export const mostLeadMs = 7 * 24 * 60 * 60_000

/** So many sets can be taken back one after another. */
const mostPast = 32

/** Far more turns than a worker can be late for. */
const mostTurns = 64

/** Before anybody did anything. */
export const ungoverned: Governance = {
  newest: 0,
  timeline: [],
  active: undefined,
  activeSince: undefined,
  past: [],
  event: { kind: 'withdraw', at: timestamp(0), by: '', why: '', version: 0 },
  version: 0,
}

/** The one set that decides at a moment; undefined: the network file's own. */
export function activeAt({ timeline }: Governance, at: Timestamp): SetReference | undefined {
  return timeline.findLast(({ from }) => from <= at)?.set
}

/** The set that decides beside the active one at a moment, and is only recorded. */
export function shadowAt(
  governance: Governance,
  at: Timestamp,
): { readonly kind: 'candidate' | 'previous'; readonly set: SetReference | undefined } | undefined {
  const { candidate, next, emergency, past, active } = governance
  if (isIn(emergency, at)) return undefined
  if (next && next.from <= at)
    return next.how === 'activate' ? { kind: 'previous', set: active } : undefined
  if (isOnProbation(governance, at)) return { kind: 'previous', set: past.at(-1)?.set }
  if (candidate?.shadowSince !== undefined && candidate.shadowSince <= at)
    return { kind: 'candidate', set: candidate.set }
  return undefined
}

/** Whether the set that decides at a moment is on probation: an emergency set never is. */
export function isOnProbation({ probation, emergency }: Governance, at: Timestamp): boolean {
  const goesOn = probation?.isGuarded === true && probation.from <= at
  return (goesOn || isIn(probation, at)) && !isIn(emergency, at)
}

function isIn(span: Span | undefined, at: Timestamp): boolean {
  return span !== undefined && span.from <= at && at < span.until
}

/**
 * What time alone has changed until `now`, the first step of it: a moment that has come, a probation that was passed, an emergency
 * that is over. Undefined where nothing has. The same for whoever asks.
 */
export function passed(
  governance: Governance,
  now: Timestamp,
  rules: GovernanceRules,
): Governance | undefined {
  const { next, probation, emergency } = governance
  const isTimed = probation?.isGuarded !== true || rules.isGuarded !== true
  const first = [emergency?.until, next?.from, isTimed ? probation?.until : undefined]
    .filter((at) => at !== undefined && at <= now)
    .toSorted((one, other) => Number(one) - Number(other))
    .at(0)
  if (first === undefined) return undefined
  if (emergency?.until === first) return expired(governance, emergency)
  return next?.from === first
    ? arrived(governance, next, rules)
    : confirmed(governance, { at: first, by: 'time', why: unopposed })
}

const unopposed = 'no guard spoke against it on probation'

function expired(
  before: Governance,
  { set, until }: NonNullable<Governance['emergency']>,
): Governance {
  const { emergency: _, ...rest } = before
  const why = 'an emergency set holds until its time only'
  return step(rest, { kind: 'expired', at: until, by: 'time', why, set })
}

function arrived(
  before: Governance,
  { how, set, from }: NextSet,
  { probationMs, isGuarded = false }: GovernanceRules,
): Governance {
  const { next: _, ...rest } = before
  const event = { at: from, by: 'time', why: 'its time has come', ...(set && { set }) }
  if (how === 'roll-back')
    return step(
      { ...rest, active: set, activeSince: from, past: rest.past.slice(0, -1) },
      { ...event, kind: 'rolled-back' },
    )
  const until = probationEnd(rest.timeline, { set, from }, probationMs)
  const probation = { from, until, ...(isGuarded && { isGuarded }) }
  return step(
    {
      ...rest,
      active: set,
      activeSince: from,
      past: [...rest.past, { set: rest.active }].slice(-mostPast),
      probation,
    },
    { ...event, kind: 'activated', until: probation.until },
  )
}

function confirmed(
  before: Governance,
  event: Pick<GovernanceEvent, 'at' | 'by' | 'why'>,
): Governance {
  const { probation: _, ...rest } = before
  return step(rest, { kind: 'confirmed', ...event, ...(rest.active && { set: rest.active }) })
}

/** All that time has changed. */
export function settled(
  governance: Governance,
  now: Timestamp,
  rules: GovernanceRules,
): Governance {
  let current = governance
  for (;;) {
    const later = passed(current, now, rules)
    if (!later) return current
    current = later
  }
}

/** The next state, or why not. `before` is as {@link settled} leaves it. */
export function govern(
  before: Governance,
  command: GovernanceCommand,
  { now, rules }: { readonly now: Timestamp; readonly rules: GovernanceRules },
): Governance {
  const { by, why, kind } = command
  if (by.trim() === '') throw new GovernanceRefusedError(kind, 'nobody is named; say who with --by')
  if (why.trim() === '')
    throw new GovernanceRefusedError(kind, 'no reason is given; say why with --why')
  const event = { kind, at: now, by, why }
  switch (command.kind) {
    case 'propose': {
      if (before.candidate)
        throw new GovernanceRefusedError(
          kind,
          `set ${before.candidate.set.number} is proposed already, by ${before.candidate.by}: ${before.candidate.why}; withdraw it first`,
        )
      if (before.next) throw new GovernanceRefusedError(kind, willBe(before.next))
      const set = { number: before.newest + 1, hash: command.hash }
      return step(
        { ...before, newest: set.number, candidate: { set, by, why, at: now, approvals: [] } },
        { ...event, set },
      )
    }

    case 'shadow': {
      const { candidate } = before
      if (!candidate) throw new GovernanceRefusedError(kind, 'nothing is proposed')
      if (candidate.shadowSince !== undefined)
        throw new GovernanceRefusedError(
          kind,
          `set ${candidate.set.number} is in shadow since ${timeText(candidate.shadowSince)}`,
        )
      if (before.probation)
        throw new GovernanceRefusedError(
          kind,
          `the active set is on probation until ${timeText(before.probation.until)}, and compared with the one before`,
        )
      return step(
        { ...before, candidate: { ...candidate, shadowSince: now } },
        { ...event, set: candidate.set },
      )
    }

    case 'approve': {
      const { candidate } = before
      if (!candidate) throw new GovernanceRefusedError(kind, 'nothing is proposed')
      if (candidate.set.hash !== command.hash)
        throw new GovernanceRefusedError(
          kind,
          `what is proposed has the hash ${candidate.set.hash}, and not the one that was signed`,
        )
      if (!rules.approvers.includes(by))
        throw new GovernanceRefusedError(
          kind,
          `${by} is none of the approvers that the network file names`,
        )
      const { signature } = command
      const own = candidate.approvals.find((approval) => approval.by === by)
      if (own?.signature === signature)
        throw new GovernanceRefusedError(kind, `${by} has approved it already`)
      // With another key than before it is the newer word that counts.
      const others = candidate.approvals.filter((approval) => approval !== own)
      const approvals = [...others, { by, at: now, signature }]
      return step(
        { ...before, candidate: { ...candidate, approvals } },
        { ...event, set: candidate.set },
      )
    }

    case 'activate': {
      const { candidate } = before
      const refused = whyNotActive(before, command, { now, rules })
      if (!candidate || refused !== undefined)
        throw new GovernanceRefusedError(kind, refused ?? 'nothing is proposed')
      const { candidate: _, ...rest } = before
      const { set } = candidate
      const forced =
        command.isForced && command.against !== undefined
          ? ` (forced, although ${command.against})`
          : ''
      return step(
        {
          ...rest,
          next: { how: 'activate', set, from: command.from },
          timeline: turned(before, [{ set, from: command.from }]),
        },
        { ...event, why: `${why}${forced}`, set, from: command.from },
      )
    }

    case 'withdraw': {
      const { next, candidate } = before
      if (next?.how === 'activate') {
        if (isTooLate(next, now))
          throw new GovernanceRefusedError(
            kind,
            `${willBe(next)}, which workers have read already; take it back with roll-back then`,
          )
        const { next: _, ...rest } = before
        const timeline = before.timeline.filter(({ from }) => from < next.from)
        return step({ ...rest, timeline }, { ...event, ...(next.set && { set: next.set }) })
      }
      if (candidate) {
        const { candidate: _, ...rest } = before
        return step(rest, { ...event, set: candidate.set })
      }
      throw new GovernanceRefusedError(kind, 'nothing is proposed, and nothing is to become active')
    }

    case 'roll-back':
      return rolledBack(before, command, { now, rules })

    case 'confirm': {
      const { until } = probationOf(before, command)
      if (now < until)
        throw new GovernanceRefusedError(kind, `its probation ends at ${timeText(until)}`)
      return confirmed(before, { at: now, by, why })
    }

    case 'prolong': {
      const { from, until, isGuarded } = probationOf(before, command)
      if (command.from <= from || command.from > now)
        throw new GovernanceRefusedError(kind, 'it can only begin later, and not in the future')
      const anew = { set: before.active, from: command.from }
      const end = probationEnd(before.timeline, anew, rules.probationMs)
      const later = timestamp(Math.max(until, end))
      return step(
        {
          ...before,
          probation: { from: command.from, until: later, ...(isGuarded && { isGuarded }) },
        },
        { ...event, ...(before.active && { set: before.active }), until: later },
      )
    }

    case 'emergency': {
      // Than what is about to decide these values may be less careful.
      const soon = aboutToDecide(before, now)
      if (soon !== undefined) throw new GovernanceRefusedError(kind, soon)
      const from = timestamp(now + rollBackLeadMs)
      if (command.until <= from || command.until - now > rules.emergencyMs)
        throw new GovernanceRefusedError(
          kind,
          `it may hold for ${rules.emergencyMs / 60_000} minutes at most, and for more than a second`,
        )
      const set = { number: before.newest + 1, hash: command.hash }
      // Nothing new begins in an emergency.
      const { next: _, ...rest } = before
      const timeline = turned(before, [
        { set, from },
        { set: before.active, from: command.until },
      ])
      return step(
        {
          ...rest,
          ...stillOnProbation(before, timeline, rules),
          newest: set.number,
          emergency: { set, from, until: command.until },
          timeline,
        },
        { ...event, set, from, until: command.until },
      )
    }
  }
}

function whyNotActive(
  { candidate, probation, emergency, next }: Governance,
  command: GovernanceCommand & { readonly kind: 'activate' },
  { now, rules }: { readonly now: Timestamp; readonly rules: GovernanceRules },
): string | undefined {
  if (next) return willBe(next)
  if (!candidate) return 'nothing is proposed'
  if (candidate.shadowSince === undefined) return 'it has not been in shadow yet'
  if (now - candidate.shadowSince < rules.minShadowMs)
    return `it must be in shadow until ${timeText(candidate.shadowSince + rules.minShadowMs)}`
  const unapproved = whyUnapproved(candidate, command.approvedBy, rules)
  if (unapproved !== undefined) return unapproved
  if (probation) return `the active set is on probation until ${timeText(probation.until)}`
  if (emergency) return `an emergency set holds until ${timeText(emergency.until)}`
  if (command.from < now + rules.leadMs)
    return `it must begin ${rules.leadMs / 1000} s from now at the earliest, so that every worker knows of it before`
  if (command.from > now + mostLeadMs) return 'it must begin within seven days'
  if (command.frozenBy !== undefined) return `parameters do not change around ${command.frozenBy}`
  if (command.against !== undefined && !command.isForced)
    return `its shadow run speaks against it: ${command.against}; withdraw it, or force it with --force`
  return undefined
}

function whyUnapproved(
  { approvals }: Candidate,
  approvedBy: readonly string[],
  rules: GovernanceRules,
): string | undefined {
  const given = approvals.map(({ by }) => by)
  const holds = (by: string): boolean => rules.approvers.includes(by) && approvedBy.includes(by)
  const counted = given.filter(holds).length
  if (counted >= rules.approvals) return undefined
  const lapsed = given.filter((by) => !holds(by))
  const others =
    lapsed.length === 0
      ? ''
      : `; what ${lapsed.join(' and ')} signed does not count, since the network file has another key for them, or none`
  return `${counted} of ${rules.approvals} approvals are there${others}`
}

/** An emergency set ends; else what was active before comes back. What was to become active does not. */
function rolledBack(
  before: Governance,
  command: GovernanceCommand & { readonly kind: 'roll-back' },
  { now, rules }: { readonly now: Timestamp; readonly rules: GovernanceRules },
): Governance {
  const { kind, by, why } = command
  const from = timestamp(now + rollBackLeadMs)
  const { emergency, next, probation: _, ...rest } = before
  const running = emergency && emergency.from <= now ? emergency.set : before.active
  if (next?.how === 'roll-back')
    throw new GovernanceRefusedError(kind, `it is done already, from ${timeText(next.from)} on`)
  if ((running?.number ?? 0) !== command.of)
    throw new GovernanceRefusedError(
      kind,
      `${setName(running)} is active, and not set ${command.of}`,
    )
  const soon = aboutToDecide(before, now)
  if (soon !== undefined) throw new GovernanceRefusedError(kind, soon)
  const event = { kind, at: now, by, why, ...(running && { set: running }), from }
  if (emergency) {
    const until = timestamp(Math.min(emergency.until, from))
    const timeline = turned(before, [{ set: before.active, from: until }])
    return step(
      {
        ...rest,
        ...stillOnProbation(before, timeline, rules),
        emergency: { ...emergency, until },
        timeline,
      },
      event,
    )
  }
  if (before.past.length === 0)
    throw new GovernanceRefusedError(kind, 'there is no set before this one')
  const back: NextSet = { how: 'roll-back', set: before.past.at(-1)?.set, from }
  return step({ ...rest, next: back, timeline: turned(before, [back]) }, event)
}

/** Where the set that it is about is on probation, and decides. */
function probationOf(
  { probation, active, emergency, next }: Governance,
  { kind, of }: { readonly kind: 'confirm' | 'prolong'; readonly of: number },
): NonNullable<Governance['probation']> {
  if (!probation || active?.number !== of)
    throw new GovernanceRefusedError(kind, `set ${of} is not on probation`)
  if (emergency) throw new GovernanceRefusedError(kind, 'an emergency set decides')
  if (next) throw new GovernanceRefusedError(kind, willBe(next))
  return probation
}

/** The probation of the active set, by what decides when from now on. */
function stillOnProbation(
  { probation, active: set }: Governance,
  timeline: readonly Turn[],
  { probationMs }: GovernanceRules,
): Pick<Governance, 'probation'> {
  if (!probation) return {}
  const { from } = probation
  return {
    probation: { ...probation, until: probationEnd(timeline, { set, from }, probationMs) },
  }
}

/** When a set has decided for as long as its probation takes: what an emergency set decides instead does not count. */
function probationEnd(
  timeline: readonly Turn[],
  { set, from }: Turn,
  probationMs: number,
): Timestamp {
  const turns = timeline.filter((turn) => turn.from >= from)
  let left = probationMs
  for (const [at, turn] of turns.entries()) {
    if (turn.set?.number !== set?.number) continue
    const lasts = (turns[at + 1]?.from ?? Infinity) - turn.from
    if (lasts >= left) return timestamp(turn.from + left)
    left -= lasts
  }
  return timestamp(from + probationMs)
}

/** Some have read what is to begin so soon, and others would not: from here on it can only be taken back. */
export function isTooLate({ from }: NextSet, now: Timestamp): boolean {
  return from < now + rollBackLeadMs
}

/** What is planned from the first of these turns on is replaced by them. */
function turned({ timeline }: Governance, turns: readonly Turn[]): readonly Turn[] {
  const [first] = turns
  const kept = timeline.filter(({ from }) => from < (first?.from ?? Infinity))
  return [...kept, ...turns.map(({ set, from }) => ({ set, from }))].slice(-mostTurns)
}

function step(
  next: Omit<Governance, 'version' | 'event'> & { readonly version: number },
  event: Omit<GovernanceEvent, 'version'>,
): Governance {
  const version = next.version + 1
  return { ...next, event: { ...event, version }, version }
}

/** Which set begins within a second, in words; undefined where none does. */
function aboutToDecide({ next, emergency }: Governance, now: Timestamp): string | undefined {
  if (emergency && emergency.from > now)
    return `${setName(emergency.set)} is about to begin; try again in a second`
  if (next && isTooLate(next, now))
    return `${setName(next.set)} is about to become active; try again in a second`
  return undefined
}

function willBe({ set, from }: NextSet): string {
  return `${setName(set)} becomes active ${timeText(from)}`
}

function timeText(at: number): string {
  return new Date(at).toISOString()
}

/** The command does not fit where the parameters stand. */
export class GovernanceRefusedError extends Error {
  override readonly name = 'GovernanceRefusedError'

  constructor(command: GovernanceCommand['kind'], reason: string) {
    super(`cannot ${command.replace('-', ' ')}: ${reason}`)
  }
}
