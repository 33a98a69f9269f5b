import { hashMessage, isAddressEqual, recoverAddress } from 'viem'

import { whyAgainst } from '../../domain/parameters/against.ts'
import { type AnnouncedChange, frozenBy } from '../../domain/parameters/frozen.ts'
import {
  activeAt,
  type Candidate,
  type Governance,
  type GovernanceCommand,
  type GovernanceEvent,
} from '../../domain/parameters/governance.ts'
import {
  changesBetween,
  type ParameterChange,
  type ParameterSet,
  type ParameterValue,
  type SetReference,
} from '../../domain/parameters/parameter-set.ts'
import { notSafer } from '../../domain/parameters/safer.ts'
import { timestamp } from '../../domain/time.ts'
import { announcedIn } from '../../keepers/govern/govern.ts'
import { governanceNow, governed, type GovernorWorld } from '../../keepers/govern/governor.ts'
import { candidateSight } from '../../keepers/govern/guard-sight.ts'
import type { Clock, EvmKey, Store } from '../../ports.ts'
import type { Known } from '../network/known.ts'
import type { Network } from '../network/schema.ts'
import { governanceRules } from '../world/governance-rules.ts'
import { pushRules } from '../world/push-rules.ts'
import { schedulesOf } from '../world/schedules.ts'
import { parameterProblems } from './check-parameters.ts'
import { setOf } from './parameters-of.ts'
import { setsInUse } from './sets-in-use.ts'

type DeskWorld = {
  readonly network: Network
  readonly known: Known
  readonly clock: Clock
  readonly store: Pick<Store, 'governance' | 'history' | 'systems'>
}

type Who = { readonly by: string; readonly why: string }

type Changes = Readonly<Record<string, unknown>>

/** Where the parameters stand, for people. */
export type GovernanceStanding = {
  readonly stands: Governance
  /** The set that decides now, and all its values. */
  readonly active: SetReference | undefined
  readonly values: ParameterSet['values']
  /** What the candidate, or the set that is to become active, has otherwise. */
  readonly changes: readonly ParameterChange[]
  readonly events: readonly GovernanceEvent[]
}

/** What people do with a network's parameters: each step checked, each with a name and a reason. */
export function governanceDesk({ network, known, clock, store }: DeskWorld) {
  const rules = governanceRules(network)
  const world: GovernorWorld = { clock, store, rules }
  const sets = setsInUse(network, store)

  async function valuesOf(set: SetReference | undefined): Promise<ParameterSet['values']> {
    return setOf((await sets.under(set)).network).values
  }

  /** The set that the active one becomes with these changes. Throws `ProposalError` with all that is wrong at once. */
  async function changed(stands: Governance, changes: Changes): Promise<ParameterSet> {
    const under = await sets.under(activeAt(stands, clock.now()))
    const problems = parameterProblems(under.network, changes, known)
    if (problems.length > 0) throw new ProposalError(problems)
    const set = setOf(under.network, changes as Readonly<Record<string, ParameterValue>>)
    if (set.hash === under.hash) throw new ProposalError(['that is what holds already'])
    return set
  }

  async function step(command: (stands: Governance) => GovernanceCommand): Promise<Governance> {
    return await governed(world, (stands) => {
      const wanted = command(stands)
      if (notPeople.has(wanted.by)) throw new ReservedNameError(wanted.by)
      return wanted
    })
  }

  async function announced(): Promise<readonly AnnouncedChange[]> {
    return await announcedIn({ store, watched: Object.keys(network.watched) })
  }

  /** What speaks against the candidate now. */
  async function against({ set, shadowSince }: Candidate): Promise<string | undefined> {
    if (shadowSince === undefined) return undefined
    const stands = await governanceNow(world)
    const [sight, active, candidate] = await Promise.all([
      candidateSight(
        {
          store,
          nodes: network.oracles.map(({ name }) => name),
          engines: schedulesOf(network).find(({ job }) => job === 'push-prices')?.subjects ?? [],
        },
        { since: shadowSince, parameters: (await sets.under(set)).hash },
      ),
      sets.under(activeAt(stands, clock.now())),
      sets.under(set),
    ])
    return whyAgainst(sight, network.parameters.guards, {
      active: pushRules(active.network).policy,
      candidate: pushRules(candidate.network).policy,
    })
  }

  function toSign({ set }: Candidate): `0x${string}` {
    return hashMessage(approvalText(network.network, set))
  }

  /** Those whose signatures are of the keys that the network file names now. */
  async function signedBy(candidate: Candidate): Promise<readonly string[]> {
    const hash = toSign(candidate)
    const all = candidate.approvals.map(async ({ by, signature }) => {
      const address = Object.hasOwn(network.parameters.approvers, by)
        ? network.parameters.approvers[by]
        : undefined
      // What is no signature at all is nobody's.
      const signer = await recoverAddress({ hash, signature }).catch(() => undefined)
      return address && signer && isAddressEqual(signer, address) ? [by] : []
    })
    return (await Promise.all(all)).flat()
  }

  return {
    async standing(): Promise<GovernanceStanding> {
      const stands = await governanceNow(world)
      const active = activeAt(stands, clock.now())
      const coming = stands.next ?? stands.candidate
      const values = await valuesOf(active)
      return {
        stands,
        active,
        values,
        changes: coming ? changesBetween(values, await valuesOf(coming.set)) : [],
        events: await store.governance.events(shownEvents),
      }
    },

    against: async (): Promise<string | undefined> => {
      const { candidate } = await governanceNow(world)
      return candidate && (await against(candidate))
    },

    async propose(changes: Changes, who: Who): Promise<Governance> {
      const set = await changed(await governanceNow(world), changes)
      await store.governance.keepSet(set)
      return await step(() => ({ ...who, kind: 'propose', hash: set.hash }))
    },

    shadow: async (who: Who): Promise<Governance> => step(() => ({ ...who, kind: 'shadow' })),

    /** With the approver's own key, whose address the network file names. */
    async approve({ key, ...who }: Who & { readonly key: EvmKey }): Promise<Governance> {
      const { candidate } = await governanceNow(world)
      const address = network.parameters.approvers[who.by]
      const hash = candidate?.set.hash ?? ''
      const signature = candidate ? await key.sign(toSign(candidate)) : ('0x' as const)
      if (candidate && address !== undefined) {
        const signer = await recoverAddress({ hash: toSign(candidate), signature })
        if (!isAddressEqual(signer, address)) throw new WrongApproverError(who.by, address, signer)
      }
      return await step(() => ({ ...who, kind: 'approve', hash, signature }))
    },

    async activate({
      inMs,
      isForced,
      ...who
    }: Who & { readonly inMs: number; readonly isForced: boolean }): Promise<Governance> {
      const { candidate } = await governanceNow(world)
      const [changes, reason, signed = []] = await Promise.all([
        announced(),
        candidate && against(candidate),
        candidate && signedBy(candidate),
      ])
      return await step((stands) => {
        const from = timestamp(clock.now() + inMs)
        const frozen = frozenBy(changes, from, network.parameters.frozenSeconds * 1_000)
        const isSame = stands.candidate?.set.number === candidate?.set.number
        return {
          ...who,
          kind: 'activate',
          from,
          approvedBy: isSame ? signed : [],
          isForced,
          against: reason,
          frozenBy: frozen,
        }
      })
    },

    withdraw: async (who: Who): Promise<Governance> => step(() => ({ ...who, kind: 'withdraw' })),

    /** `of`: the number of the set that whoever decided it saw to be active. */
    rollBack: async ({ of, ...who }: Who & { readonly of: number }): Promise<Governance> =>
      step(() => ({ ...who, kind: 'roll-back', of })),

    async emergency(
      changes: Changes,
      { forMs, ...who }: Who & { readonly forMs: number },
    ): Promise<Governance> {
      const seen = await governanceNow(world)
      const active = activeAt(seen, clock.now())
      const set = await changed(seen, changes)
      const wrong = notSafer(await valuesOf(active), set.values)
      if (wrong.length > 0) throw new ProposalError(wrong)
      await store.governance.keepSet(set)
      return await step((stands) => {
        const now = clock.now()
        if (activeAt(stands, now)?.number !== active?.number)
          throw new ProposalError([
            'another set has become active meanwhile, than which these values may be less careful; try again',
          ])
        return { ...who, kind: 'emergency', hash: set.hash, until: timestamp(now + forMs) }
      })
    },
  }
}

export type GovernanceDesk = ReturnType<typeof governanceDesk>

/** Who does steps without people: nobody else may be taken for them later. */
const notPeople: ReadonlySet<string> = new Set(['guard', 'calendar', 'time'])

/** People look at the newest ones. */
const shownEvents = 50

/** What an approver signs, as an Ethereum message (EIP-191): one set of one network, and nothing else. */
export function approvalText(network: string, { number, hash }: SetReference): string {
  return `Starkeep: I approve parameter set ${number} of the network ${network}, whose hash is ${hash}.`
}

/** What was proposed cannot be a set; one sentence for each thing that is wrong. */
export class ProposalError extends Error {
  override readonly name = 'ProposalError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Somebody goes by a name that steps have which nobody took. */
class ReservedNameError extends Error {
  override readonly name = 'ReservedNameError'

  constructor(by: string) {
    super(`${by} is what steps are called that nobody took; say who you are with --by`)
  }
}

/** Somebody signs in another one's name. */
export class WrongApproverError extends Error {
  override readonly name = 'WrongApproverError'

  constructor(by: string, address: string, signer: string) {
    super(
      `that is not ${by}’s key: the network file names the address ${address}, and the key’s is ${signer}`,
    )
  }
}
