import type { EvmKey } from '../../ports.ts'
import type { Rpc } from '../rpc.ts'
import { quantity } from './evm-read.ts'

/** One sentence for each thing that the network file says of the chain and the node denies. */
export async function checkEvm(expected: {
  readonly rpc: Rpc
  readonly chainId: number
  readonly keys: readonly EvmKey[]
}): Promise<readonly string[]> {
  const { rpc, chainId, keys } = expected
  const [found] = await rpc.values([quantity('eth_chainId')])
  if (found !== BigInt(chainId))
    return [
      `the node is on chain ${found}, the network file says ${chainId}; name a node of that chain`,
    ]
  const balances = await rpc.values(
    keys.map(({ address }) => quantity('eth_getBalance', [address, 'latest'])),
  )
  return keys.flatMap(({ address }, at) =>
    balances[at] === 0n ? [`account ${address} has nothing to pay fees with; send it some`] : [],
  )
}
