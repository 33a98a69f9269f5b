import type { AccountDeployments } from '../../../lib/ports.ts'
import { account, type FakeChain, read } from '../fake-chain.ts'

/** What may go wrong with a deployment, and what was tried that no chain takes. */
export type Undeployed = {
  /** Somebody's contract has brought the account into being, without using its nonce. */
  deployedByContract: boolean
  /** Why its constructor refuses. */
  reverts: string | undefined
  /** Which key signs. */
  key: string
  /** The keys whose signatures no node takes. */
  wrongKeys: readonly string[]
  /** Calls at nonce 0 that were sent while there was no account. */
  readonly impossible: readonly string[]
}

/**
 * A fake chain whose account is not there until its deployment is in a block. As a Starknet node does, it refuses calls
 * of an account that is not there, but for the first ones behind a deployment in the pool.
 */
export function undeployed(chain: FakeChain): Undeployed {
  const impossible: string[] = []
  const it: Undeployed = {
    deployedByContract: false,
    reverts: undefined,
    key: 'first',
    wrongKeys: [],
    impossible,
  }
  const isThere = async () => it.deployedByContract || (await chain.nonce(account)).latest > 0

  const deployments: AccountDeployments = {
    isDue: async () => !(await isThere()),
    simulate: async (of) =>
      it.reverts === undefined ? chain.simulate(of, []) : { kind: 'reverted', reason: it.reverts },
    async sign(of, fee) {
      const data = `deployment by ${it.key}` as `0x${string}`
      return chain.sign(of, { calls: [{ kind: 'evm', to: '0x', data }], nonce: 0, fee })
    },
  }

  const broadcast = chain.broadcast.bind(chain)
  async function refusal(bytes: string) {
    const { nonce, data } = read(bytes)
    const there = await isThere()
    if (isDeployment(bytes)) {
      const isWrong = it.wrongKeys.some((key) => data.includes(`deployment by ${key}`))
      if (isWrong) return { kind: 'refused', why: 'invalid', reason: 'bad signature' } as const
      if (it.deployedByContract)
        return { kind: 'refused', why: 'nonce-too-low', reason: 'already deployed' } as const
      return undefined
    }
    if (there || (nonce === 1 && chain.inPool() > 0)) return undefined
    if (nonce === 0) impossible.push(bytes)
    return { kind: 'refused', why: 'nonce-too-high', reason: 'there is no account' } as const
  }

  Object.assign(chain, {
    deployments,
    broadcast: async (bytes: string) => (await refusal(bytes)) ?? broadcast(bytes),
  })
  return it
}

export function isDeployment(bytes: string): boolean {
  return read(bytes).data.some((one) => one.startsWith('deployment'))
}
