import type { Lane, LaneTransaction } from '../../domain/lane.ts'
import { isUrgent } from '../../domain/urgent.ts'
import type { LaneWorld } from './lane-world.ts'
import { allowance } from './sign-attempt.ts'

/**
 * What a transaction that is out may cost now: what its own work allows, and what the urgent work behind it does, which
 * gets nowhere before it. Undefined where only the chain's own limit holds.
 */
export async function allowedNow(
  world: LaneWorld,
  { inFlight }: Pick<Lane, 'inFlight'>,
  transaction: LaneTransaction,
): Promise<bigint | undefined> {
  const own = await workOf(world, transaction)
  if (own.length === 0) return undefined
  const behind = inFlight.filter(
    ({ state, nonce }) => state !== 'included' && nonce > transaction.nonce,
  )
  const sums = [allowance(world, own, transaction.left ?? [])?.now]
  for (const one of behind) {
    const work = await workOf(world, one)
    if (work.some(({ action }) => isUrgent(action)))
      sums.push(allowance(world, work, one.left ?? [])?.now)
  }
  return sums.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one))
}

async function workOf({ store }: LaneWorld, { intents }: LaneTransaction) {
  const found = await Promise.all(intents.map(async (id) => store.intents.get(id)))
  return found.flatMap((intent) => intent ?? [])
}
