import {
  type Governance,
  type GovernanceCommand,
  isOnProbation,
  isTooLate,
} from '../../domain/parameters/governance.ts'
import type { GuardCommand } from '../../domain/parameters/guard-command.ts'
import type { Timestamp } from '../../domain/time.ts'
import { governed, type GovernorWorld } from './governor.ts'

/** Does what a guard wants, where that is still so: somebody may have come first. Writes down what time has changed in any case. */
export async function guarded(
  world: GovernorWorld,
  wanted: GuardCommand | undefined,
): Promise<Governance> {
  return await governed(world, (current) => wanted && commandOf(current, wanted, world.clock.now()))
}

function commandOf(
  current: Governance,
  { kind, of, why }: GuardCommand,
  now: Timestamp,
): GovernanceCommand | undefined {
  const { active, next, emergency } = current
  if (kind === 'call-off') {
    const isIt = next?.how === 'activate' && next.set?.number === of
    return isIt && !isTooLate(next, now) ? { kind: 'withdraw', by: 'calendar', why } : undefined
  }
  // In an emergency another set decides, which ends by itself.
  const isFree = next === undefined && emergency === undefined
  const isIt = (active?.number ?? 0) === of && isFree && isOnProbation(current, now)
  return isIt ? { kind: 'roll-back', by: 'guard', why, of } : undefined
}
