import type { ParameterSet, SetReference } from '../../domain/parameters/parameter-set.ts'
import type { Compared } from '../../domain/parameters/shadow-report.ts'
import type { Store } from '../../ports.ts'
import type { Network } from '../network/schema.ts'
import { onceEach } from '../once-each.ts'
import type { KnownParameter } from '../parameters/check-parameters.ts'
import { setOf, underParameters } from '../parameters/parameters-of.ts'
import { pushRules } from '../world/push-rules.ts'
import type { Policies } from './stretch.ts'

/** One set, with all that people must know of it. */
export type ReadSet = ParameterSet & {
  readonly network: Network
  readonly known: () => Promise<readonly KnownParameter[]>
}

/** The sets of a network for whoever only looks: nothing is written, not even the file's own. */
export type ReadSets = {
  /** Undefined: the network file's own. Throws where the set is gone. */
  under(set: SetReference | undefined): Promise<ReadSet>
  /** When prices are pushed under each of the two sets of these hashes; undefined where one of them is not kept. */
  policiesOf(hashes: Compared<string>): Promise<Policies | undefined>
}

export function readSets(
  network: Network,
  { governance }: { readonly governance: Pick<Store['governance'], 'set'> },
): ReadSets {
  const own = readSet(network)
  const made = onceEach(
    (hash: string) => hash,
    async (hash) => {
      const found = hash === own.hash ? undefined : await governance.set(hash)
      if (found) return readSet(underParameters(network, found.values))
      if (hash === own.hash) return own
      throw new LostSetError(hash)
    },
  )
  const policyOf = async (hash: string) => {
    try {
      return pushRules((await made(hash)).network).policy
    } catch (error) {
      if (error instanceof LostSetError) return undefined
      throw error
    }
  }
  return {
    under: async (set) => (set ? await made(set.hash) : own),
    async policiesOf(hashes) {
      const [active, candidate] = await Promise.all([
        policyOf(hashes.active),
        policyOf(hashes.candidate),
      ])
      return active && candidate && { active, candidate }
    },
  }
}

function readSet(network: Network): ReadSet {
  let known: Promise<readonly KnownParameter[]> | undefined
  return {
    ...setOf(network),
    network,
    async known() {
      known ??= knownIn(network)
      return await known
    },
  }
}

/** Bounds and reasons are the schema's, which is loaded where somebody asks for them: a page that is only opened needs none. */
async function knownIn(network: Network): Promise<readonly KnownParameter[]> {
  const { knownParameters } = await import('../parameters/check-parameters.ts')
  return knownParameters(network)
}

/** The table has no set of that hash. */
class LostSetError extends Error {
  override readonly name = 'LostSetError'

  constructor(hash: string) {
    super(
      `the table has no parameters of the hash ${hash}, so that they cannot be shown; see \`starkeep govern status\``,
    )
  }
}
