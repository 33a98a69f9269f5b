import { tunableAt } from '../../domain/parameters/catalogue.ts'
import {
  activeAt,
  type Governance,
  type GovernanceEvent,
  settled,
  ungoverned,
} from '../../domain/parameters/governance.ts'
import {
  changesBetween,
  type ParameterValue,
  type SetReference,
} from '../../domain/parameters/parameter-set.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'
import type { KnownParameter } from '../parameters/check-parameters.ts'
import { governanceRules } from '../world/governance-rules.ts'
import type { Noted } from './noted-slots.ts'
import { type SetPhases, setPhases } from './phases.ts'
import type { ReadSets } from './read-sets.ts'
import { newestStretch, type StretchNumbers, stretchAgainst, stretchNumbers } from './stretch.ts'

/** Where a network's parameters stand. Plain JSON: times are unix milliseconds, values are as a network file says them. */
export type ParametersView = {
  /** When it was read. */
  readonly at: number
  /** The set that decides now. */
  readonly active: SetView & { readonly since?: number }
  readonly probation?: { readonly from: number; readonly until: number }
  readonly emergency?: SetView & { readonly from: number; readonly until: number }
  readonly next?: SetView & { readonly how: 'activate' | 'roll-back'; readonly from: number }
  readonly candidate?: SetView & {
    readonly by: string
    readonly why: string
    readonly at: number
    readonly shadowSince?: number
    readonly approvals: readonly { readonly by: string; readonly at: number }[]
  }
  /** How careful the network is: what must pass before each step. */
  readonly rules: {
    readonly minShadowMs: number
    readonly leadMs: number
    readonly probationMs: number
    readonly emergencyMs: number
    readonly approvals: number
    readonly approvers: readonly string[]
    /** How far a price may be from the other set's. */
    readonly mostBps: number
  }
  readonly phases?: SetPhases
  /** What the candidate, or the set that is to become active, has otherwise; on probation, what the active one has. */
  readonly changes: readonly ChangeView[]
  /** What speaks against the candidate by what is remembered of its shadow run. */
  readonly against?: string
  /** What the two sets came to that decide beside each other, or did last. */
  readonly numbers?: StretchNumbers & { readonly isOver: boolean }
  /** The newest first. */
  readonly events: readonly GovernanceEvent[]
}

export type SetView = {
  /** 0: the network file's own. */
  readonly number: number
  readonly hash: string
}

export type ChangeView = {
  readonly path: string
  /** Absent where one of the two has none. */
  readonly from?: ParameterValue
  readonly to?: ParameterValue
  readonly unit: string
  readonly least?: number
  readonly most?: number
  readonly reason: string
}

/** People look at the newest ones; the way of a set goes back further than a few. */
const shownEvents = 100

/** Reads only: what time alone has changed is shown as it is, and written down by whoever works. */
export async function parametersView({
  network,
  store,
  now,
  sets,
  noted,
}: {
  readonly network: Network
  readonly store: Pick<Store, 'governance'>
  readonly now: Timestamp
  readonly sets: ReadSets
  readonly noted: () => Promise<Noted>
}): Promise<ParametersView> {
  const rules = governanceRules(network)
  const [row, events] = await Promise.all([
    store.governance.read(),
    store.governance.events(shownEvents),
  ])
  const stands = settled(row ?? ungoverned, now, rules)
  const { candidate, next, probation, emergency } = stands
  const active = activeAt(stands, now)
  const [own, changes, stretch] = await Promise.all([
    sets.under(active),
    changesIn(stands, now, sets),
    noted().then(newestStretch),
  ])
  const policies = stretch && (await sets.policiesOf(stretch.sets))
  const isOver = stretch === undefined || !isGoingOn(stands, stretch.kind)
  const isOfCandidate = stretch?.kind === 'candidate' && candidate?.shadowSince !== undefined
  const against =
    stretch && policies && isOfCandidate && !isOver
      ? stretchAgainst(stretch, policies, {
          guards: network.parameters.guards,
          makesPrices: network.oracles.length > 0,
        })
      : undefined
  const { approvers, ...times } = rules
  const phases = setPhases(stands, events, { now, rules })
  return {
    at: now,
    active: {
      ...setView(active, own.hash),
      ...(stands.activeSince !== undefined && { since: stands.activeSince }),
    },
    ...(probation && { probation }),
    ...(emergency && {
      emergency: {
        ...setView(emergency.set, emergency.set.hash),
        from: emergency.from,
        until: emergency.until,
      },
    }),
    ...(next && {
      next: {
        ...setView(next.set, (await sets.under(next.set)).hash),
        how: next.how,
        from: next.from,
      },
    }),
    ...(candidate && {
      candidate: {
        ...setView(candidate.set, candidate.set.hash),
        by: candidate.by,
        why: candidate.why,
        at: candidate.at,
        ...(candidate.shadowSince !== undefined && { shadowSince: candidate.shadowSince }),
        approvals: candidate.approvals.map(({ by, at }) => ({ by, at })),
      },
    }),
    rules: { ...times, approvers, mostBps: network.parameters.guards.mostBps },
    ...(phases && { phases }),
    changes,
    ...(against !== undefined && { against }),
    ...(stretch && policies && { numbers: { ...stretchNumbers(stretch, policies), isOver } }),
    events,
  }
}

function isGoingOn(
  { candidate, next, probation }: Governance,
  kind: 'candidate' | 'previous',
): boolean {
  if (kind === 'previous') return probation !== undefined
  return candidate?.shadowSince !== undefined && next === undefined && probation === undefined
}

async function changesIn(
  stands: Governance,
  now: Timestamp,
  sets: ReadSets,
): Promise<readonly ChangeView[]> {
  const { candidate, next, probation, past } = stands
  const active = activeAt(stands, now)
  const pair = candidate
    ? ([active, candidate.set] as const)
    : next
      ? ([active, next.set] as const)
      : probation
        ? ([past.at(-1)?.set, stands.active] as const)
        : undefined
  if (!pair) return []
  const [before, after] = await Promise.all(pair.map(async (set) => sets.under(set)))
  if (!before || !after) return []
  const all = await Promise.all([before.known(), after.known()])
  const known = new Map<string, KnownParameter>(all.flat().map((one) => [one.path, one]))
  return changesBetween(before.values, after.values).map(({ path, from, to }) => {
    const parameter = known.get(path)
    return {
      path,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      unit: tunableAt(path)?.unit ?? '',
      ...(parameter?.least !== undefined && { least: parameter.least }),
      ...(parameter?.most !== undefined && { most: parameter.most }),
      reason: parameter?.reason ?? '',
    }
  })
}

function setView(set: SetReference | undefined, ownHash: string): SetView {
  return { number: set?.number ?? 0, hash: set?.hash ?? ownHash }
}
