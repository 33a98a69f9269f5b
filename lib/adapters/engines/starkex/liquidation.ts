import { createHash } from 'node:crypto'

import type { Deleverage, Liquidate } from '../../../domain/action.ts'
import type { LiquidationLook } from '../../../domain/liquidation/liquidation-look.ts'
import type { StarkexOffer, StarkexWish } from '../../../domain/liquidation/starkex-offer.ts'
import type { RiskSegment, StarkexMarks } from '../../../domain/margin/starkex-margin.ts'
import { priceToWire, starkexPrice } from '../../../domain/price-message.ts'
import { writeStarkexTransaction } from '../../../domain/starkex/write-transaction.ts'
import { timestamp, type Timestamp } from '../../../domain/time.ts'
import type { Block, Call } from '../../../domain/transaction.ts'
import type { StarkCurve, StarkexOrderSource, StarkKey } from '../../../ports.ts'
import { feltHex } from '../../starknet-felt.ts'
import { UnfitUpdateError } from '../starknet-perpetual/errors.ts'
import type { StarkexExchange, StarkexTold } from './exchange.ts'
import { signStarkexOrder } from './order-hash.ts'

/** What of an exchange's configuration decides about accounts, and who takes over. */
export type StarkexLiquidationRules = {
  readonly collateralAsset: bigint
  readonly segmentedBy: 'balance' | 'notional'
  /** By market. */
  readonly risk: Readonly<Record<string, readonly RiskSegment[]>>
  /** Our own position, and its owner's key where this process signs. */
  readonly position: string | undefined
  readonly key: (() => Promise<StarkKey>) | undefined
}

/**
 * All that decides about accounts, by what the exchange was told. A market whose risk is not known has no mark, nor has one that
 * funding of ours has not reached yet: nobody who holds it can be touched there.
 */
export function starkexLiquidationLook(
  { listings, collateral }: StarkexExchange,
  rules: Pick<StarkexLiquidationRules, 'risk' | 'segmentedBy' | 'position'>,
  seen: {
    readonly told: StarkexTold
    /** Of the newest batch, and of now. */
    readonly batch: Block
    readonly now: Timestamp
    /** Whether its funding is settled here, so that an index that we do not know of is none. */
    readonly settlesFunding: boolean
  },
): LiquidationLook {
  const { told, batch, now, settlesFunding } = seen
  const listed = [...listings.values()].map((one) => ({ ...one, asset: feltHex(one.assetId) }))
  const marks: StarkexMarks = Object.fromEntries(
    listed.flatMap(({ market, asset, resolutionFactor }) => {
      const price = told.prices[market]?.price
      const segments = rules.risk[market]
      const index = told.funding[market]?.index ?? (settlesFunding ? undefined : 0n)
      if (!price || !segments || index === undefined) return []
      const resolution = { asset: resolutionFactor, collateral }
      const mark = {
        price: starkexPrice(priceToWire(price), resolution),
        fundingIndex: index,
        segments,
        segmentedBy: rules.segmentedBy,
      }
      return [[asset, mark]]
    }),
  )
  return {
    kind: 'starkex',
    block: { number: batch.number, hash: batch.hash, time: now },
    accountsAt: batch.time,
    paused: false,
    from: timestamp(0),
    markets: Object.fromEntries(listed.map(({ market, asset }) => [asset, market])),
    dollar: collateral,
    pricedAt: Object.fromEntries(
      listed.flatMap(({ market, asset }) => {
        const at = told.prices[market]?.publishedAt
        return at === undefined ? [] : [[asset, at] as const]
      }),
    ),
    marks,
    liquidator: rules.position === undefined ? undefined : { id: rules.position },
  }
}

/** Good until the end of the hour after the next one: a day's order could be kept for another day. */
const lifeHours = 2n

/** Orders of our own position, for exactly what is wished: each slot has others, so that none is used up by an earlier one. */
export function ownStarkexOrders({
  engine,
  position,
  key,
  collateralAsset,
  curve,
  now,
}: {
  readonly engine: string
  readonly position: string
  /** Asked for with the first order. */
  readonly key: () => Promise<StarkKey>
  readonly collateralAsset: bigint
  readonly curve: StarkCurve
  readonly now: () => Timestamp
}): StarkexOrderSource {
  async function offer(wish: StarkexWish, slot: number): Promise<StarkexOffer> {
    const { asset, isBuying, synthetic, collateral } = wish
    const owner = await key()
    const order = {
      nonce: nonceOf(`${engine} ${position} ${asset} ${isBuying} ${slot}`),
      publicKey: BigInt(owner.publicKey),
      synthetic,
      collateral,
      // What the plan takes of it is our own ceiling, in bps of what is paid.
      fee: collateral / mostFeePart,
      syntheticAsset: BigInt(asset),
      collateralAsset,
      position: BigInt(position),
      isBuying,
      expirationHours: BigInt(Math.floor(now() / 3_600_000)) + lifeHours,
    }
    return { order: await signStarkexOrder(curve, order, owner), filled: 0n }
  }
  return {
    name: `position ${position}`,
    offers: async (wishes, slot) => Promise.all(wishes.map(async (wish) => offer(wish, slot))),
  }
}

/** Our own orders allow a tenth at most: the network file's ceiling is below that. */
const mostFeePart = 10n

/** Nonces are of 32 bits. */
function nonceOf(text: string): bigint {
  return BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 8)}`)
}

/** One account and its order: one id is one transaction. */
export function liquidateCall({ engine }: StarkexExchange, { updates }: Liquidate): Call {
  const [part, more] = updates
  if (!part || more) throw new UnfitUpdateError(engine, 'many', 'one transaction is of one account')
  const { account, market, size, cash, starkex } = part
  if (!starkex) throw new UnfitUpdateError(engine, market, 'nobody has signed an order for it')
  const transaction = writeStarkexTransaction({
    type: 'LIQUIDATE',
    liquidated: BigInt(account),
    order: starkex.order,
    actualCollateral: cash < 0n ? -cash : cash,
    actualSynthetic: size,
    actualFee: starkex.fee,
  })
  return { kind: 'starkex', transaction }
}

/** One account and one counterparty. */
export function deleverageCall({ engine }: StarkexExchange, { updates }: Deleverage): Call {
  const [part, more] = updates
  if (!part || more) throw new UnfitUpdateError(engine, 'many', 'one transaction is of one account')
  const { account, counterparty, asset, market, size, base, quote } = part
  if (base === undefined || quote === undefined)
    throw new UnfitUpdateError(engine, market, 'it was not decided at which price')
  const transaction = writeStarkexTransaction({
    type: 'DELEVERAGE',
    deleveraged: BigInt(account),
    deleverager: BigInt(counterparty),
    asset: BigInt(asset),
    synthetic: size,
    collateral: quote < 0n ? -quote : quote,
    isDeleveragerBuying: base < 0n,
  })
  return { kind: 'starkex', transaction }
}
