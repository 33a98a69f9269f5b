import { type Abi, encodeAbiParameters, parseAbiParameters } from 'viem'

import { compiledL1Contract } from './compiled-l1.ts'
import { type L1Sender, l1Sender } from './sender.ts'

/** What the core knows before the first update. */
export type StarknetCoreSetUp = {
  readonly programHash: bigint
  readonly aggregatorProgramHash: bigint
  readonly configHash: bigint
  /** Where Starknet stands; by default before its first block. */
  readonly state?: {
    readonly root: bigint
    readonly blockNumber: bigint
    readonly blockHash: bigint
  }
}

/** Where the parts of a core stand. */
export type StarknetCoreAddresses = {
  /** The proxy: what everyone calls. */
  readonly core: `0x${string}`
  readonly implementation: `0x${string}`
  /** Asked for facts. */
  readonly registry: `0x${string}`
}

/** Seven days, as on mainnet. */
export const usualUpgradeDelaySeconds = 7 * 24 * 60 * 60

/** Block number −1: nothing is settled. */
const beforeGenesis = { root: 0n, blockNumber: -1n, blockHash: 0n }

/** Deploys the core behind its proxy, sets it up and registers the operators. The key's account becomes the governor of both. */
export async function deployStarknetCore({
  rpcUrl,
  key,
  operators,
  setUp,
  ...rest
}: {
  readonly rpcUrl: string
  readonly key: `0x${string}`
  readonly operators: readonly `0x${string}`[]
  readonly setUp: StarknetCoreSetUp
  /** A registry that stands already; by default a new one, which knows what anyone tells it. */
  readonly registry?: `0x${string}`
  readonly upgradeDelaySeconds?: number
}): Promise<StarknetCoreAddresses> {
  const sender = await l1Sender(rpcUrl, key)
  const addresses = await placeStarknetCore(sender, rest)
  await startStarknetCore(sender, addresses, setUp)
  for (const operator of operators)
    // One after the other: each has the next nonce.
    await sender.call({
      to: addresses.core,
      abi: coreAbi(),
      name: 'registerOperator',
      args: [operator],
    })
  return addresses
}

/** The first half of a deployment: the contracts stand, and the proxy leads nowhere yet. */
export async function placeStarknetCore(
  sender: L1Sender,
  {
    registry,
    upgradeDelaySeconds = usualUpgradeDelaySeconds,
  }: { readonly registry?: `0x${string}`; readonly upgradeDelaySeconds?: number } = {},
): Promise<StarknetCoreAddresses> {
  const facts =
    registry ?? (await sender.deploy(compiledL1Contract('starknet-core', 'ToldFacts'), []))
  const implementation = await sender.deploy(compiledL1Contract('starknet-core', 'Core'), [])
  const core = await sender.deploy(proxy(), [BigInt(upgradeDelaySeconds)])
  return { core, implementation, registry: facts }
}

/** The other half: the proxy leads to the core, which is set up. */
export async function startStarknetCore(
  sender: L1Sender,
  { core, implementation, registry }: StarknetCoreAddresses,
  setUp: StarknetCoreSetUp,
): Promise<void> {
  const args = [implementation, starknetCoreInitializer(setUp, registry), false]
  const { abi } = proxy()
  await sender.call({ to: core, abi, name: 'addImplementation', args })
  await sender.call({ to: core, abi, name: 'upgradeTo', args })
}

/** The words that an announcement of the core carries: no helper, then what it is set up with. */
export function starknetCoreInitializer(
  { programHash, aggregatorProgramHash, configHash, state = beforeGenesis }: StarknetCoreSetUp,
  registry: `0x${string}`,
): `0x${string}` {
  return encodeAbiParameters(
    parseAbiParameters(
      'address helper, uint256 program, uint256 aggregator, address registry, uint256 config, uint256 root, int256 blockNumber, uint256 blockHash',
    ),
    [
      '0x0000000000000000000000000000000000000000',
      programHash,
      aggregatorProgramHash,
      registry,
      configHash,
      state.root,
      state.blockNumber,
      state.blockHash,
    ],
  )
}

function proxy() {
  return compiledL1Contract('proxy', 'Proxy')
}

function coreAbi(): Abi {
  return compiledL1Contract('starknet-core', 'Core').abi
}
