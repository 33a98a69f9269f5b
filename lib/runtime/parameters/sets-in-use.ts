import {
  activeAt,
  isOnProbation,
  shadowAt,
  ungoverned,
} from '../../domain/parameters/governance.ts'
import { setName, type SetReference } from '../../domain/parameters/parameter-set.ts'
import type { Timestamp } from '../../domain/time.ts'
import { messageOf } from '../../keepers/message-of.ts'
import type { Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'
import { onceEach } from '../once-each.ts'
import { parametersHash, setOf, underParameters } from './parameters-of.ts'

/** A network as one set of parameters makes it. */
export type NetworkUnder = {
  readonly network: Network
  /** Of all its parameters as they are. */
  readonly hash: string
  /** The set; undefined where the network file's own parameters hold. */
  readonly set: SetReference | undefined
}

export type SetsInUse = {
  readonly active: NetworkUnder
  /** Decides beside it, and does nothing. */
  readonly shadow?: NetworkUnder & { readonly kind: 'candidate' | 'previous' }
  /** Why the candidate does not decide beside it, in words. */
  readonly withoutCandidate?: string
  readonly isOnProbation: boolean
}

/**
 * Which parameters hold at a moment. The row is read each time, since every worker must see a step before the moment from which it
 * holds; the sets themselves never change, and are made once.
 */
export function setsInUse(
  network: Network,
  { governance }: Pick<Store, 'governance'>,
): {
  at(moment: Timestamp): Promise<SetsInUse>
  /** Of one set; undefined: the network file's own. */
  under(set: SetReference | undefined): Promise<NetworkUnder>
} {
  const ownOnce = onceEach(
    () => 'own',
    async (): Promise<NetworkUnder> => {
      // Kept as proposed ones are, so that what is decided now can be decided again under another file.
      const own = setOf(network)
      await governance.keepSet(own)
      return { network, hash: own.hash, set: undefined }
    },
  )
  const made = onceEach(
    ({ hash }: SetReference) => hash,
    async ({ hash }) => {
      const found = await governance.set(hash)
      if (!found) throw new MissingSetError(hash)
      const changed = underParameters(network, found.values)
      return { network: changed, hash: parametersHash(changed) }
    },
  )
  async function under(set: SetReference | undefined): Promise<NetworkUnder> {
    return set ? { ...(await made(set)), set } : await ownOnce(undefined)
  }
  /** A candidate that cannot be read harms nothing; on probation nothing is decided without the set before. */
  async function besideOf({
    kind,
    set,
  }: NonNullable<ReturnType<typeof shadowAt>>): Promise<
    Pick<SetsInUse, 'shadow' | 'withoutCandidate'>
  > {
    try {
      return { shadow: { ...(await under(set)), kind } }
    } catch (error) {
      if (kind === 'previous') throw error
      return { withoutCandidate: `${setName(set)} is not in shadow: ${messageOf(error)}` }
    }
  }

  return {
    under,
    async at(moment) {
      const stands = (await governance.read()) ?? ungoverned
      const [active, shadow] = [activeAt(stands, moment), shadowAt(stands, moment)]
      return {
        active: await under(active),
        ...(shadow && (await besideOf(shadow))),
        isOnProbation: isOnProbation(stands, moment) || shadow?.kind === 'previous',
      }
    },
  }
}

/** The network file has other markets than when the set was proposed, so that the set does not say everything of it. */
export function differsHere({ set, hash }: NetworkUnder): string | undefined {
  if (!set || set.hash === hash) return undefined
  return `${setName(set)} comes to ${hash.slice(0, 12)} here: the network file has other markets, legs or exchanges than the one that it was proposed with`
}

/** A set is active, and what it says is gone. */
class MissingSetError extends Error {
  override readonly name = 'MissingSetError'

  constructor(hash: string) {
    super(
      `the table has no parameters of the hash ${hash}, which are to hold; take them back with \`starkeep govern roll-back\``,
    )
  }
}
