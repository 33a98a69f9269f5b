import { z } from 'zod'

const decimal = z.string().regex(/^(?:0|[1-9]\d*)$/)
const hex = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]+$/)])

/** What an exchange's operator has configured, as far as it decides on prices. */
export const GatewayConfig = z.strictObject({
  /** Smallest units in one whole unit of the collateral; decimal text. */
  collateralResolution: z.string().regex(/^[1-9]\d*$/),
  assets: z.array(
    z.strictObject({
      assetId: hex,
      resolution: z.string().regex(/^[1-9]\d*$/),
      quorum: z.int().min(1),
      signers: z.array(hex),
      signedAssetIds: z.array(hex),
      /** In 2^32nds, of the first segment that is not exceeded; its end belongs to it. */
      risk: z
        .array(z.strictObject({ upTo: decimal, factor: decimal }))
        .min(1)
        .default([{ upTo: String(2n ** 95n), factor: String(2n ** 32n / 20n) }]),
    }),
  ),
  /** What segments of risk are cut by: the balance, or balance times price. */
  riskBy: z.enum(['balance', 'notional']).default('balance'),
  collateralAssetId: hex.default(
    '0xa21edc9d9997b1b1956f542fe95922518a9e28ace11b7b2972a1974bf5971f',
  ),
  feePosition: z
    .strictObject({ id: decimal, publicKey: hex })
    .default({ id: '0', publicKey: '0x5f1fee' }),
  /** How old funding may be, by the exchange's time, for everything but ticks. */
  fundingValiditySeconds: z.int().min(1).default(604_800),
  /** When a batch is closed; absent: never. */
  batches: z
    .strictObject({
      transactions: z.int().min(1).default(20),
      seconds: z.int().min(1).default(30),
      /** How many ids may be left out between two batches. */
      gap: z.int().min(0).default(2),
      /** Whether the feeder tells which batch is the newest. */
      tellsLast: z.boolean().default(true),
    })
    .optional(),
  /** How old a signature may be, by the exchange's time before the tick. */
  priceValiditySeconds: z.int().min(1).default(86_400),
  /** How far funding may move in a second, in 2^32nds of the price. */
  maxFundingRate: z.int().min(1).default(1_120),
  /** How far a tick may be from the real time, either way. */
  tickDistanceSeconds: z.int().min(1).default(300),
  /** What becomes of an id beyond the next one: it waits for those before it, or is refused. */
  gaps: z.enum(['refused', 'held']).default('refused'),
})
export type GatewayConfig = z.output<typeof GatewayConfig>
export type GatewayConfigInput = z.input<typeof GatewayConfig>
