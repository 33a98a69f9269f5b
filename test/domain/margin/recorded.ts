import { existsSync, readFileSync } from 'node:fs'

import { z } from 'zod'

import type { Account } from '../../../lib/domain/margin/account.ts'
import type { CoreMark } from '../../../lib/domain/margin/starknet-margin.ts'

const files = {
  C: new URL('../../../../shared/vectors/core-conformance.json', import.meta.url),
  D: new URL('../../../../shared/vectors/core-conformance-d.json', import.meta.url),
}

const Whole = z.string().transform((text) => BigInt(text))

const Holding = z.object({
  asset: z.string(),
  balance: Whole,
  cached_funding_index: Whole,
  price: Whole,
  funding_index: Whole,
})

/** One position as the vectors write it, with the marks of what it holds. */
export const RecordedPosition = z.object({
  collateral_stored: Whole,
  holdings: z.array(Holding),
})
export type RecordedPosition = z.output<typeof RecordedPosition>

const Vector = z.object({
  id: z.string(),
  kind: z.string(),
  case: z.string(),
  pre: z.looseObject({}).optional(),
  call: z.looseObject({}).optional(),
  expect: z.looseObject({ ok: z.boolean().optional(), error: z.string().optional().catch('') }),
})
export type Vector = z.output<typeof Vector>

const File = z.object({
  assets: z.array(
    z.object({
      symbol: z.string(),
      asset_id: z.string(),
      risk_factor_tiers: z.array(Whole),
      first_tier_boundary: Whole,
      tier_size: Whole,
    }),
  ),
  spot_assets: z
    .array(z.object({ symbol: z.string(), asset_id: z.string(), risk_factor: Whole }))
    .default([]),
  states: z.record(z.string(), z.unknown()),
  vectors: z.array(Vector),
})

type Recording = z.output<typeof File>

function read(generation: 'C' | 'D'): Recording | undefined {
  const file = files[generation]
  return existsSync(file) ? File.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
}

const recordings = { C: read('C'), D: read('D') }

export const generations = ['C', 'D'] as const

/** The title of tests that need the recording; it says why where they are skipped. */
export function titled(title: string): string {
  return recordings.C && recordings.D
    ? title
    : `${title} (skipped: the recordings of the exchange's own contract are not there)`
}

export function vectorsOf(generation: 'C' | 'D', kind: string): readonly Vector[] {
  return recordings[generation]?.vectors.filter((vector) => vector.kind === kind) ?? []
}

/** What a vector names or holds. */
export function stateOf(generation: 'C' | 'D', state: unknown): unknown {
  return typeof state === 'string' ? recordings[generation]?.states[state] : state
}

export function positionOf(generation: 'C' | 'D', state: unknown): RecordedPosition {
  return RecordedPosition.parse(stateOf(generation, state))
}

type RecordedAsset = Omit<CoreMark, 'price' | 'fundingIndex'> & { readonly id: string }

/** Of every asset that the recorded exchange lists: what never changes. */
export function assetsOf(generation: 'C' | 'D'): Readonly<Record<string, RecordedAsset>> {
  const recording = recordings[generation]
  const synthetics = recording?.assets.map((asset): readonly [string, RecordedAsset] => [
    asset.symbol,
    {
      id: asset.asset_id,
      kind: 'synthetic' as const,
      riskFactorTiers: asset.risk_factor_tiers,
      firstTierBoundary: asset.first_tier_boundary,
      tierSize: asset.tier_size,
    },
  ])
  const spots = recording?.spot_assets.map((asset): readonly [string, RecordedAsset] => [
    asset.symbol,
    {
      id: asset.asset_id,
      kind: 'spot' as const,
      riskFactorTiers: [asset.risk_factor],
      firstTierBoundary: (1n << 128n) - 2n,
      tierSize: 0n,
    },
  ])
  return Object.fromEntries<RecordedAsset>([...(synthetics ?? []), ...(spots ?? [])])
}

/** As our rules take it: the account, and the marks of what it holds, by symbol. */
export function judged(
  generation: 'C' | 'D',
  id: string,
  { collateral_stored, holdings }: RecordedPosition,
): { readonly account: Account; readonly marks: Readonly<Record<string, CoreMark>> } {
  const assets = assetsOf(generation)
  return {
    account: {
      id,
      collateral: collateral_stored,
      holdings: holdings.map(({ asset, balance, cached_funding_index: fundingIndex }) => ({
        asset,
        balance,
        fundingIndex,
      })),
    },
    marks: Object.fromEntries(
      holdings.flatMap(({ asset, price, funding_index: fundingIndex }) => {
        const known = assets[asset]
        return known ? [[asset, { ...known, price, fundingIndex }] as const] : []
      }),
    ),
  }
}
