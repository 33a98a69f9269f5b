import type { Intent } from '../../domain/intent.ts'
import type { LaneTransaction } from '../../domain/lane.ts'
import { type LeftOut, without } from '../../domain/left-out.ts'
import { oraclePricesTick } from '../../domain/oracle-prices-tick.ts'
import type { Call, Simulation } from '../../domain/transaction.ts'
import { deploymentsOf } from './account-deployments.ts'
import { engineOf, type LaneWorld } from './lane-world.ts'

/** What a transaction of the lane does: calls, or the deployment of its account. */
export type Work = readonly Call[] | 'deployment'

/** The work of a transaction of the lane, the same each time. One without an intent only uses its nonce, or deploys. */
export async function workIn(
  world: LaneWorld,
  { intents, sequence, left, deploys }: LaneTransaction,
): Promise<Work> {
  if (deploys) return 'deployment'
  if (intents.length === 0) return callsForNothing(world, [])
  const found = await Promise.all(intents.map(async (id) => world.store.intents.get(id)))
  return encoded(
    world,
    found.flatMap((intent) => intent ?? []),
    { sequence, left },
  )
}

export async function simulateWork(world: LaneWorld, work: Work): Promise<Simulation> {
  const { chain, account } = world
  return work === 'deployment'
    ? deploymentsOf(world).simulate(account)
    : chain.simulate(account, work)
}

export function encoded(
  world: LaneWorld,
  intents: readonly Pick<Intent, 'action'>[],
  { sequence, left = [] }: { readonly sequence: string | undefined; readonly left?: Left },
): readonly Call[] {
  let next = sequence === undefined ? undefined : BigInt(sequence)
  return intents.flatMap(({ action }) => {
    const calls = engineOf(world, action).encode(without(action, left), next)
    if (next !== undefined) next += BigInt(calls.length)
    return calls
  })
}

type Left = readonly LeftOut[] | undefined

/**
 * Fills a nonce: a transfer of nothing to oneself, a multicall of no calls, or a tick of no prices. In place of a transaction
 * with blobs it has one of them: no pool takes another kind in its place.
 */
export function callsForNothing(
  { account, chain, clock }: LaneWorld,
  inPlaceOf: readonly Call[],
): readonly Call[] {
  switch (chain.kind) {
    case 'evm': {
      const [blob] = inPlaceOf.flatMap((call) => (call.kind === 'evm' ? (call.blobs ?? []) : []))
      const call = { kind: 'evm', to: account as `0x${string}`, data: '0x' } as const
      return [blob ? { ...call, blobs: [blob] } : call]
    }
    case 'starknet':
      return []
    case 'starkex':
      return [{ kind: 'starkex', transaction: oraclePricesTick([], clock.now()) }]
  }
}
