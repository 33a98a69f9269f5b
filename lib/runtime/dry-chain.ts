import type { Block, SignedTransaction } from '../domain/transaction.ts'
import type { AccountDeployments, Chain } from '../ports.ts'

/**
 * The same chain, but nothing is ever sent to it: what would have been counts as included in the newest block, so that
 * the lane goes on as it would.
 */
export function dryChain(chain: Chain): Chain {
  const included = new Map<string, Block>()
  const signed = new Map<string, `0x${string}`>()
  const remember = (result: SignedTransaction): SignedTransaction => {
    signed.set(result.bytes, result.hash)
    return result
  }
  const { deployments } = chain
  return {
    ...withoutFates(chain),
    sign: async (account, transaction) => remember(await chain.sign(account, transaction)),
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
    ...(deployments && {
      deployments: dryDeployments(deployments, { remember, isIn: (hash) => included.has(hash) }),
    }),
  }
}

/** Whoever has an id on a gateway, it is not ours: no batch tells of what was not sent. */
function withoutFates(chain: Chain): Chain {
  const copy: { -readonly [Key in keyof Chain]: Chain[Key] } = { ...chain }
  delete copy.fates
  return copy
}

/** An account whose deployment would have been sent counts as there: it is deployed once. */
function dryDeployments(
  deployments: AccountDeployments,
  dry: {
    readonly remember: (result: SignedTransaction) => SignedTransaction
    readonly isIn: (hash: string) => boolean
  },
): AccountDeployments {
  const made = new Map<string, string>()
  return {
    ...deployments,
    async isDue(account) {
      const hash = made.get(account)
      if (hash !== undefined && dry.isIn(hash)) return false
      return deployments.isDue(account)
    },
    async sign(account, fee) {
      const result = dry.remember(await deployments.sign(account, fee))
      made.set(account, result.hash)
      return result
    },
  }
}
