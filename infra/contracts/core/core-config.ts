import { z } from 'zod'

/** A felt in files: hex or decimal text. */
export const Felt = z
  .string()
  .regex(/^(0x[0-9a-fA-F]{1,64}|[0-9]{1,77})$/)
  .transform((text) => BigInt(text))

/** A whole number in files: a JSON number where it is small, text where it is not. */
const Whole = z
  .union([z.number().int().nonnegative(), z.string().regex(/^[0-9]+$/)])
  .transform((value) => BigInt(value))

const Oracle = z.strictObject({ publicKey: Felt, assetName: Felt, oracleName: Felt })

const Asset = z.strictObject({
  assetId: Felt,
  /** Minimal units in one whole unit. */
  resolutionFactor: Whole,
  quorum: z.number().int().positive().max(255),
  oracles: z.array(Oracle),
  /** Thousandths, ascending. */
  riskFactorTiers: z.array(z.number().int().positive().max(1000)).min(1),
  firstTierBoundary: Whole,
  tierSize: Whole,
})

/** How a core is set up; the constructor's limits have the contract's own units (seconds; the funding rate per second, scale 2^32). */
export const CoreConfig = z.strictObject({
  /** Holds every role but OPERATOR; the first operator where it is left out. */
  governor: Felt.optional(),
  operators: z.array(Felt).min(1),
  maxPriceInterval: Whole,
  maxOraclePriceValidity: Whole,
  maxFundingInterval: Whole,
  maxFundingRate: Whole,
  assets: z.array(Asset),
})

export type CoreConfig = z.infer<typeof CoreConfig>
export type CoreAssetConfig = CoreConfig['assets'][number]
