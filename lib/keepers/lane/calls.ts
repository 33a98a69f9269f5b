import type { Intent } from '../../domain/intent.ts'
import type { LaneTransaction } from '../../domain/lane.ts'
import type { Call } from '../../domain/transaction.ts'
import { engineOf, type LaneWorld } from './lane-world.ts'

/** The calls of a transaction of the lane, the same each time. One without an intent only uses its nonce. */
export async function callsOf(
  world: LaneWorld,
  { intents, sequence }: Pick<LaneTransaction, 'intents' | 'sequence'>,
): Promise<readonly Call[]> {
  if (intents.length === 0) return nothing(world)
  const found = await Promise.all(intents.map(async (id) => world.store.intents.get(id)))
  return encoded(
    world,
    found.flatMap((intent) => intent ?? []),
    sequence,
  )
}

export function encoded(
  world: LaneWorld,
  intents: readonly Intent[],
  sequence: string | undefined,
): readonly Call[] {
  let next = sequence === undefined ? undefined : BigInt(sequence)
  return intents.flatMap(({ action }) => {
    const calls = engineOf(world, action).encode(action, next)
    if (next !== undefined) next += BigInt(calls.length)
    return calls
  })
}

/** Fills a nonce: a transfer of nothing to oneself, or a multicall of no calls. */
function nothing({ account, chain }: LaneWorld): readonly Call[] {
  return chain.kind === 'evm' ? [{ kind: 'evm', to: account as `0x${string}`, data: '0x' }] : []
}
