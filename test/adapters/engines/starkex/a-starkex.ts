import type { GatewayConfigInput } from '../../../../infra/local/starkex-gateway/gateway-config.ts'
import { starkexChain } from '../../../../lib/adapters/chains/starkex.ts'
import type { StarkexTold } from '../../../../lib/adapters/engines/starkex/exchange.ts'
import type { StarkexLiquidationRules } from '../../../../lib/adapters/engines/starkex/liquidation.ts'
import { starkexEngine } from '../../../../lib/adapters/engines/starkex/starkex.ts'
import type { MutualTls } from '../../../../lib/adapters/http-client.ts'
import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import type { StarkexFeeder } from '../../../../lib/adapters/starkex-feeder.ts'
import type { PriceUpdate, PushPrices } from '../../../../lib/domain/action.ts'
import { Decimal } from '../../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import { medianWire, priceFromWire, priceToWire } from '../../../../lib/domain/price-message.ts'
import type { SignedReport } from '../../../../lib/domain/report.ts'
import { timestamp, type Timestamp } from '../../../../lib/domain/time.ts'
import type { Chain, Clock, Engine, OracleKeys } from '../../../../lib/ports.ts'
import { starkKey, wallClock } from '../../chains/keys.ts'

export const btc = parseMarket('BTC-USD')
export const eth = parseMarket('ETH-USD')

/** BTC-10 and ETH-9 in 15 bytes, and their names as oracles write them. */
const assets = {
  BTC: { assetId: '0x4254432d3130000000000000000000', resolution: 10n ** 10n, name: 'BTCUSD' },
  ETH: { assetId: '0x4554482d3900000000000000000000', resolution: 10n ** 9n, name: 'ETHUSD' },
} as const

export const oracleNodes: readonly OracleKeys[] = ['0x101', '0x202', '0x303'].map((secret, at) => ({
  node: `oracle-${at + 1}`,
  stark: starkKey(secret),
  evm: undefined,
}))

const names = ['Orcl1', 'Orcl2', 'Orcl3']

/** ASCII, left in so many bytes. */
function padded(text: string, bytes: number): bigint {
  return BigInt(`0x${Buffer.from(text.padEnd(bytes, '\0'), 'latin1').toString('hex')}`)
}

function keysOf(): readonly bigint[] {
  return oracleNodes.map(({ stark }) => BigInt(stark?.publicKey ?? 0))
}

const hex = (value: bigint): `0x${string}` => `0x${value.toString(16)}`

/** As its operator has set it up. */
export function gatewayConfig(change: Partial<GatewayConfigInput> = {}): GatewayConfigInput {
  return {
    collateralResolution: '1000000',
    assets: Object.values(assets).map(({ assetId, resolution, name }) => ({
      assetId,
      resolution: String(resolution),
      quorum: 2,
      signers: keysOf().map(hex),
      signedAssetIds: names.map((oracle) => hex((padded(name, 16) << 40n) | padded(oracle, 5))),
    })),
    ...change,
  }
}

const nothingTold: StarkexTold = { prices: {}, funding: {}, time: undefined }

export type Starkex = { readonly chain: Chain; readonly engine: Engine }

/** The exchange as our adapters see it. */
export function openStarkex({
  url,
  tls,
  clock = wallClock,
  timeoutMs,
  told = async () => Promise.resolve(nothingTold),
  maxFundingRate = 1_120n,
  feeder,
  batchesFrom = 0,
  liquidation,
}: {
  readonly url: string
  readonly tls?: MutualTls
  readonly clock?: Clock
  readonly timeoutMs?: number
  readonly told?: () => Promise<StarkexTold>
  readonly maxFundingRate?: bigint
  readonly feeder?: StarkexFeeder
  readonly batchesFrom?: number
  readonly liquidation?: StarkexLiquidationRules
}): Starkex {
  const chain = starkexChain({
    name: 'starkex',
    url,
    tls: tls && (async () => Promise.resolve(tls)),
    clock,
    timeoutMs,
    blockSeconds: 1,
  })
  const engine = starkexEngine({
    name: 'perps',
    chain,
    account: 'perps-main',
    listings: [
      { market: btc, ...assets.BTC },
      { market: eth, ...assets.ETH },
    ].map(({ market, assetId, resolution, name }) => {
      return { market, assetId, resolutionFactor: resolution, assetName: padded(name, 16) }
    }),
    collateral: 10n ** 6n,
    signers: new Map(keysOf().map((key, at) => [key, padded(names[at] ?? '', 5)])),
    quorum: 2,
    clock,
    curve: starkCurve,
    maxFundingRate,
    told,
    feeder,
    followsTransactions: feeder !== undefined,
    batchesFrom,
    liquidation,
  })
  return { chain, engine }
}

/** Reports of the three nodes, each with its price, signed for the engine. */
export async function reportsOf(
  engine: Engine,
  told: {
    readonly market: typeof btc
    readonly prices: readonly string[]
    readonly at: Timestamp
    readonly round?: number
  },
): Promise<readonly SignedReport[]> {
  const { market, prices, at, round = 1 } = told
  return Promise.all(
    prices.map(async (price, index) => {
      const report = {
        feed: market,
        round,
        price: new Decimal(price),
        observedAt: at,
        oldestInputAt: at,
        sources: 3,
        configHash: '0x01' as const,
      }
      const keys = oracleNodes[index]
      if (!keys) throw new RangeError('there are three nodes')
      const [signature] = await engine.signAll([report], keys)
      if (!signature) throw new Error(`${keys.node} cannot sign ${market}`)
      return { ...report, node: keys.node, signatures: { [engine.name]: signature } }
    }),
  )
}

export async function updateOf(
  engine: Engine,
  told: Parameters<typeof reportsOf>[1],
): Promise<PriceUpdate> {
  const wire = medianWire(told.prices.map((price) => priceToWire(new Decimal(price))))
  const reports = await reportsOf(engine, told)
  return { market: told.market, price: priceFromWire(wire), reports }
}

/** Both markets at one price each, as of now or so. */
export async function actionOf(
  engine: Engine,
  { round = 1, price = '100', at = secondOf(wallClock.now()) } = {},
): Promise<PushPrices> {
  const prices = [price, price, price]
  const updates = await Promise.all(
    [btc, eth].map(async (market) => updateOf(engine, { market, prices, at, round })),
  )
  return { kind: 'push-prices', engine: engine.name, round, updates }
}

/** Reports are of whole seconds. */
export function secondOf(at: Timestamp): Timestamp {
  return timestamp(Math.floor(at / 1000) * 1000)
}
