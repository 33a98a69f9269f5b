import { evmChain } from '../../adapters/chains/evm.ts'
import { starknetChain } from '../../adapters/chains/starknet.ts'
import { decodeEngineRevert } from '../../adapters/engines/evm-engine/decode-revert.ts'
import type { Rpc } from '../../adapters/rpc.ts'
import type { Chain, Clock } from '../../ports.ts'
import type { Keys } from '../keys.ts'
import type { Network, NetworkChain } from '../network/schema.ts'
import type { Secrets } from '../secrets.ts'

/** A chain, and the line to its nodes for the engines on it. */
export type LinkedChain = Chain & { readonly rpc: Rpc }

type Parts = {
  readonly secrets: Secrets
  readonly keys: Keys
  readonly clock: Clock
  /** Whether this process signs transactions; else it only reads. */
  readonly sends: boolean
}

export async function composeChains({
  network,
  ...parts
}: Parts & { readonly network: Network }): Promise<Readonly<Record<string, LinkedChain>>> {
  const entries = Object.entries(network.chains).map(async ([name, chain]) => {
    const rpcUrls = await Promise.all(
      chain.rpc.map(async (url) => (await parts.secrets.text(url)).reveal().trim()),
    )
    return [name, await composeChain(name, chain, { ...parts, rpcUrls })] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function composeChain(
  name: string,
  chain: NetworkChain,
  { keys, clock, sends, rpcUrls }: Omit<Parts, 'secrets'> & { readonly rpcUrls: readonly string[] },
): Promise<LinkedChain> {
  const { finalityBlocks, maxFee, account } = chain
  const shared = {
    name,
    rpcUrls,
    finalityBlocks,
    clock,
    ...(maxFee === undefined ? {} : { feeCap: maxFee }),
  }
  const { chainId } = chain
  switch (chain.kind) {
    case 'evm': {
      const key = sends && chain.account ? await keys.evm(chain.account.key) : undefined
      if (key && account && key.address.toLowerCase() !== account.address.toLowerCase())
        throw new WrongKeyError(
          name,
          `the key is that of ${key.address}, not of ${account.address}`,
        )
      return evmChain({
        ...shared,
        chainId: Number(chainId),
        keys: key ? [key] : [],
        decodeRevert: decodeEngineRevert,
      })
    }
    case 'starknet': {
      const key = sends && chain.account ? await keys.stark(chain.account.key) : undefined
      return starknetChain({
        ...shared,
        chainId: chain.chainId,
        keys: key && account ? { [account.address]: key } : {},
      })
    }
  }
}

/** The key of an account is another one's. */
export class WrongKeyError extends Error {
  override readonly name = 'WrongKeyError'

  constructor(chain: string, why: string) {
    super(`chains.${chain}.account.key does not fit: ${why}; name the key of that account`)
  }
}
