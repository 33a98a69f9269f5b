import { z } from 'zod'

import { CoreConfig, Felt } from '../../contracts/core/core-config.ts'
import { feeToken } from './world.ts'

const Whole = z
  .union([z.number().int().nonnegative(), z.string().regex(/^[0-9]+$/)])
  .transform((value) => BigInt(value))
const Signed = z
  .union([z.number().int(), z.string().regex(/^-?[0-9]+$/)])
  .transform((value) => BigInt(value))

const Oracle = CoreConfig.shape.assets.element.shape.oracles.element

const SpotAsset = z.strictObject({
  assetId: Felt,
  token: z.strictObject({ address: Felt, quantum: Whole }),
  /** Minimal units in one whole unit. */
  resolutionFactor: Whole,
  quorum: z.number().int().positive().max(255),
  /** Thousandths. */
  riskFactor: z.number().int().positive().max(1000),
  oracles: z.array(Oracle),
})
export type SpotAssetSetup = z.infer<typeof SpotAsset>

/** An account that is simply there: nothing is checked of it, and nothing pays for it. */
export const PlantedPosition = z.strictObject({
  id: Whole,
  /** What the owner signs orders with. */
  ownerPublicKey: Felt,
  /** As stored: without the funding that holdings have not settled. */
  collateral: Signed,
  holdings: z
    .array(
      z.strictObject({
        assetId: Felt,
        balance: Signed,
        /** Up to which it has paid; the asset's own unless given. */
        fundingIndex: Signed.optional(),
      }),
    )
    .default([]),
  /** Exchange time up to which it has paid interest; now unless given. */
  lastInterest: Whole.optional(),
})
export type PlantedPosition = z.infer<typeof PlantedPosition>

/** Somebody with money in the base collateral before the first block. */
const Person = z.strictObject({ id: Whole, ownerPublicKey: Felt, money: Whole })
export type CorePerson = z.infer<typeof Person>

/** A deal of before the first block: the change of `a`'s holding, and what it gets for it. */
const Deal = z.strictObject({ a: Whole, b: Whole, assetId: Felt, base: Signed, quote: Signed })
export type CoreDeal = z.infer<typeof Deal>

/** What a core has beside its constructor's limits and its assets, all of it optional. */
export const CoreSetup = z.strictObject({
  generation: z.enum(['C', 'D']).default('C'),
  /** What orders are signed for, SN_SEPOLIA unless given. */
  chainId: Felt.default(0x534e5f5345504f4c4941n),
  /** Fees are paid in the same token: no other is deployed in a box. */
  collateral: z
    .strictObject({ token: Felt, quantum: Whole })
    .default({ token: BigInt(feeToken), quantum: 1n }),
  treasury: Felt.default(0x7ea50ffn),
  /** A week (the contract's own tests). */
  cancelDelay: Whole.default(604_800n),
  /** Scale 2^32 (the contract's own tests). */
  maxInterestRatePerSecond: Whole.default(1200n),
  spotAssets: z.array(SpotAsset).default([]),
  positions: z.array(PlantedPosition).default([]),
  people: z.array(Person).default([]),
  deals: z.array(Deal).default([]),
})
export type CoreSetup = z.infer<typeof CoreSetup>
