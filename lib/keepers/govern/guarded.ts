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
  wanted: GuardCommand,
  now: Timestamp,
): GovernanceCommand | undefined {
  const { of } = wanted
  const { active, next, emergency, probation } = current
  if (wanted.kind === 'call-off') {
    const isIt = next?.how === 'activate' && next.set?.number === of
    return isIt && !isTooLate(next, now)
      ? { kind: 'withdraw', by: 'calendar', why: wanted.why }
      : undefined
  }
  // In an emergency another set decides, which ends by itself.
  const isFree = next === undefined && emergency === undefined
  const isIt = (active?.number ?? 0) === of && isFree && isOnProbation(current, now)
  if (!isIt || !probation) return undefined
  switch (wanted.kind) {
    case 'take-back':
      return { kind: 'roll-back', by: 'guard', why: wanted.why, of }
    case 'confirm':
      return now < probation.until
        ? undefined
        : { kind: 'confirm', by: 'guard', why: 'no guard spoke against it on probation', of }
    case 'prolong':
      return wanted.from <= probation.from || wanted.from > now
        ? undefined
        : { kind: 'prolong', by: 'guard', why: wanted.why, of, from: wanted.from }
  }
}
