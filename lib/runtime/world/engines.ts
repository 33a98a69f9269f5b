import type { StarkexTold } from '../../adapters/engines/starkex/exchange.ts'
import type { StarkexLiquidationRules } from '../../adapters/engines/starkex/liquidation.ts'
import type { Rpc } from '../../adapters/rpc.ts'
import type { Lane } from '../../domain/lane.ts'
import { parseMarket } from '../../domain/market.ts'
import { signedName } from '../../domain/price-message.ts'
import { timestamp } from '../../domain/time.ts'
import { laneId } from '../../keepers/lane/lane-world.ts'
import type { Clock, Engine, OrderSource, StarkCurve, Store } from '../../ports.ts'
import type { Keys } from '../keys.ts'
import { accountFor } from '../network/accounts.ts'
import { entry } from '../network/entry.ts'
import { placeOf } from '../network/place-of.ts'
import type { Network, NetworkEngine } from '../network/schema.ts'
import type { LinkedChain } from './chains.ts'

/** The exchanges of a network file, each on its chain. The file was checked: every name leads somewhere. */
export async function composeEngines(parts: {
  readonly network: Network
  readonly keys: Keys
  /** Whether this process sends, and so signs what it sends. */
  readonly sends: boolean
  readonly chains: Readonly<Record<string, LinkedChain>>
  readonly clock: Clock
  readonly store: Pick<Store, 'lanes'>
}): Promise<Readonly<Record<string, Engine>>> {
  const entries = Object.entries(parts.network.engines).flatMap(([name, engine]) => {
    const chain = parts.chains[engine.chain]
    return chain ? [{ name, engine, chain }] : []
  })
  return Object.fromEntries(
    await Promise.all(
      entries.map(async ({ name, engine, chain }) => {
        return [name, await composeEngine(name, engine, { ...parts, chain })] as const
      }),
    ),
  )
}

/** Who only watches has no account; views are asked in nobody's name. */
const nobody = '0x0'

type EngineParts = {
  readonly network: Network
  readonly keys: Keys
  readonly sends: boolean
  readonly chain: LinkedChain
  readonly clock: Clock
  readonly store: Pick<Store, 'lanes'>
}

async function composeEngine(
  name: string,
  engine: NetworkEngine,
  parts: EngineParts,
): Promise<Engine> {
  const { network, chain, clock } = parts
  if (engine.kind === 'starkex') return composeStarkex(name, engine, parts)
  const { quorum } = engine
  const of = network.chains[engine.chain]
  const account = (of && accountFor(of, 'prices')?.account.address) ?? nobody
  const listed = listingsOf(network, name)
  const shared = {
    name,
    chain: engine.chain,
    account,
    rpc: rpcOf(chain),
    positionsFrom: engine.positionsFrom,
    ...(quorum === undefined ? {} : { quorum }),
  }
  switch (engine.kind) {
    case 'evm-engine': {
      const { evmEngine } = await import('../../adapters/engines/evm-engine/evm-engine.ts')
      return evmEngine({
        ...shared,
        address: engine.address,
        chainId: of?.kind === 'evm' ? of.chainId : 0,
        markets: listed.map(({ market }) => market),
      })
    }
    case 'starknet-perpetual': {
      const [{ starknetPerpetual }, { starkCurve }] = await Promise.all([
        import('../../adapters/engines/starknet-perpetual/starknet-perpetual.ts'),
        import('../../adapters/signers/stark-wasm/stark-curve.ts'),
      ])
      const { liquidator } = engine.liquidation ?? {}
      const liquidates = (of && accountFor(of, 'liquidation')?.account.address) ?? nobody
      return starknetPerpetual({
        ...shared,
        account: hexOf(account),
        liquidationAccount: hexOf(liquidates),
        keepsInterest: engine.interest !== undefined,
        position: liquidator?.position,
        // Read where an order is signed: not every function that sends may.
        ownKey:
          parts.sends && liquidator ? async () => parts.keys.stark(liquidator.key) : undefined,
        orders: await orderSources(engine, { ...parts, curve: starkCurve }),
        clock,
        curve: starkCurve,
        address: engine.address,
        chainId: of?.kind === 'starknet' ? of.chainId : nobody,
        generation: engine.generation,
        listings: listed.flatMap(({ market, assetId, resolutionFactor }) =>
          assetId === undefined || resolutionFactor === undefined
            ? []
            : [{ market, assetId, resolutionFactor }],
        ),
      })
    }
  }
}

type StarkexNetworkEngine = Extract<NetworkEngine, { kind: 'starkex' }>

/** By its file, since a gateway tells nothing of the exchange behind it. */
async function composeStarkex(
  name: string,
  engine: StarkexNetworkEngine,
  parts: EngineParts,
): Promise<Engine> {
  const { network, chain, clock, store } = parts
  const [{ starkexEngine }, { starkCurve }] = await Promise.all([
    import('../../adapters/engines/starkex/starkex.ts'),
    import('../../adapters/signers/stark-wasm/stark-curve.ts'),
  ])
  const account = placeOf(network, engine)
  return starkexEngine({
    name,
    chain,
    account,
    clock,
    curve: starkCurve,
    quorum: engine.quorum,
    collateral: engine.collateralResolution,
    signers: new Map(engine.signers.map((one) => [BigInt(one.key), signedName(one.name, 5)])),
    listings: listingsOf(network, name).flatMap(
      ({ market, assetId, resolutionFactor, assetName = market.replace('-', '') }) =>
        assetId === undefined || resolutionFactor === undefined
          ? []
          : [{ market, assetId, resolutionFactor, assetName: signedName(assetName, 16) }],
    ),
    feeder: chain.feeder,
    followsTransactions: chain.fates !== undefined,
    liquidation: await starkexRules(engine, parts),
    batchesFrom: engine.positionsFrom,
    maxFundingRate: engine.funding && BigInt(engine.maxFundingRate),
    told: async () =>
      toldTo(name, await store.lanes.read(laneId(engine.chain, account)), settledBefore(engine)),
  })
}

/** What the lane's row remembers of it, and of its funding what the network file knows from before. */
function toldTo(
  engine: string,
  lane: Lane | undefined,
  before: StarkexTold['funding'],
): StarkexTold {
  const prices = (lane?.told ?? []).filter((one) => one.engine === engine)
  const funding = (lane?.toldFunding ?? []).filter((one) => one.engine === engine)
  return {
    prices: Object.fromEntries(
      prices.map(({ market, price, publishedAt }) => [market, { price, publishedAt }]),
    ),
    funding: {
      ...before,
      ...Object.fromEntries(funding.map(({ market, index, at }) => [market, { index, at }])),
    },
    time: lane?.toldTime,
  }
}

type CoreNetworkEngine = Extract<NetworkEngine, { kind: 'starknet-perpetual' }>

/** Larger than a thousand orders. */
const mostOrderBytes = 2_000_000

/** The services of others who take over what is liquidated. Only who sends asks them. */
async function orderSources(
  { address: contract, chain: on, liquidation }: CoreNetworkEngine,
  { network, clock, sends, curve }: EngineParts & { readonly curve: StarkCurve },
): Promise<readonly OrderSource[]> {
  const { orders: urls = [] } = liquidation ?? {}
  const chain = network.chains[on]
  if (urls.length === 0 || !sends || chain?.kind !== 'starknet') return []
  const [{ httpClient }, { httpOrders }] = await Promise.all([
    import('../../adapters/http-client.ts'),
    import('../../adapters/engines/starknet-perpetual/http-orders.ts'),
  ])
  const client = httpClient({
    maxBytes: mostOrderBytes,
    keepAlive: true,
    headers: { 'user-agent': 'starkeep/0.1', accept: 'application/json' },
  })
  const { chainId } = chain
  return urls.map((url) => httpOrders({ url, chainId, contract, client, curve, clock }))
}

async function starkexRules(
  { liquidation }: StarkexNetworkEngine,
  { sends, keys }: EngineParts,
): Promise<StarkexLiquidationRules | undefined> {
  if (!liquidation) return undefined
  const { liquidator, collateralAsset, riskBy, risk } = liquidation
  return {
    collateralAsset: BigInt(collateralAsset),
    segmentedBy: riskBy,
    risk: Object.fromEntries(
      Object.entries(risk).map(([market, segments]) => [
        market,
        segments.map(({ upTo = 2n ** 127n, factor }) => ({ upperBound: upTo, riskFactor: factor })),
      ]),
    ),
    position: liquidator?.position,
    key: sends && liquidator ? async () => keys.stark(liquidator.key) : undefined,
  }
}

function settledBefore({ settledBefore: before }: StarkexNetworkEngine): StarkexTold['funding'] {
  if (!before) return {}
  const at = timestamp(before.at * 1000)
  return Object.fromEntries(
    Object.entries(before.indexes).map(([market, index]) => [market, { index, at }]),
  )
}

function listingsOf({ markets }: Network, engine: string) {
  return Object.entries(markets).flatMap(([symbol, { engines }]) => {
    const listing = entry(engines, engine)
    return listing ? [{ market: parseMarket(symbol), ...listing }] : []
  })
}

function rpcOf({ name, rpc }: LinkedChain): Rpc {
  if (rpc) return rpc
  throw new TypeError(`${name} has no nodes; a network file that says so was not checked`)
}

function hexOf(account: string): `0x${string}` {
  return `0x${account.replace(/^0x/, '')}`
}
