import { isOnProbation } from '../../domain/parameters/governance.ts'
import { governed, type GovernorWorld } from './governor.ts'

/** A set that is on probation goes, by a guard's word. Where somebody came first, or it is on probation no more, nothing is done. */
export async function takenBack(
  world: GovernorWorld,
  { of, why }: { readonly of: number; readonly why: string },
): Promise<void> {
  await governed(world, (current) => {
    const isIt = (current.active?.number ?? 0) === of && current.next === undefined
    if (!isIt || !isOnProbation(current, world.clock.now())) return undefined
    return { kind: 'roll-back', by: 'guard', why, of }
  })
}
