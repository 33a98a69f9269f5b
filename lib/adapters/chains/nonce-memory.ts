import type { Block } from '../../domain/transaction.ts'
import { isBefore } from './agree-on-head.ts'

/** An account's next nonces as a node told them, and the newest block that it had then. */
export type ToldNonce = { readonly latest: number; readonly pending: number; readonly at: Block }

/**
 * What an answer is worth beside the highest nonce told before. `past`: it is from before that, and proves nothing.
 * `contested`: it is lower and not from before: only a reorganisation does that, so more nodes must say it.
 */
export function judgeNonce(
  known: ToldNonce | undefined,
  told: ToldNonce,
): 'good' | 'past' | 'contested' {
  if (!known || told.latest >= known.latest) return 'good'
  return isBefore(told.at, known.at) ? 'past' : 'contested'
}

/** What to remember after a good answer: the highest nonce, with the newest block that it was told at. */
export function remembered(known: ToldNonce | undefined, told: ToldNonce): ToldNonce {
  const older = known && known.latest === told.latest && isBefore(told.at, known.at)
  return older ? { ...told, at: known.at } : told
}

/** The answer with the lowest nonce that more than half of the answers do not exceed; undefined without answers. */
export function nonceOfMost(all: readonly ToldNonce[]): ToldNonce | undefined {
  return all.toSorted((one, other) => one.latest - other.latest)[all.length >> 1]
}
