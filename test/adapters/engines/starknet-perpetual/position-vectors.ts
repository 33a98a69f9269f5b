import { existsSync, readFileSync } from 'node:fs'

import { z } from 'zod'

import type { AssetKind } from '../../../../lib/adapters/engines/starknet-perpetual/position-events.ts'
import { feltHex } from '../../../../lib/adapters/starknet-felt.ts'

const Integer = z.string().transform(BigInt)

const Held = z.looseObject({
  asset: z.string(),
  balance: Integer,
  cached_funding_index: Integer,
  funding_index: Integer.optional(),
})
const State = z.looseObject({ collateral_stored: Integer, holdings: z.array(Held) })

const After = z.looseObject({
  collateral_provisional: Integer.optional(),
  base_balance: Integer.optional(),
  base_cached_funding_index: Integer.optional(),
})

const Vector = z.looseObject({
  id: z.string(),
  kind: z.string(),
  case: z.string(),
  pre: z.looseObject({ positions: z.record(z.string(), z.string()).optional() }).optional(),
  call: z
    .looseObject({ interest_amount: z.string().default('0') })
    .prefault({})
    .catch({ interest_amount: '0' }),
  expect: z.unknown().optional(),
})

/** What a call did to positions: the events that it emitted, and how they are after it. */
const Effect = z.looseObject({
  ok: z.literal(true),
  events: z.array(
    z.looseObject({ name: z.string(), keys: z.array(Integer), data: z.array(Integer) }),
  ),
  after: z.record(z.string(), z.union([After, z.string()])),
  fee_position_collateral: Integer.optional(),
})

const Settlement = z.looseObject({
  pre: State.extend({
    traded_asset: z.string(),
    base_amount: Integer,
    quote_amount: Integer,
    fee: Integer,
  }),
  expect: State.extend({ collateral_provisional: Integer }),
})

const Margin = z.looseObject({
  pre: State.extend({ holdings: z.array(Held.extend({ price: Integer, funding_index: Integer })) }),
  expect: z.looseObject({
    ok: z.literal(true),
    collateral_provisional: Integer,
    risk_factors: z.array(Integer),
  }),
})

const File = z.looseObject({
  assets: z.array(z.looseObject({ symbol: z.string(), asset_id: z.string() })),
  spot_assets: z.array(z.looseObject({ symbol: z.string(), asset_id: z.string() })).default([]),
  states: z.record(z.string(), z.unknown()),
  vectors: z.array(Vector),
})

export type Recorded = ReturnType<typeof read>

/** Of both generations, where the recordings are beside the project. */
export const recordings: readonly (readonly [generation: string, recorded: Recorded])[] = [
  ['C', 'core-conformance.json'],
  ['D', 'core-conformance-d.json'],
].flatMap(([generation = '', name = '']) => {
  const file = new URL(`../../../../../shared/vectors/${name}`, import.meta.url)
  return existsSync(file) ? [[generation, read(file)] as const] : []
})

function read(file: URL) {
  const {
    assets,
    spot_assets: spot,
    states,
    vectors,
  } = File.parse(JSON.parse(readFileSync(file, 'utf8')))
  const ids = new Map([...assets, ...spot].map((one) => [one.symbol, feltHex(one.asset_id)]))
  const spots = new Set(spot.map((one) => BigInt(one.asset_id)))
  return {
    vectors,
    idOf: (symbol: string) => ids.get(symbol) ?? symbol,
    kindOf: (asset: bigint): AssetKind => {
      if (asset === 1n) return 'base'
      return spots.has(asset) ? 'spot' : 'synthetic'
    },
    /** Calls that were taken, on positions whose state before is known. */
    effects: vectors.flatMap((vector) => {
      const positions = vector.pre?.positions
      const effect = Effect.safeParse(vector.expect)
      if (!positions || !effect.success) return []
      const before = Object.entries(positions).map(
        ([id, key]) => [id, State.parse(states[key])] as const,
      )
      const after = Object.entries(effect.data.after).flatMap(([id, one]) =>
        typeof one === 'string' || !/^\d+$/.test(id) ? [] : [[id, one] as const],
      )
      const { id, kind, call } = vector
      const interest = BigInt(call.interest_amount)
      return { id, kind, interest, before, after, events: effect.data.events }
    }),
    /** Positions as they are stored, and as the contract's views show them. */
    margins: vectors.flatMap((vector) => {
      const margin = vector.kind === 'margin' ? Margin.safeParse(vector) : undefined
      return margin?.success ? [margin.data] : []
    }),
    settlements: vectors.flatMap((vector) =>
      vector.kind === 'funding_settlement' ? Settlement.parse(vector) : [],
    ),
  }
}
