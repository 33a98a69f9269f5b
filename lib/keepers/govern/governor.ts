import {
  type Governance,
  type GovernanceCommand,
  type GovernanceRules,
  govern,
  passed,
  ungoverned,
} from '../../domain/parameters/governance.ts'
import type { Clock, Store } from '../../ports.ts'

export type GovernorWorld = {
  readonly clock: Clock
  readonly store: Pick<Store, 'governance'>
  readonly rules: GovernanceRules
}

/** Others may be at it too; each time one of them has done something, and it is looked again whether the command still fits. */
const mostTurns = 20

/** Where the parameters stand, with all that time alone has changed until now, as one after another is written down. */
export async function governanceNow(world: GovernorWorld): Promise<Governance> {
  return await written(world, () => undefined)
}

/**
 * One step. `commandOf` is asked again where another one came first, so that it may look at what is then there. Throws
 * `GovernanceRefusedError` where it does not fit.
 */
export async function governed(
  world: GovernorWorld,
  commandOf: (current: Governance) => GovernanceCommand | undefined,
): Promise<Governance> {
  return await written(world, commandOf)
}

async function written(
  { clock, store, rules }: GovernorWorld,
  commandOf: (current: Governance) => GovernanceCommand | undefined,
): Promise<Governance> {
  const { governance } = store
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const before = (await governance.read()) ?? ungoverned
    const now = clock.now()
    const later = passed(before, now, rules)
    if (later) {
      // Each step is written by itself; who comes second finds it done.
      await governance.write(later, before)
      continue
    }
    const command = commandOf(before)
    if (!command) return before
    const next = govern(before, command, { now, rules })
    if ((await governance.write(next, before)) === 'written') return next
  }
  throw new GovernanceBusyError()
}

/** Others changed the parameters again and again meanwhile. */
export class GovernanceBusyError extends Error {
  override readonly name = 'GovernanceBusyError'

  constructor() {
    super(
      'others change the parameters at the same time, again and again; look at `starkeep govern status`, and try again',
    )
  }
}
