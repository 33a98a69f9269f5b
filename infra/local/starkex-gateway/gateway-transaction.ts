import { z } from 'zod'

/** Amounts, prices and times are decimal text, ids and signatures hex in lower case (fields.py of the committee's sources). */
const decimal = z.string().regex(/^(?:0|[1-9]\d*)$/)
const signed = z.string().regex(/^(?:0|-?[1-9]\d*)$/)
const hex = z.string().regex(/^0x[0-9a-f]+$/)

const Signature = z.strictObject({ r: hex, s: hex })

const SignedPrice = z.strictObject({
  external_asset_id: hex,
  price: decimal,
  timestamped_signature: z.strictObject({ signature: Signature, timestamp: decimal }),
})

const AssetPrice = z.strictObject({
  price: decimal,
  signed_prices: z.record(hex, SignedPrice),
})
export type AssetPrice = z.output<typeof AssetPrice>

const OraclePricesTick = z.strictObject({
  type: z.literal('ORACLE_PRICES_TICK'),
  oracle_prices: z.record(hex, AssetPrice),
  timestamp: decimal,
})
export type OraclePricesTick = z.output<typeof OraclePricesTick>

const FundingTick = z.strictObject({
  type: z.literal('FUNDING_TICK'),
  global_funding_indices: z.strictObject({ indices: z.record(hex, signed), timestamp: decimal }),
})
export type FundingTick = z.output<typeof FundingTick>

const Liquidate = z.strictObject({
  type: z.literal('LIQUIDATE'),
  liquidated_position_id: decimal,
  liquidator_order: z.strictObject({
    order_type: z.literal('LIMIT_ORDER_WITH_FEES'),
    nonce: decimal,
    public_key: hex,
    amount_synthetic: decimal,
    amount_collateral: decimal,
    amount_fee: decimal,
    asset_id_synthetic: hex,
    asset_id_collateral: hex,
    position_id: decimal,
    is_buying_synthetic: z.boolean(),
    expiration_timestamp: decimal,
    signature: Signature,
  }),
  actual_collateral: decimal,
  actual_synthetic: decimal,
  actual_liquidator_fee: decimal,
})
export type Liquidate = z.output<typeof Liquidate>

const Deleverage = z.strictObject({
  type: z.literal('DELEVERAGE'),
  deleveraged_position_id: decimal,
  deleverager_position_id: decimal,
  synthetic_asset_id: hex,
  amount_synthetic: decimal,
  amount_collateral: decimal,
  deleverager_is_buying_synthetic: z.boolean(),
})
export type Deleverage = z.output<typeof Deleverage>

/** Others are known by name only: this stand-in is for keepers. */
export const GatewayTransaction = z.discriminatedUnion('type', [
  OraclePricesTick,
  FundingTick,
  Liquidate,
  Deleverage,
])
export type GatewayTransaction = z.output<typeof GatewayTransaction>

export const GatewayRequest = z.strictObject({ tx_id: z.int().min(0), tx: GatewayTransaction })
export type GatewayRequest = z.output<typeof GatewayRequest>
