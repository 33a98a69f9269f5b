import { z } from 'zod'

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
    }),
  ),
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
