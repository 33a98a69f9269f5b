import { type IntentState, isFinal } from '../../domain/intent.ts'
import type { LaneTransaction } from '../../domain/lane.ts'
import { type LaneWorld, tell } from './lane-world.ts'

/** Brings every intent of a transaction into a state, and tells of those that were in another one. */
export async function moveIntents(
  world: LaneWorld,
  transaction: Pick<LaneTransaction, 'intents'>,
  state: IntentState,
): Promise<void> {
  for (const id of transaction.intents) await moveIntent(world, id, state)
}

export async function moveIntent(world: LaneWorld, id: string, state: IntentState): Promise<void> {
  const { intents } = world.store
  const before = await intents.get(id)
  if (!before || isFinal(before.state) || sameState(before.state, state)) return
  if ((await intents.move(id, state)) === 'moved') tell(world, { ...before, state })
}

/** Of the same kind, for the same transaction, and for an inclusion in the same block. */
function sameState(one: IntentState, other: IntentState): boolean {
  if (one.kind !== other.kind) return false
  if (one.kind === 'claimed' && other.kind === 'claimed')
    return one.hash === other.hash && one.sentAt === other.sentAt
  if (one.kind === 'included' && other.kind === 'included')
    return one.hash === other.hash && one.block.hash === other.block.hash
  return true
}

/** The newest attempt at the work. */
export function claimedState(transaction: LaneTransaction): IntentState | undefined {
  const { attempts, nonce, left } = transaction
  const newest = attempts.findLast(({ nothing }) => !nothing) ?? attempts.at(-1)
  const sentAt = attempts.find((attempt) => attempt.sentAt !== undefined)?.sentAt
  return newest && { kind: 'claimed', nonce, hash: newest.hash, sentAt, ...(left && { left }) }
}
