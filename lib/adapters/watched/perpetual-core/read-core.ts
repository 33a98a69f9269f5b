import type { Rpc, RpcRequest } from '../../rpc.ts'
import { feltHex, FeltHex, selectorOf, signedFelt } from '../../starknet-felt.ts'
import { blockBy, type BlockId, view } from '../../starknet-read.ts'
import { viewsThere } from '../ask-places.ts'
import type { CoreReaders, Generation } from './core-readers.ts'
import { assetName, tiersText } from './core-words.ts'

type Hex = `0x${string}`

/** What one node tells of the exchange as a whole. */
export type CoreTold = {
  readonly upgradeDelaySeconds: number | undefined
  readonly settings: Readonly<Record<string, string | undefined>>
}

const limits = [
  ['maxFundingIntervalSeconds', 'get_max_funding_interval'],
  ['maxPriceIntervalSeconds', 'get_max_price_interval'],
  ['maxOraclePriceValiditySeconds', 'get_max_oracle_price_validity'],
  ['maxFundingRate', 'get_max_funding_rate'],
  ['maxInterestRatePerSecond', 'get_max_interest_rate_per_sec'],
  ['upgradeDelaySeconds', 'get_upgrade_delay'],
] as const

/** StarkWare's roles; its component tells each with a view of its own, access control beneath it all of them with one. */
const roles = [
  'app_governor',
  'app_role_admin',
  'governance_admin',
  'operator',
  'security_admin',
  'security_agent',
  'security_governor',
  'upgrade_agent',
  'upgrade_governor',
] as const

/** Settings that no asset has, at the newest block. Throws where nothing answers, or with the node's trouble. */
export async function readCoreSettings(
  rpc: Rpc,
  { core, accounts }: { readonly core: Hex; readonly accounts: readonly Hex[] },
): Promise<CoreTold> {
  const ask = (entrypoint: string, ...calldata: readonly bigint[]) =>
    view({ contract: core, entrypoint, calldata, at: 'latest' })
  const [hash] = await rpc.values([classHash(core, 'latest')])
  const [paused, ...answers] = await viewsThere(
    rpc,
    [
      ask('is_paused'),
      ...limits.map(([, entrypoint]) => ask(entrypoint)),
      ...accounts.flatMap((account) => [
        ...roles.map((role) => ask(`is_${role}`, BigInt(account))),
        ...roles.map((role) => {
          const id = BigInt(selectorOf(`ROLE_${role.toUpperCase()}`))
          return ask('has_role', id, BigInt(account))
        }),
      ]),
    ],
    isNotThere,
  )
  if (paused?.[0] === undefined) throw new NoPerpetualCoreError(core)
  const numbers = limits.map(([name], at) => [name, answers[at]?.[0]?.toString()] as const)
  const held = accounts.map((account, at) => {
    const own = answers.slice(limits.length + at * 2 * roles.length)
    const some = roles.filter(
      (_, role) => own[role]?.[0] === 1n || own[roles.length + role]?.[0] === 1n,
    )
    return [`roles:${account}`, some.join(' ').replaceAll('_', '-') || 'none'] as const
  })
  const { upgradeDelaySeconds } = Object.fromEntries(numbers)
  return {
    upgradeDelaySeconds:
      upgradeDelaySeconds === undefined ? undefined : Number(upgradeDelaySeconds),
    settings: {
      classHash: hash,
      paused: String(paused[0] === 1n),
      ...Object.fromEntries(numbers),
      ...Object.fromEntries(held),
    },
  }
}

/** The exchange's clocks in unix seconds, and its assets, all of one block. */
export type CoreClocks = {
  readonly classHash: Hex
  readonly generation: Generation
  readonly lastFundingTick: number
  readonly maxFundingInterval: number
  readonly maxPriceInterval: number
  /** When the exchange's own time was moved last; absent where it has none. */
  readonly exchangeTimeUpdated?: number
  /** By how much of its price an index may change in a second, scale 2^32; absent where nothing tells. */
  readonly maxFundingRate?: bigint
  /** What position 1 is worth, in millionths of a USD; absent where the contract knows no such position. */
  readonly insuranceFund?: bigint
  readonly activeSynthetics: number
  readonly assets: readonly AssetTold[]
  readonly block: number
}

export type AssetTold = {
  readonly id: bigint
  readonly name: string
  readonly isActive: boolean
  readonly isSynthetic: boolean
  readonly resolutionFactor: bigint
  /** In millionths of a USD for one smallest unit, scale 2^28. */
  readonly price: bigint
  /** 0 before the first price. */
  readonly lastPriceUpdate: number
  /** Millionths of a USD that one smallest unit held long has paid, scale 2^32. */
  readonly fundingIndex: bigint
  readonly settings: Readonly<Record<string, string>>
}

/** Where liquidations pay to, and losses are paid from (starknet-perpetual, positions.cairo). */
const insuranceFundPosition = 1n

/** `known`: the generation of a class that was seen before, since its ABI is large. `block`: the newest one unless it is named. */
export async function readCoreClocks(
  rpc: Rpc,
  {
    core,
    assets,
    readers,
    known,
    block: number,
  }: {
    readonly core: Hex
    readonly assets: readonly bigint[]
    readonly readers: CoreReaders
    readonly known: { readonly classHash: string; readonly generation: Generation } | undefined
    readonly block?: number | undefined
  },
): Promise<CoreClocks> {
  const id = number === undefined ? 'latest' : { block_number: number }
  const [block] = await rpc.values([blockBy(id)])
  const at = { block_hash: block.hash }
  const [hash] = await rpc.values([classHash(core, at)])
  const generation =
    known?.classHash === hash ? known.generation : await generationOf(rpc, core, readers)
  const ask = (entrypoint: string, ...calldata: readonly bigint[]) =>
    view({ contract: core, entrypoint, calldata, at })
  const [tick, fundingInterval, priceInterval, active, updated, rate, fund] = await viewsThere(
    rpc,
    [
      ask('get_last_funding_tick'),
      ask('get_max_funding_interval'),
      ask('get_max_price_interval'),
      ask('get_num_of_active_synthetic_assets'),
      ask('get_time_of_last_update'),
      ask('get_max_funding_rate'),
      ask('get_position_tv_tr', insuranceFundPosition),
    ],
    isNotThere,
  )
  if (
    tick?.[0] === undefined ||
    fundingInterval?.[0] === undefined ||
    priceInterval?.[0] === undefined
  )
    throw new NoPerpetualCoreError(core)
  return {
    classHash: hash,
    generation,
    lastFundingTick: Number(tick[0]),
    maxFundingInterval: Number(fundingInterval[0]),
    maxPriceInterval: Number(priceInterval[0]),
    ...(updated?.[0] !== undefined && { exchangeTimeUpdated: Number(updated[0]) }),
    ...(rate?.[0] !== undefined && { maxFundingRate: rate[0] }),
    ...(fund?.[0] !== undefined && { insuranceFund: signedFelt(fund[0]) }),
    activeSynthetics: Number(active?.[0] ?? 0n),
    assets: await readAssets(rpc, assets, { core, generation, readers, at }),
    block: block.number,
  }
}

async function readAssets(
  rpc: Rpc,
  ids: readonly bigint[],
  {
    core,
    generation,
    readers,
    at,
  }: {
    readonly core: Hex
    readonly generation: Generation
    readonly readers: CoreReaders
    readonly at: BlockId
  },
): Promise<readonly AssetTold[]> {
  const asked = ids.map((id) => ({ contract: core, generation, assetId: feltHex(id), at }))
  const [configs, timelies, tiers] = await Promise.all([
    there(
      rpc,
      asked.map((one) => readers.assetConfig(one)),
    ),
    there(
      rpc,
      asked.map((one) => readers.timelyData(one)),
    ),
    there(
      rpc,
      asked.map(({ assetId }) => readers.riskFactorTiers(core, assetId, at)),
    ),
  ])
  return ids.flatMap((id, index) => {
    const [config, timely] = [configs[index], timelies[index]]
    // One that the exchange does not know has neither.
    if (!config || !timely) return []
    const { status, kind, quorum, resolutionFactor } = config
    const name = assetName(id)
    return {
      id,
      name,
      isActive: status === 'active',
      isSynthetic: kind === 'synthetic',
      resolutionFactor,
      price: timely.price,
      lastPriceUpdate: Number(timely.lastPriceUpdate),
      fundingIndex: timely.fundingIndex,
      settings: {
        [`asset:${name}`]: `${status} ${kind}, quorum ${quorum}, resolution ${resolutionFactor}`,
        [`tiers:${name}`]: tiersText({ ...config, tiers: tiers[index] ?? [] }),
      },
    }
  })
}

async function there<T>(
  rpc: Rpc,
  requests: readonly RpcRequest<T>[],
): Promise<readonly (T | undefined)[]> {
  if (requests.length === 0) return []
  return viewsThere(rpc, requests, isNotThere)
}

async function generationOf(rpc: Rpc, core: Hex, readers: CoreReaders): Promise<Generation> {
  const [generation] = await rpc.values([readers.generationAt(core)])
  if (generation === undefined) throw new NoPerpetualCoreError(core)
  return generation
}

function classHash(core: Hex, at: BlockId): RpcRequest<Hex> {
  return {
    method: 'starknet_getClassHashAt',
    params: { block_id: at, contract_address: core },
    read: (result) => FeltHex.parse(result),
  }
}

/** starknet-specs: ENTRYPOINT_NOT_FOUND, CONTRACT_ERROR. */
const notThere = new Set([21, 40])

function isNotThere({ code }: { readonly code: number }): boolean {
  return notThere.has(code)
}

/** Nothing answers as starknet-perpetual's core. */
export class NoPerpetualCoreError extends Error {
  override readonly name = 'NoPerpetualCoreError'

  constructor(core: string) {
    super(`nothing answers as an exchange's core at ${core}`)
  }
}
