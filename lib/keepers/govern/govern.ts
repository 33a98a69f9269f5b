import { type AnnouncedChange, frozenBy } from '../../domain/parameters/frozen.ts'
import { type Governance, isOnProbation, ungoverned } from '../../domain/parameters/governance.ts'
import type { GuardCommand } from '../../domain/parameters/guard-command.ts'
import { type GuardRules, type GuardSight, tripped } from '../../domain/parameters/guards.ts'
import { setName, type SetReference } from '../../domain/parameters/parameter-set.ts'
import type { PushPolicy } from '../../domain/push-policy.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Clock, Store } from '../../ports.ts'
import type { Decision, Keeper } from '../keeper.ts'
import { guardSight, leastGapMs } from './guard-sight.ts'

export type GovernView = {
  readonly now: Timestamp
  readonly stands: Governance
  /** Absent where nothing is on probation. */
  readonly probation?: {
    readonly sight: GuardSight
    readonly policies: {
      readonly own: Readonly<Record<string, PushPolicy>>
      readonly before: Readonly<Record<string, PushPolicy>>
    }
  }
  /** What watched systems have announced. */
  readonly changes: readonly AnnouncedChange[]
}

type GovernWorld = {
  readonly clock: Clock
  readonly store: Pick<Store, 'governance' | 'history' | 'intents' | 'systems'>
  readonly nodes: readonly string[]
  readonly engines: readonly string[]
  readonly lanes: readonly { readonly id: string }[]
  /** How often it looks. */
  readonly everySeconds: number
  readonly watched: readonly string[]
  readonly rules: GuardRules & { readonly frozenMs: number }
  /** When a set would push; undefined: the network file's own. */
  readonly policyOf: (
    set: SetReference | undefined,
  ) => Promise<Readonly<Record<string, PushPolicy>>>
}

/**
 * Watches the parameters themselves: takes back a set on probation whose numbers turn bad, and calls off an activation around which
 * a change on a chain was announced meanwhile.
 */
export function governing(world: GovernWorld): Keeper<GovernView> {
  const { clock, store, rules, policyOf } = world
  return {
    job: 'govern',
    async observe() {
      const stands = (await store.governance.read()) ?? ungoverned
      const now = clock.now()
      const changes = await announcedIn(world)
      if (!isOnProbation(stands, now)) return { now, stands, changes }
      const since = stands.probation?.from ?? now
      const [sight, own, before] = await Promise.all([
        guardSight(world, { now, since }),
        policyOf(stands.active),
        policyOf(stands.past.at(-1)?.set),
      ])
      return { now, stands, changes, probation: { sight, policies: { own, before } } }
    },
    settings: rules,
    decide: (view) => decideGovern(view, rules),
    recorded: ({ stands, changes }) => ({ version: stands.version, changes: changes.length }),
  }
}

/** Whether guards or the calendar want anything now. */
export function decideGovern(
  view: GovernView,
  rules: GuardRules & { readonly frozenMs: number },
): Decision {
  const { stands, changes, probation } = view
  const { active, next } = stands
  const why = probation && tripped(probation.sight, rules, probation.policies)
  if (why !== undefined)
    return does({ kind: 'take-back', of: active?.number ?? 0, why }, 'taken-back', why)
  const frozen = next?.how === 'activate' ? frozenBy(changes, next.from, rules.frozenMs) : undefined
  if (frozen !== undefined && next?.set)
    return does(
      { kind: 'call-off', of: next.set.number, why: `parameters do not change around ${frozen}` },
      'called-off',
      frozen,
    )
  if (!probation || !active) return does(undefined, 'nothing-due', setName(active))
  return onProbation(view, probation.sight, active)
}

/** Nothing speaks against it. What nobody watched has passed nothing, however long it was. */
function onProbation({ stands, now }: GovernView, sight: GuardSight, set: SetReference): Decision {
  const { probation } = stands
  const { awakeSince = 0 } = sight
  if (!probation?.isGuarded) return does(undefined, 'on-probation', setName(set))
  if (awakeSince > probation.from + leastGapMs) {
    const from = timestamp(awakeSince)
    const why = `nobody looked until ${new Date(from).toISOString()}; its probation begins anew`
    return does({ kind: 'prolong', of: set.number, from, why }, 'prolonged', why)
  }
  return now < probation.until
    ? does(undefined, 'on-probation', setName(set))
    : does({ kind: 'confirm', of: set.number }, 'confirmed', setName(set))
}

function does(command: GuardCommand | undefined, reason: string, detail: string): Decision {
  return {
    actions: [{ kind: 'govern', ...(command && { command }) }],
    outcome: { kind: 'done', reason, detail },
    recorded: command ? { command } : {},
  }
}

/** What is known of all watched systems. */
export async function announcedIn({
  store,
  watched,
}: Pick<GovernWorld, 'watched'> & {
  readonly store: Pick<Store, 'systems'>
}): Promise<readonly AnnouncedChange[]> {
  const memories = await Promise.all(watched.map(async (name) => store.systems.read(name)))
  return memories.flatMap((memory) =>
    Object.values(memory?.changes ?? {}).map(({ title, state, announcedAt, effectiveAt }) => ({
      system: memory?.system ?? '',
      title,
      state,
      announcedAt,
      ...(effectiveAt !== undefined && { effectiveAt }),
    })),
  )
}
