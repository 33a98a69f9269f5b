import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreAsset, CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { felt, hex, type Hex } from '../../../../infra/local/starknet-box/felt.ts'
import { selectorOf } from '../../../../infra/local/starknet-box/selectors.ts'
import { governor, operator, outcome, run, stranger } from './a-core.ts'
import { recordedCore } from './recorded-core.ts'
import { conformance, titled, type Vector, vectorsOf } from './vectors.ts'

const whole = z.string().transform((text) => BigInt(text))
const Pre = z.object({
  now: whole,
  paused: z.boolean(),
  caller: z.enum(['operator', 'stranger', 'admin']),
  operator_nonce: whole,
  asset_id: z.string(),
  asset_status: z.enum(['ACTIVE', 'PENDING', 'INACTIVE', 'NONE']),
  stored: z.object({ price: whole, last_price_update: whole, funding_index: whole }).optional(),
  removed_oracles: z.array(z.string()).default([]),
})
const Call = z.object({
  operator_nonce: whole,
  asset_id: whole,
  oracle_price: whole,
  signed_prices: z.array(
    z.object({
      signature: z.array(whole),
      signer_public_key: whole,
      timestamp: whole,
      oracle_price: whole,
    }),
  ),
})
const Event = z.object({ name: z.string(), keys: z.array(whole), data: z.array(whole) })
const Expect = z.union([
  z.object({ ok: z.literal(false), error: z.string() }),
  z.object({
    ok: z.literal(true),
    events: z.array(Event),
    price: whole,
    last_price_update: whole,
    asset_status: z.string(),
    operator_nonce: whole,
    num_active_synthetics: z.string(),
  }),
])

const callers = { operator, stranger, admin: governor }

describe.skipIf(conformance === undefined)(titled('price_tick as the real core has it'), () => {
  test.for(
    vectorsOf('price_tick').map((vector) => [`${vector.id} ${vector.case}`, vector] as const),
  )('%s', ([, vector]) => {
    const pre = Pre.parse(vector.pre)
    const expected = Expect.parse(vector.expect)
    const answer = run(coreBefore(pre), {
      name: 'price_tick',
      caller: callers[pre.caller],
      now: pre.now,
      calldata: calldataOf(vector),
    })
    expect(outcome(answer)).toBe(expected.ok ? 'ok' : expected.error)
    if (!expected.ok || answer.kind !== 'ok') return
    const { core, events } = answer
    expect(events).toEqual(
      expected.events.map(({ name, keys, data }) => ({ keys: [selectorOf(name), ...keys], data })),
    )
    expect(core.operatorNonce).toBe(expected.operator_nonce)
    expect(core.assets[pre.asset_id as Hex]).toMatchObject({
      price: expected.price,
      lastPriceUpdate: expected.last_price_update,
      status: expected.asset_status,
    })
    // Eight assets were active before each of these cases.
    expect(core.activeCount).toBe(Number(expected.num_active_synthetics))
  })
})

function coreBefore(pre: z.infer<typeof Pre>): CoreState {
  const core = recordedCore(pre.now, 'recorded')
  const id = hex(BigInt(pre.asset_id))
  const { [id]: asset, ...others } = core.assets
  const assets =
    pre.asset_status === 'NONE' || asset === undefined
      ? others
      : { ...core.assets, [id]: assetBefore(asset, pre) }
  return { ...core, assets, paused: pre.paused, operatorNonce: pre.operator_nonce, activeCount: 8 }
}

function assetBefore(asset: CoreAsset, pre: z.infer<typeof Pre>): CoreAsset {
  const removed = new Set(pre.removed_oracles)
  const oracles = Object.entries(asset.oracles).filter(([key]) => !removed.has(key))
  return {
    ...asset,
    status: pre.asset_status === 'NONE' ? 'PENDING' : pre.asset_status,
    oracles: Object.fromEntries(oracles),
    price: pre.stored?.price ?? 0n,
    lastPriceUpdate: pre.stored?.last_price_update ?? 0n,
  }
}

function calldataOf(vector: Vector): readonly bigint[] {
  const call = Call.parse(vector.call)
  const signed = call.signed_prices.flatMap(
    ({ signature, signer_public_key, timestamp, oracle_price }) => [
      BigInt(signature.length),
      ...signature,
      signer_public_key,
      timestamp,
      oracle_price,
    ],
  )
  const count = BigInt(call.signed_prices.length)
  return [call.operator_nonce, call.asset_id, call.oracle_price, count, ...signed].map(felt)
}
