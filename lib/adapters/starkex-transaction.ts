import * as z from 'zod/mini'

import { isInStarkexRange, type StarkexField } from '../domain/starkex/ranges.ts'
import type { StarkexTransaction } from '../domain/starkex/transaction.ts'
import { timestamp } from '../domain/time.ts'

/** Text of one form that stands for a number which its field can hold. */
function number(field: StarkexField, form: RegExp) {
  const read = z.transform((text: string) => BigInt(text))
  return z
    .pipe(z.string().check(z.regex(form)), read)
    .check(z.refine((value) => isInStarkexRange(field, value), `out of range for ${field}`))
}

const decimal = (field: StarkexField) => number(field, /^-?\d{1,40}$/)
const hex = (field: StarkexField) => number(field, /^0x[0-9a-f]{1,64}$/)

const seconds = z.pipe(
  decimal('time'),
  z.transform((value) => timestamp(Number(value) * 1000)),
)

const signature = z.strictObject({ r: hex('felt'), s: hex('felt') })

const signedPrice = z.strictObject({
  external_asset_id: hex('felt'),
  price: decimal('externalPrice'),
  timestamped_signature: z.strictObject({ signature, timestamp: seconds }),
})

const assetPrice = z.strictObject({
  price: decimal('price'),
  signed_prices: z.record(z.string(), signedPrice),
})

const pricesTick = z.strictObject({
  type: z.literal('ORACLE_PRICES_TICK'),
  oracle_prices: z.record(z.string(), assetPrice),
  timestamp: seconds,
})

const fundingTick = z.strictObject({
  type: z.literal('FUNDING_TICK'),
  global_funding_indices: z.strictObject({
    indices: z.record(z.string(), decimal('fundingIndex')),
    timestamp: seconds,
  }),
})

const liquidate = z.strictObject({
  type: z.literal('LIQUIDATE'),
  liquidated_position_id: decimal('positionId'),
  liquidator_order: z.strictObject({
    order_type: z.literal('LIMIT_ORDER_WITH_FEES'),
    nonce: decimal('nonce'),
    public_key: hex('felt'),
    amount_synthetic: decimal('positiveAmount'),
    amount_collateral: decimal('positiveAmount'),
    amount_fee: decimal('amount'),
    asset_id_synthetic: hex('syntheticAsset'),
    asset_id_collateral: hex('felt'),
    position_id: decimal('positionId'),
    is_buying_synthetic: z.boolean(),
    expiration_timestamp: decimal('time'),
    signature,
  }),
  actual_collateral: decimal('amount'),
  actual_synthetic: decimal('positiveAmount'),
  actual_liquidator_fee: decimal('amount'),
})

const deleverage = z.strictObject({
  type: z.literal('DELEVERAGE'),
  deleveraged_position_id: decimal('positionId'),
  deleverager_position_id: decimal('positionId'),
  synthetic_asset_id: hex('syntheticAsset'),
  amount_synthetic: decimal('amount'),
  amount_collateral: decimal('amount'),
  deleverager_is_buying_synthetic: z.boolean(),
})

const Transaction = z.discriminatedUnion('type', [pricesTick, fundingTick, liquidate, deleverage])

/** A transaction of a kind that keepers send, from JSON; undefined where it is another kind, or is not as gateways write it. */
export function readStarkexTransaction(json: unknown): StarkexTransaction | undefined {
  const read = Transaction.safeParse(json)
  if (!read.success) return undefined
  const { data } = read
  switch (data.type) {
    case 'ORACLE_PRICES_TICK':
      return pricesOf(data)
    case 'FUNDING_TICK':
      return fundingOf(data)
    case 'LIQUIDATE':
      return liquidateOf(data)
    case 'DELEVERAGE':
      return {
        type: data.type,
        deleveraged: data.deleveraged_position_id,
        deleverager: data.deleverager_position_id,
        asset: data.synthetic_asset_id,
        synthetic: data.amount_synthetic,
        collateral: data.amount_collateral,
        isDeleveragerBuying: data.deleverager_is_buying_synthetic,
      }
  }
}

function pricesOf({
  type,
  timestamp: at,
  oracle_prices: prices,
}: z.output<typeof pricesTick>): StarkexTransaction | undefined {
  const keyed = keyedBy(prices, hex('syntheticAsset'))?.map(({ key: assetId, value }) => {
    const signed = keyedBy(value.signed_prices, hex('felt'))
    return signed && { assetId, price: value.price, signed: signed.map(signatureOf) }
  })
  if (keyed === undefined || !keyed.every((one) => one !== undefined)) return undefined
  return { type, at, prices: keyed }
}

function signatureOf({ key, value }: Keyed<z.output<typeof signedPrice>>) {
  const { signature: rs, timestamp: at } = value.timestamped_signature
  return { key, externalAssetId: value.external_asset_id, wire: value.price, at, ...rs }
}

function fundingOf({
  type,
  global_funding_indices: { indices, timestamp: at },
}: z.output<typeof fundingTick>): StarkexTransaction | undefined {
  const ticks = keyedBy(indices, hex('syntheticAsset'))
  return ticks && { type, at, ticks: ticks.map(({ key, value }) => tickOf(key, value)) }
}

function tickOf(assetId: bigint, fundingIndex: bigint) {
  return { assetId, fundingIndex }
}

function liquidateOf({
  liquidator_order: order,
  ...data
}: z.output<typeof liquidate>): StarkexTransaction {
  return {
    type: data.type,
    liquidated: data.liquidated_position_id,
    order: {
      nonce: order.nonce,
      publicKey: order.public_key,
      synthetic: order.amount_synthetic,
      collateral: order.amount_collateral,
      fee: order.amount_fee,
      syntheticAsset: order.asset_id_synthetic,
      collateralAsset: order.asset_id_collateral,
      position: order.position_id,
      isBuying: order.is_buying_synthetic,
      expirationHours: order.expiration_timestamp,
      ...order.signature,
    },
    actualCollateral: data.actual_collateral,
    actualSynthetic: data.actual_synthetic,
    actualFee: data.actual_liquidator_fee,
  }
}

type Keyed<T> = { readonly key: bigint; readonly value: T }

/** In the order of the keys as numbers; undefined where one is no number of that form, or is there twice. */
function keyedBy<T>(
  record: Readonly<Record<string, T>>,
  form: ReturnType<typeof hex>,
): readonly Keyed<T>[] | undefined {
  const keyed: Keyed<T>[] = []
  for (const [text, value] of Object.entries(record)) {
    const key = form.safeParse(text)
    if (!key.success) return undefined
    keyed.push({ key: key.data, value })
  }
  if (new Set(keyed.map(({ key }) => key)).size < keyed.length) return undefined
  return keyed.toSorted((one, other) => (one.key < other.key ? -1 : 1))
}
