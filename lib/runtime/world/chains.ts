import type { Rpc } from '../../adapters/rpc.ts'
import type { StarkexFeeder } from '../../adapters/starkex-feeder.ts'
import type { BlobSidecars, Chain, Clock, EvmKey } from '../../ports.ts'
import type { Keys } from '../keys.ts'
import { accountsOf, type SendingAccount } from '../network/accounts.ts'
import type { Network, NetworkChain } from '../network/schema.ts'
import type { Secrets } from '../secrets.ts'
import { composeGateway } from './gateway.ts'

/** A chain, and the line to its nodes for the engines on it; of a gateway, who tells its batches. */
export type LinkedChain = Chain & { readonly rpc?: Rpc; readonly feeder?: StarkexFeeder }

type Parts = {
  readonly secrets: Secrets
  readonly keys: Keys
  readonly clock: Clock
  /** Whether this process signs transactions; else it only reads. */
  readonly sends: boolean
  readonly cutOff: AbortSignal | undefined
  readonly sidecars: Pick<BlobSidecars, 'read'>
}

export async function composeChains({
  network,
  ...parts
}: Parts & { readonly network: Network }): Promise<Readonly<Record<string, LinkedChain>>> {
  const entries = Object.entries(network.chains).map(async ([name, chain]) => {
    const composed =
      chain.kind === 'starkex'
        ? await composeGateway(name, chain, parts)
        : await composeChain(name, chain, { ...parts, rpcUrls: await urlsOf(chain, parts) })
    return [name, composed] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

type RpcChain = Exclude<NetworkChain, { kind: 'starkex' }>

async function urlsOf({ rpc }: RpcChain, { secrets }: Parts): Promise<readonly string[]> {
  return Promise.all(rpc.map(async (url) => (await secrets.text(url)).reveal().trim()))
}

/** Each kind is loaded where the network has one: its curve alone takes as long as all the rest of a small function. */
async function composeChain(
  name: string,
  chain: RpcChain,
  {
    keys,
    clock,
    sends,
    cutOff,
    sidecars,
    rpcUrls,
  }: Omit<Parts, 'secrets'> & { readonly rpcUrls: readonly string[] },
): Promise<LinkedChain> {
  const { blockSeconds, finalityBlocks, maxFee } = chain
  const shared = {
    name,
    rpcUrls,
    blockSeconds,
    finalityBlocks,
    clock,
    cutOff,
    ...(maxFee === undefined ? {} : { feeCap: maxFee }),
  }
  const { chainId } = chain
  switch (chain.kind) {
    case 'evm': {
      const accounts = sends ? accountsOf(chain) : []
      const own = await Promise.all(accounts.map(async (one) => evmKeyOf(name, one, keys)))
      const [{ evmChain }, { decodeEngineRevert }, { decodeFeedRevert }] = await Promise.all([
        import('../../adapters/chains/evm.ts'),
        import('../../adapters/engines/evm-engine/decode-revert.ts'),
        import('../../adapters/uptime-feeds/decode-revert.ts'),
      ])
      return evmChain({
        ...shared,
        chainId: Number(chainId),
        keys: own,
        sidecars,
        decodeRevert: (data) => decodeEngineRevert(data) ?? decodeFeedRevert(data),
      })
    }
    case 'starknet': {
      const accounts = sends ? accountsOf(chain) : []
      const own = accounts.map(
        async ({ account }) => [account.address, await keys.stark(account.key)] as const,
      )
      const deployments = accounts.flatMap(({ account: { address, deploy } }) =>
        deploy ? [[address, deploy] as const] : [],
      )
      const { starknetChain } = await import('../../adapters/chains/starknet.ts')
      return starknetChain({
        ...shared,
        chainId: chain.chainId,
        keys: Object.fromEntries(await Promise.all(own)),
        deployments: Object.fromEntries(deployments),
      })
    }
  }
}

async function evmKeyOf(
  chain: string,
  { path, account: { key: reference, address } }: SendingAccount<EvmNetworkChain>,
  keys: Keys,
): Promise<EvmKey> {
  const key = await keys.evm(reference)
  if (key.address.toLowerCase() === address.toLowerCase()) return key
  const why = `the key is that of ${key.address}, not of ${address}`
  throw new WrongKeyError([chain, ...path].join('.'), why)
}

type EvmNetworkChain = Extract<NetworkChain, { kind: 'evm' }>

/** The key of an account is another one's. */
export class WrongKeyError extends Error {
  override readonly name = 'WrongKeyError'

  constructor(account: string, why: string) {
    super(`chains.${account}.key does not fit: ${why}; name the key of that account`)
  }
}
