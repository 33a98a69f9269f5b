import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { felt, hex } from '../../../../infra/local/starknet-box/felt.ts'
import { selectorOf } from '../../../../infra/local/starknet-box/selectors.ts'
import { operator, outcome, run, stranger } from './a-core.ts'
import { recordedCore } from './recorded-core.ts'
import { conformance, vectorsOf, titled } from './vectors.ts'

const whole = z.string().transform((text) => BigInt(text))
const Pre = z.object({
  now: whole,
  last_funding_tick: whole,
  last_price_validation: whole,
  max_funding_rate: whole,
  max_price_interval: whole,
  paused: z.boolean(),
  caller: z.enum(['operator', 'stranger']),
  operator_nonce: whole,
  num_active_synthetics: z.string(),
  assets: z.string(),
})
const Assets = z.record(
  z.string(),
  z.object({
    asset_id: z.string(),
    status: z.enum(['PENDING', 'ACTIVE', 'INACTIVE']),
    price: whole,
    funding_index: whole,
    last_price_update: whole,
  }),
)
const Call = z.object({
  operator_nonce: whole,
  funding_ticks: z.array(z.object({ asset_id: whole, funding_index: whole })),
  timestamp: whole,
})
const Expect = z.union([
  z.object({ ok: z.literal(false), error: z.string() }),
  z.object({
    ok: z.literal(true),
    last_funding_tick: whole,
    last_price_validation: whole,
    operator_nonce: whole,
    funding_index: z.record(z.string(), whole),
    event_count: z.string().optional(),
    events: z
      .array(z.object({ name: z.string(), keys: z.array(whole), data: z.array(whole) }))
      .optional(),
  }),
])

describe.skipIf(conformance === undefined)(titled('funding_tick as the real core has it'), () => {
  test.for(
    vectorsOf('funding_tick').map((vector) => [`${vector.id} ${vector.case}`, vector] as const),
  )('%s', ([, vector]) => {
    const pre = Pre.parse(vector.pre)
    const call = Call.parse(vector.call)
    const expected = Expect.parse(vector.expect)
    const ticks = call.funding_ticks.flatMap((tick) => [tick.asset_id, tick.funding_index])
    const count = BigInt(call.funding_ticks.length)
    const answer = run(coreBefore(pre), {
      name: 'funding_tick',
      caller: { operator, stranger }[pre.caller],
      now: pre.now,
      calldata: [call.operator_nonce, count, ...ticks, call.timestamp].map(felt),
    })
    expect(outcome(answer)).toBe(expected.ok ? 'ok' : expected.error)
    if (!expected.ok || answer.kind !== 'ok') return
    const { core, events } = answer
    expect(core).toMatchObject({
      lastFundingTick: expected.last_funding_tick,
      lastPriceValidation: expected.last_price_validation,
      operatorNonce: expected.operator_nonce,
    })
    expect(indexesOf(core, expected.funding_index)).toEqual(expected.funding_index)
    expect(events).toHaveLength(Number(expected.event_count ?? expected.events?.length))
    for (const [at, event] of (expected.events ?? []).entries())
      expect(events[at]).toEqual({
        keys: [selectorOf(event.name), ...event.keys],
        data: event.data.map(felt),
      })
  })
})

function coreBefore(pre: z.infer<typeof Pre>): CoreState {
  const core = recordedCore(pre.now, 'recorded')
  const recorded = Object.values(Assets.parse(conformance?.states[pre.assets]))
  const assets = recorded.map(({ asset_id, status, price, funding_index, last_price_update }) => {
    const before = core.assets[hex(BigInt(asset_id))]
    if (before === undefined) throw new Error(`${asset_id} is not in the vectors' table`)
    const now = { status, price, fundingIndex: funding_index, lastPriceUpdate: last_price_update }
    return [hex(BigInt(asset_id)), { ...before, ...now }] as const
  })
  return {
    ...core,
    assets: Object.fromEntries(assets),
    paused: pre.paused,
    operatorNonce: pre.operator_nonce,
    activeCount: Number(pre.num_active_synthetics),
    lastFundingTick: pre.last_funding_tick,
    lastPriceValidation: pre.last_price_validation,
    limits: {
      ...core.limits,
      maxFundingRate: pre.max_funding_rate,
      maxPriceInterval: pre.max_price_interval,
    },
  }
}

function indexesOf(core: CoreState, wanted: Readonly<Record<string, bigint>>) {
  const ids = new Map(conformance?.assets.map(({ symbol, asset_id }) => [symbol, asset_id]))
  return Object.fromEntries(
    Object.keys(wanted).map((symbol) => [
      symbol,
      core.assets[hex(BigInt(ids.get(symbol) ?? 0))]?.fundingIndex,
    ]),
  )
}
