import { z } from 'zod'

import type { CoreFunding, FundingTickCall } from '../../../lib/domain/funding/funding-tick.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { sharedJson, whole } from './shared.ts'

// What the real contract answered (recorded by execution), in the words of funding-tick.ts.

const seconds = z.string().transform((text) => timestamp(Number(text) * 1_000))

const Assets = z.record(
  z.string(),
  z.object({
    asset_id: whole,
    status: z.enum(['PENDING', 'ACTIVE', 'INACTIVE']),
    price: whole,
    funding_index: whole,
    last_price_update: seconds,
  }),
)
const Pre = z.object({
  now: seconds,
  last_funding_tick: seconds,
  last_price_validation: seconds,
  max_funding_rate: whole,
  max_price_interval: z.coerce.number(),
  paused: z.boolean(),
  caller: z.enum(['operator', 'stranger']),
  operator_nonce: whole,
  num_active_synthetics: z.coerce.number(),
  assets: z.string(),
})
const Call = z.object({
  operator_nonce: whole,
  funding_ticks: z.array(z.object({ asset_id: whole, funding_index: whole })),
  timestamp: whole,
})
const TickVector = z.object({
  id: z.string(),
  case: z.string(),
  pre: Pre,
  call: Call,
  expect: z.union([
    z.object({ ok: z.literal(false), error: z.string() }),
    z.object({
      ok: z.literal(true),
      last_funding_tick: seconds,
      last_price_validation: seconds,
      funding_index: z.record(z.string(), whole),
    }),
  ]),
})
export type TickVector = z.infer<typeof TickVector>

const ExtremeVector = z.object({
  id: z.string(),
  case: z.string(),
  pre: z.object({
    price: whole,
    max_funding_rate: whole,
    time_diff: z.coerce.number(),
    last_funding_index: whole,
  }),
  call: z.object({ funding_index: whole }),
  expect: z.object({ ok: z.boolean(), error: z.string().optional() }),
})
const Holding = z.object({
  balance: whole,
  cached_funding_index: whole,
  funding_index_before: whole.optional(),
  funding_index: whole,
})
const EffectVector = z.object({
  id: z.string(),
  case: z.string(),
  pre: z.object({ collateral_stored: whole, holdings: z.array(Holding) }),
  expect: z.object({ collateral_provisional_before: whole, collateral_provisional: whole }),
})
const SettlementVector = z.object({
  id: z.string(),
  case: z.string(),
  pre: z.object({
    collateral_stored: whole,
    traded_asset: z.string(),
    quote_amount: whole,
    fee: whole,
    holdings: z.array(Holding.extend({ asset: z.string() })),
  }),
  expect: z.object({ collateral_stored: whole, collateral_provisional: whole }),
})

const File = z.object({
  states: z.record(z.string(), z.unknown()),
  vectors: z.array(z.looseObject({ kind: z.string() })),
})

/** The vectors of one generation; none where the file is not there. */
export function coreVectors(generation: 'C' | 'D') {
  const path = vectorsPath(generation)
  const file = File.optional().parse(sharedJson(path))
  const ofKind = (kind: string) => file?.vectors.filter((vector) => vector.kind === kind) ?? []
  return {
    isThere: file !== undefined,
    ticks: z.array(TickVector).parse(ofKind('funding_tick')),
    extremes: z.array(ExtremeVector).parse(ofKind('funding_tick_extreme')),
    effects: z.array(EffectVector).parse(ofKind('funding_effect')),
    settlements: z.array(SettlementVector).parse(ofKind('funding_settlement')),
    assetsOf: ({ pre }: TickVector) => Assets.parse(file?.states[pre.assets]),
  }
}

export function vectorsPath(generation: 'C' | 'D'): string {
  return `vectors/core-conformance${generation === 'D' ? '-d' : ''}.json`
}

/** The core before a recorded tick. */
export function coreBefore(
  generation: 'C' | 'D',
  { pre }: TickVector,
  assets: z.infer<typeof Assets>,
): CoreFunding {
  return {
    generation,
    paused: pre.paused,
    operatorNonce: pre.operator_nonce,
    isOperator: pre.caller === 'operator',
    assets: Object.values(assets).map((asset) => ({
      id: asset.asset_id,
      kind: 'synthetic',
      status: ({ PENDING: 'pending', ACTIVE: 'active', INACTIVE: 'inactive' } as const)[
        asset.status
      ],
      price: asset.price,
      pricedAt: asset.last_price_update,
      fundingIndex: asset.funding_index,
    })),
    lastFundingTick: pre.last_funding_tick,
    lastPriceValidation: pre.last_price_validation,
    maxPriceIntervalSeconds: pre.max_price_interval,
    maxFundingRate: pre.max_funding_rate,
  }
}

export function callOf({ call }: TickVector): FundingTickCall {
  return {
    operatorNonce: call.operator_nonce,
    ticks: call.funding_ticks.map(({ asset_id, funding_index }) => ({
      assetId: asset_id,
      fundingIndex: funding_index,
    })),
    timestamp: call.timestamp,
  }
}
