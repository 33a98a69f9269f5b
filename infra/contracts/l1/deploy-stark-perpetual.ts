import {
  concatHex,
  encodeAbiParameters,
  encodePacked,
  type Hex,
  keccak256,
  parseAbiParameters,
} from 'viem'

import { wordHex } from '../../../lib/adapters/settlement/facts/words.ts'
import {
  type SharedState,
  sharedStateWords,
} from '../../../lib/adapters/settlement/stark-perpetual/shared-state.ts'
import { compiledL1Contract } from './compiled-l1.ts'
import { type L1Sender, l1Sender } from './sender.ts'

/** Where the parts of an exchange stand. */
export type StarkPerpetualAddresses = {
  /** The proxy: what everyone calls. */
  readonly perpetual: Hex
  readonly dispatcher: Hex
  readonly parts: {
    readonly verifiers: Hex
    readonly tokens: Hex
    readonly state: Hex
    readonly forcedActions: Hex
  }
}

/** Who is asked for the facts of its batches. */
export type StarkPerpetualWitnesses = {
  /** Asks GPS about the exchange's program. */
  readonly adapter: Hex
  readonly committee: Hex
}

/** What the exchange knows before its first batch. */
export type StarkPerpetualSetUp = {
  /** Asked for proofs once the exchange is frozen. */
  readonly escapeVerifier: Hex
  readonly sequenceNumber?: bigint
  /** Without assets: the contract takes eight words. */
  readonly state: SharedState
}

/** Two weeks, as on mainnet. */
export const usualPerpetualUpgradeDelaySeconds = 14 * 24 * 60 * 60

const nobody = '0x0000000000000000000000000000000000000000'

/** Deploys the exchange behind its proxy, its adapter and committee, and sets all up so that batches can be settled. The key's account becomes governor and operator. */
export async function deployStarkPerpetual({
  rpcUrl,
  key,
  gps,
  programHash,
  committee,
  operators,
  configuration,
  setUp,
  upgradeDelaySeconds,
}: {
  readonly rpcUrl: string
  readonly key: Hex
  /** What knows facts of runs. */
  readonly gps: Hex
  /** Of the exchange's program. */
  readonly programHash: bigint
  readonly committee: { readonly members: readonly Hex[]; readonly required: number }
  readonly operators: readonly Hex[]
  readonly configuration: PerpetualConfiguration
  readonly setUp: StarkPerpetualSetUp
  readonly upgradeDelaySeconds?: number
}): Promise<StarkPerpetualAddresses & StarkPerpetualWitnesses> {
  const sender = await l1Sender(rpcUrl, key)
  const addresses = await placeStarkPerpetual(sender, upgradeDelaySeconds)
  await startStarkPerpetual(sender, addresses, setUp)
  const witnesses = {
    adapter: await placeAdapter(sender, gps, programHash),
    committee: await placeCommittee(sender, committee),
  }
  const settings: readonly Setting[] = [
    ...operators.map((operator) => ['registerOperator', [operator]] as const),
    ...configured(configuration),
    ['registerVerifier', [witnesses.adapter, adapterName]],
    ['registerAvailabilityVerifier', [witnesses.committee, committeeName]],
    ['registerTokenAdmin', [sender.address]],
    ['registerSystemAssetType', [etherType, etherInfo]],
  ]
  const abi = starkPerpetualAbi()
  for (const [name, args] of settings)
    // One after the other: each has the next nonce.
    await sender.call({ to: addresses.perpetual, abi, name, args })
  return { ...addresses, ...witnesses }
}

/** The hashes that batches must be made with. */
export type PerpetualConfiguration = {
  readonly global: bigint
  readonly assets: readonly { readonly asset: bigint; readonly hash: bigint }[]
}

type Setting = readonly [name: string, args: readonly unknown[]]

/** As there is no delay in the beginning, what is registered may be applied at once. */
function configured({ global, assets }: PerpetualConfiguration): readonly Setting[] {
  return [
    ['registerGlobalConfigurationChange', [wordHex(global)]],
    ['applyGlobalConfigurationChange', [wordHex(global)]],
    ...assets.flatMap(({ asset, hash }): readonly Setting[] => [
      ['registerAssetConfigurationChange', [asset, wordHex(hash)]],
      ['applyAssetConfigurationChange', [asset, wordHex(hash)]],
    ]),
  ]
}

/** The first half of a deployment: the contracts stand, and the proxy leads nowhere yet. */
export async function placeStarkPerpetual(
  sender: L1Sender,
  upgradeDelaySeconds: number = usualPerpetualUpgradeDelaySeconds,
): Promise<StarkPerpetualAddresses> {
  const parts = {
    verifiers: await sender.deploy(contract('AllVerifiers'), []),
    tokens: await sender.deploy(contract('PerpetualTokensAndRamping'), []),
    state: await sender.deploy(contract('PerpetualState'), []),
    forcedActions: await sender.deploy(contract('PerpetualForcedActions'), []),
  }
  const dispatcher = await sender.deploy(contract('StarkPerpetual'), [])
  const proxy = compiledL1Contract('proxy', 'Proxy')
  const perpetual = await sender.deploy(proxy, [BigInt(upgradeDelaySeconds)])
  return { perpetual, dispatcher, parts }
}

/** The other half: the proxy leads to the exchange, which is set up. */
export async function startStarkPerpetual(
  sender: L1Sender,
  { perpetual, dispatcher, parts }: StarkPerpetualAddresses,
  setUp: StarkPerpetualSetUp,
): Promise<void> {
  const args = [dispatcher, starkPerpetualInitializer(parts, setUp), false]
  const { abi } = compiledL1Contract('proxy', 'Proxy')
  await sender.call({ to: perpetual, abi, name: 'addImplementation', args })
  await sender.call({ to: perpetual, abi, name: 'upgradeTo', args })
}

/** The words that an announcement of the exchange carries: its parts, no helper, then what it is set up with. */
export function starkPerpetualInitializer(
  parts: StarkPerpetualAddresses['parts'],
  { escapeVerifier, sequenceNumber = 0n, state }: StarkPerpetualSetUp,
): Hex {
  const { verifiers, tokens, state: statePart, forcedActions } = parts
  return concatHex([
    encodeAbiParameters(parseAbiParameters('address[5]'), [
      [verifiers, tokens, statePart, forcedActions, nobody],
    ]),
    encodeAbiParameters(parseAbiParameters('address, uint256, uint256[]'), [
      escapeVerifier,
      sequenceNumber,
      sharedStateWords(state),
    ]),
  ])
}

const adapterName = 'StarkWare_GpsFactRegistryAdapter_2020_1'
const committeeName = 'StarkWare_Committee_2022_2'

/** What asks GPS about one program. */
export async function placeAdapter(sender: L1Sender, gps: Hex, program: bigint): Promise<Hex> {
  return sender.deploy(compiledL1Contract('gps', 'GpsFactRegistryAdapter'), [gps, program])
}

/** Those who say that they have a batch's data. */
export async function placeCommittee(
  sender: L1Sender,
  { members, required }: { readonly members: readonly Hex[]; readonly required: number },
): Promise<Hex> {
  return sender.deploy(contract('Committee'), [members, BigInt(required)])
}

/** ETH(), as token registers call Ether. */
const etherInfo = '0x8322fff2'
const etherType = assetTypeOf(etherInfo, 1n)

/** The name of an asset: the hash of what it is and of how it is counted, cut to what is surely in the field. */
export function assetTypeOf(info: Hex, quantum: bigint): bigint {
  return BigInt.asUintN(250, BigInt(keccak256(encodePacked(['bytes', 'uint256'], [info, quantum]))))
}

/** Every function and event of the exchange, of whichever part. */
export function starkPerpetualAbi() {
  const parts = [
    'AllVerifiers',
    'PerpetualTokensAndRamping',
    'PerpetualState',
    'PerpetualForcedActions',
  ]
  return parts.flatMap((name) =>
    contract(name).abi.filter(({ type }) => type === 'function' || type === 'event'),
  )
}

function contract(name: string) {
  return compiledL1Contract('stark-perpetual', name)
}
