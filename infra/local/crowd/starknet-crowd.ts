import { createHash } from 'node:crypto'

import { parseMarket } from '../../../lib/domain/market.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'
import type { Network } from '../../../lib/runtime/network/schema.ts'
import type { MarketModel } from '../market/market.ts'
import type { BoxOptionsInput } from '../starknet-box/box-options.ts'

type Setup = NonNullable<BoxOptionsInput['setup']>

/** An asset of the local core and what it costs when the chain begins. */
export type CrowdAsset = {
  readonly assetId: string
  /** Smallest units in one whole unit. */
  readonly resolutionFactor: bigint
  /** USD for a whole unit. */
  readonly price: number
}

/** What each of the core's markets costs now, where the market model says it: about that, as one venue has it in dollars of some kind. */
export function crowdAssets(
  { markets }: Network,
  model: MarketModel,
  at: Timestamp,
): readonly CrowdAsset[] {
  return Object.entries(markets).flatMap(([symbol, { engines }]) => {
    const { assetId, resolutionFactor } = engines['core'] ?? {}
    if (assetId === undefined || resolutionFactor === undefined) return []
    const [base] = parseMarket(symbol).split('-')
    for (const { venue, instrument } of model.covers()) {
      const isIt = instrument.kind === 'spot' && instrument.base === base
      const quote = isIt && dollars.has(instrument.quote) && model.quote(venue, instrument, at)
      const price = quote ? (quote.last ?? quote.bid) : undefined
      if (price) return [{ assetId, resolutionFactor, price: price.toNumber() }]
    }
    return []
  })
}

const dollars = new Set(['USD', 'USDT', 'USDC'])

/** Of the core. */
const insuranceFund = '1'
export const localLiquidator = '100'
const house = '101'
const firstTrader = 1_000

const traders = 24
const usd = 1_000_000n
const traderMoney = 10_000n * usd
const houseMoney = 100_000_000n * usd
const liquidatorMoney = 20_000_000n * usd
const insuranceMoney = 100_000n * usd

/**
 * People who hold something on the local core from its first block on, so that there is somebody to liquidate: one to three
 * markets each at 3 to 15 times leverage, long or short, against a house that takes every other side. Nobody follows them:
 * an operator's nonce is for one sender, which is ours.
 */
export function starknetCrowd({
  assets,
  publicKey,
  seed,
}: {
  readonly assets: readonly CrowdAsset[]
  /** Of whoever takes over what is liquidated; the others sign nothing. */
  readonly publicKey: string
  readonly seed: string
}): Pick<Setup, 'people' | 'deals'> {
  const names = Array.from({ length: traders }, (_, at) => String(firstTrader + at))
  const person = (id: string, money: bigint) => ({
    id,
    ownerPublicKey: publicKey,
    money: String(money),
  })
  return {
    people: [
      person(insuranceFund, insuranceMoney),
      person(localLiquidator, liquidatorMoney),
      person(house, houseMoney),
      ...names.map((id) => person(id, traderMoney)),
    ],
    deals: names.flatMap((id, at) => dealsOf({ id, at, assets, seed })),
  }
}

function dealsOf({
  id,
  at,
  assets,
  seed,
}: {
  readonly id: string
  readonly at: number
  readonly assets: readonly CrowdAsset[]
  readonly seed: string
}): NonNullable<Setup['deals']> {
  const luck = createHash('sha256').update(`${seed} ${id}`).digest()
  const legs = Math.min(assets.length, 1 + ((luck[0] ?? 0) % 3))
  const leverage = 3n + BigInt((luck[1] ?? 0) % 13)
  return Array.from({ length: legs }, (_, leg) => {
    const asset = assets[(at + leg) % assets.length]
    const worth = (traderMoney * leverage) / BigInt(legs)
    const price = BigInt(Math.round((asset?.price ?? 0) * 1e6))
    const size = asset && price > 0n ? (worth * asset.resolutionFactor) / price : 0n
    const isLong = ((luck[2 + leg] ?? 0) & 1) === 0
    return {
      a: id,
      b: house,
      assetId: asset?.assetId ?? '0x0',
      base: String(isLong ? size : -size),
      quote: String(isLong ? -worth : worth),
    }
  }).filter(({ base }) => base !== '0')
}
