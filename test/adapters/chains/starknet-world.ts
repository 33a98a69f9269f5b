import type { CoreConfig } from '../../../infra/contracts/core/core-config.ts'
import type { PushPrices } from '../../../lib/domain/action.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import type { StarknetFee } from '../../../lib/domain/fee.ts'
import { type Market, parseMarket } from '../../../lib/domain/market.ts'
import type { SignedReport } from '../../../lib/domain/report.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'
import type { Engine, OracleKeys } from '../../../lib/ports.ts'
import { starkKey } from './keys.ts'

/** Worthless secrets. */
export const oracles = [
  { node: 'north', stark: starkKey('0x3e9'), evm: undefined },
  { node: 'east', stark: starkKey('0x3ea'), evm: undefined },
  { node: 'west', stark: starkKey('0x3eb'), evm: undefined },
] as const satisfies readonly OracleKeys[]

export const btc = listing('BTC', 6)
export const eth = listing('ETH', 4)
export const sol = listing('SOL', 3)

function listing(base: string, digits: number) {
  const market: Market = parseMarket(`${base}-USD`)
  const assetId: `0x${string}` = `0x${ascii(`${base}-${digits}`, 15).toString(16)}`
  return { market, assetId, resolutionFactor: 10n ** BigInt(digits) }
}

/** Three markets that all three oracles are registered for; two reports make a price. */
export function suiteConfig(operator: bigint): CoreConfig {
  return {
    governor: operator,
    operators: [operator],
    maxPriceInterval: 86_400n,
    maxOraclePriceValidity: 600n,
    maxFundingInterval: 86_400n,
    maxFundingRate: 35_792n,
    assets: [btc, eth, sol].map(({ market, assetId, resolutionFactor }) => ({
      assetId: BigInt(assetId),
      resolutionFactor,
      quorum: 2,
      oracles: oracles.map(({ node, stark }) => ({
        publicKey: BigInt(stark.publicKey),
        assetName: ascii(`${market.replace('-', '')}MARK`, 16),
        oracleName: ascii(node, 5),
      })),
      riskFactorTiers: [10, 20],
      firstTierBoundary: 100_000_000_000n,
      tierSize: 50_000_000_000n,
    })),
  }
}

function ascii(text: string, bytes: number): bigint {
  return BigInt(`0x${Buffer.from(text.padEnd(bytes, '\0'), 'latin1').toString('hex')}`)
}

/** More than anything here costs, and less than the accounts have. */
export const ample: StarknetFee = {
  kind: 'starknet',
  tip: 0n,
  l1Gas: { maxAmount: 0n, maxPricePerUnit: 10n ** 13n },
  l2Gas: { maxAmount: 50_000_000n, maxPricePerUnit: 10n ** 11n },
  l1DataGas: { maxAmount: 10_000n, maxPricePerUnit: 10n ** 12n },
}

/** A market and what the oracles say of it, the first oracle's price first. */
export type Told = { readonly listing: typeof btc; readonly prices: readonly string[] }

export async function actionOf(
  engine: Engine,
  told: readonly Told[],
  at: Timestamp,
): Promise<PushPrices> {
  const updates = await Promise.all(
    told.map(async ({ listing: { market }, listing: listed, prices }) => {
      const reports = await Promise.all(
        oracles
          .slice(0, prices.length)
          .map(async (keys, index) =>
            reportOf(engine, { listing: listed, price: prices[index] ?? '0', at }, keys),
          ),
      )
      return { market, price: median(prices), reports }
    }),
  )
  return { kind: 'push-prices', engine: engine.name, round: 1, updates }
}

function median(prices: readonly string[]): Decimal {
  const sorted = prices.map((price) => new Decimal(price)).toSorted((a, b) => a.cmp(b))
  const low = sorted[(sorted.length - 1) >> 1] ?? new Decimal(0)
  return low.plus(sorted[sorted.length >> 1] ?? low).div(2)
}

export async function reportOf(
  engine: Engine,
  said: { readonly listing: typeof btc; readonly price: string; readonly at: Timestamp },
  keys: OracleKeys,
): Promise<SignedReport> {
  const report = {
    feed: said.listing.market,
    round: 1,
    price: new Decimal(said.price),
    observedAt: said.at,
    oldestInputAt: said.at,
    sources: 5,
    configHash: '0x00',
  } as const
  const [signature] = await engine.signAll([report], keys)
  if (!signature) throw new Error(`${keys.node} has no signature`)
  return { ...report, node: keys.node, signatures: { [engine.name]: signature } }
}

export function pricesIn(prices: Readonly<Record<string, { readonly price: Decimal }>>) {
  return Object.fromEntries(
    Object.entries(prices).map(([market, { price }]) => [market, price.toString()]),
  )
}
