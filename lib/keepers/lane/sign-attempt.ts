import { type Fee, FeeCapError } from '../../domain/fee.ts'
import type { LaneAttempt } from '../../domain/lane.ts'
import type { Call } from '../../domain/transaction.ts'
import type { LaneWorld } from './lane-world.ts'

/** A transaction ready to be stored, and only then to be sent; or why it may not cost what it would. */
export async function signAttempt(
  world: LaneWorld,
  transaction: { readonly calls: readonly Call[]; readonly nonce: number; readonly fee: Fee },
): Promise<LaneAttempt | FeeCapError> {
  try {
    const signed = await world.chain.sign(world.account, transaction)
    return { ...signed, signedAt: world.clock.now(), sentAt: undefined }
  } catch (error) {
    if (error instanceof FeeCapError) return error
    throw error
  }
}
