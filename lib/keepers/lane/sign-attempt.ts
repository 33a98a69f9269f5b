import { feeAllowed } from '../../domain/fee-allowance.ts'
import { type Fee, FeeCapError } from '../../domain/fee.ts'
import type { Intent } from '../../domain/intent.ts'
import type { LaneAttempt } from '../../domain/lane.ts'
import { type LeftOut, without } from '../../domain/left-out.ts'
import { deploymentsOf } from './account-deployments.ts'
import type { Work } from './calls.ts'
import type { LaneWorld } from './lane-world.ts'

type Signable = { readonly calls: Work; readonly nonce: number; readonly fee: Fee }

/** A transaction ready to be stored, and only then to be sent; or why it may not cost what it would. */
export async function signAttempt(
  world: LaneWorld,
  transaction: Signable,
  allowed?: bigint,
): Promise<LaneAttempt | FeeCapError> {
  const { chain, account, clock } = world
  const most = chain.mostOf(transaction.fee)
  if (allowed !== undefined && most > allowed) return new FeeCapError(chain.name, most, allowed)
  try {
    const { calls, nonce, fee } = transaction
    const signed =
      calls === 'deployment'
        ? await deploymentsOf(world).sign(account, fee)
        : await chain.sign(account, { calls, nonce, fee })
    return { ...signed, signedAt: clock.now(), sentAt: undefined }
  } catch (error) {
    if (error instanceof FeeCapError) return error
    throw error
  }
}

/** What work may cost now, and at the most ever; undefined where only the chain's own limit holds. */
export function allowance(
  world: LaneWorld,
  intents: readonly Intent[],
  left: readonly LeftOut[],
): { readonly now: bigint; readonly ever: bigint } | undefined {
  const sum = { now: 0n, ever: 0n }
  for (const { action, createdAt, deadline } of intents) {
    const worth = world.worthOf?.(without(action, left))
    const lifeMs = deadline - createdAt
    const allowed = feeAllowed({ worth, ageMs: world.clock.now() - createdAt, lifeMs })
    if (worth === undefined || allowed === undefined) return undefined
    sum.now += allowed
    sum.ever += worth
  }
  return sum
}
