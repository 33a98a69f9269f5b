import { z } from 'zod'

/** Amounts, prices and times are decimal text, ids and signatures hex in lower case (fields.py of the committee's sources). */
const decimal = z.string().regex(/^(?:0|[1-9]\d*)$/)
const hex = z.string().regex(/^0x[0-9a-f]+$/)

const SignedPrice = z.strictObject({
  external_asset_id: hex,
  price: decimal,
  timestamped_signature: z.strictObject({
    signature: z.strictObject({ r: hex, s: hex }),
    timestamp: decimal,
  }),
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

/** Others are known by name only: this stand-in is for prices. */
export const GatewayRequest = z.strictObject({
  tx_id: z.int().min(0),
  tx: z.discriminatedUnion('type', [OraclePricesTick]),
})
export type GatewayRequest = z.output<typeof GatewayRequest>
