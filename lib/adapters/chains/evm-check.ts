import type { EvmKey } from '../../ports.ts'
import { quantity } from './evm-read.ts'
import type { RpcSet } from './rpc-set.ts'

/** One sentence for each thing that the network file says of the chain and a node denies. Throws where no node answers. */
export async function checkEvm(expected: {
  readonly rpc: RpcSet
  readonly keys: readonly EvmKey[]
}): Promise<readonly string[]> {
  const { rpc, keys } = expected
  const strangers = await rpc.strangers()
  if (strangers.length > 0) return strangers
  // Who has no account there asks nothing else, and would take silence for consent.
  if (keys.length === 0) {
    await rpc.head()
    return []
  }
  const balances = await rpc.values(
    keys.map(({ address }) => quantity('eth_getBalance', [address, 'latest'])),
  )
  return keys.flatMap(({ address }, at) =>
    balances[at] === 0n ? [`account ${address} has nothing to pay fees with; send it some`] : [],
  )
}
