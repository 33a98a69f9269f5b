import type { Block } from '../domain/transaction.ts'
import type { Chain } from '../ports.ts'

/**
 * The same chain, but nothing is ever sent to it: what would have been counts as included in the newest block, so that
 * the lane goes on as it would.
 */
export function dryChain(chain: Chain): Chain {
  const included = new Map<string, Block>()
  const signed = new Map<string, `0x${string}`>()
  return {
    ...chain,
    async sign(account, transaction) {
      const result = await chain.sign(account, transaction)
      signed.set(result.bytes, result.hash)
      return result
    },
    async broadcast(bytes) {
      const hash = signed.get(bytes)
      if (hash === undefined)
        return { kind: 'refused', why: 'invalid', reason: 'it was not signed in this dry run' }
      if (included.has(hash)) return { kind: 'known' }
      included.set(hash, await chain.head())
      return { kind: 'accepted' }
    },
    async status(hash) {
      const block = included.get(hash)
      if (!block) return { kind: 'unknown' }
      const rest = { outcome: 'succeeded', reason: undefined, feePaid: 0n, final: false } as const
      return { kind: 'included', block, ...rest }
    },
  }
}
