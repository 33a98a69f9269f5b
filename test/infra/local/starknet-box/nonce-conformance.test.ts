import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreAnswer } from '../../../../infra/local/starknet-box/call-core.ts'
import type {
  CoreAsset,
  CoreEvent,
  CoreState,
} from '../../../../infra/local/starknet-box/core-state.ts'
import { felt, hex, type Hex } from '../../../../infra/local/starknet-box/felt.ts'
import { governor, operator, outcome, priceTickCalldata, run, stranger } from './a-core.ts'
import { liquidateCalldata, tradeCalldata } from './flow-calldata.ts'
import { recordedCore } from './recorded-core.ts'
import { conformance, type Vector, vectorsOf, titled } from './vectors.ts'

const start = 1_808_000_000n
const price = 100n * 10n ** 18n

/** Nine assets ACTIVE and the last one PENDING, as when the vectors were recorded. */
function nineActive(): CoreState {
  const core = recordedCore(start, 'ours')
  const ids = Object.values(core.assets).slice(0, 9)
  const active = ids.reduce((before, { id }, at) => {
    const calldata = priceTickCalldata({ nonce: BigInt(at), assetId: id, price, timestamp: start })
    const answer = run(before, { name: 'price_tick', calldata, now: start })
    if (answer.kind !== 'ok') throw new Error(outcome(answer))
    return answer.core
  }, core)
  return { ...active, operatorNonce: 89n }
}

type Step = { readonly name: string; readonly calldata: readonly bigint[] }

/** `price_tick N+1 (median wrong)` and its like, in the vectors' words. */
function stepOf(words: string, core: CoreState, nonce: bigint): Step {
  const assets = Object.values(core.assets)
  const offset = BigInt(/\bN([+-]\d+)/.exec(words)?.[1] ?? 0)
  const assetId = assets.at(words.includes('PENDING') ? 9 : 0)?.id ?? 0n
  const wrong = words.includes('median wrong') ? { signedPrice: price + 1n } : {}
  if (words.startsWith('price_tick'))
    return {
      name: 'price_tick',
      calldata: priceTickCalldata({
        nonce: nonce + offset,
        assetId,
        price,
        timestamp: start,
        ...wrong,
      }),
    }
  if (words.startsWith('funding_tick')) {
    const listed = assets.slice(0, words.endsWith(' with it') ? 10 : 9).map(({ id }) => id)
    const ticks = listed.toSorted((a, b) => (a < b ? -1 : 1)).flatMap((id) => [id, 0n])
    const calldata = [nonce + offset, BigInt(listed.length), ...ticks, start]
    return { name: 'funding_tick', calldata }
  }
  return { name: words, calldata: words === 'get_timely_data' ? [assetId] : [] }
}

const Calls = z.object({ calls: z.array(z.string()) })
const Expect = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  operator_nonce_after: z.string().optional(),
  events_per_call: z.array(z.string()).optional(),
})

/** There are no positions here, and these three set up what the vector does not say. */
const elsewhere = new Set([
  'healthy_then_price_tick_then_liquidate',
  'liquidate_before_price_tick',
  'first_operator_collides_after_second',
])

describe.skipIf(conformance === undefined)(titled('operator_nonce as the real core has it'), () => {
  const cases = vectorsOf('operator_nonce').filter((vector) => !elsewhere.has(vector.case))
  test.for(cases.map((vector) => [vector.case, vector] as const))('%s', ([name, vector]) => {
    const { calls } = Calls.parse(vector.call)
    const expected = Expect.parse(vector.expect)
    const isSecond = name === 'second_operator_uses_nonce'
    const isStranger = name === 'not_operator' || name === 'removed_operator'
    const caller = isSecond || isStranger ? stranger : operator
    let core = nineActive()
    if (isSecond) core = { ...core, operators: [operator, stranger] }
    let error: string | undefined
    const events: string[] = []
    for (const words of calls) {
      const answer = run(core, { ...stepOf(words, core, 89n), caller, now: start })
      if (answer.kind !== 'ok') {
        error = outcome(answer)
        break
      }
      core = answer.core
      events.push(String(answer.events.length))
    }
    expect(error).toBe(expected.error)
    if (!expected.ok) return
    expect(String(core.operatorNonce)).toBe(expected.operator_nonce_after)
    expect(events).toEqual(expected.events_per_call)
  })

  test('the second of two operators that saw the same nonce is told the current one', () => {
    const core = { ...nineActive(), operators: [operator, stranger] }
    const step = stepOf('price_tick N', core, 89n)
    const first = run(core, { ...step, caller: stranger, now: start })
    if (first.kind !== 'ok') throw new Error(outcome(first))
    const vector = vectorsOf('operator_nonce').find(
      ({ case: name }) => name === 'first_operator_collides_after_second',
    )
    expect(outcome(run(first.core, { ...step, now: start }))).toBe(vector?.expect.error)
  })
})

const Order = z.object({ fn: z.string(), nonce_offset: z.string() })
const OrderPre = z.object({
  state: z.enum(['normal', 'paused', 'funding_expired', 'prices_expired']),
  caller: z.enum(['operator', 'stranger']),
})

/** One second past both intervals of the vectors' set-up. */
const late = start + 86_401n
const states = {
  normal: { now: start, change: {} },
  paused: { now: start, change: { paused: true } },
  funding_expired: { now: late, change: {} },
  prices_expired: { now: late, change: { lastFundingTick: late, operatorNonce: 90n } },
}

/** The vectors' positions exist on the recorded chain only. */
const positioned = new Set([
  'normal_liquidate_good_nonce',
  'normal_deleverage_good_nonce',
  'normal_reduce_asset_position_good_nonce',
  'normal_trade_good_nonce',
])

describe.skipIf(conformance === undefined)(
  titled('the order of checks as the real core has it'),
  () => {
    const cases = vectorsOf('check_order').map((vector) => [vector.case, vector] as const)
    const ours = cases.filter(([name]) => !positioned.has(name))
    const others = cases.filter(([name]) => positioned.has(name))

    test('80 of the 84 recorded cases need no position', () => {
      expect([ours.length, others.length]).toEqual([80, 4])
    })

    test.for(ours)('%s', ([, vector]) => {
      expect(outcome(checked(vector))).toBe(Expect.parse(vector.expect).error ?? 'ok')
    })

    test.for(others)(
      '%s (not the recorded answer: it needs positions, and the box has none)',
      ([, vector]) => {
        expect(outcome(checked(vector))).toBe('POSITION_DOESNT_EXIST')
      },
    )
  },
)

function checked(vector: Vector): CoreAnswer {
  const pre = OrderPre.parse(vector.pre)
  const { fn, nonce_offset } = Order.parse(vector.call)
  const { now, change } = states[pre.state]
  const core = { ...nineActive(), ...change }
  const nonce = core.operatorNonce + BigInt(nonce_offset)
  const step = flowStep(fn, core, nonce) ?? stepOf(`${fn} N`, core, nonce)
  return run(core, { ...step, caller: { operator, stranger }[pre.caller], now })
}

/** A flow between positions 101 and 5 that has nothing wrong but that they do not exist. */
function flowStep(name: string, core: CoreState, operatorNonce: bigint): Step | undefined {
  const baseAssetId = Object.values(core.assets).at(0)?.id ?? 0n
  const buys = { positionId: 5n, baseAssetId, baseAmount: 10n, quoteAmount: -1000n }
  const sells = { positionId: 101n, baseAssetId, baseAmount: -10n, quoteAmount: 1000n }
  switch (name) {
    case 'trade':
      return { name, calldata: tradeCalldata({ operatorNonce, a: sells, b: buys }) }
    case 'liquidate':
      return { name, calldata: liquidateCalldata({ operatorNonce, liquidated: 101n, order: buys }) }
    case 'deleverage':
      return { name, calldata: [operatorNonce, 101n, 5n, baseAssetId, felt(-10n), 1000n] }
    case 'reduce_asset_position':
      return { name, calldata: [operatorNonce, 101n, 5n, baseAssetId, felt(-10n)] }
    case 'process_deposit':
      return { name, calldata: [operatorNonce, stranger, 1n, 101n, 7n, 9n] }
    default:
      return undefined
  }
}

const AdminEvents = z.array(
  z.object({
    selector: z.string(),
    keys: z.array(z.string()),
    data: z.array(z.string()),
  }),
)

/** The arguments behind the recorded governance calls, read off their events. */
const doge = 0x444f47452d30000000000000000000n
const dogeOracle = 0x27b8824f8a4dfdacdc00c7f8cff48a6ba34d6ec2cac6ff486a505662ba75a42n
const newAsset = [0x4e45572d3300000000000000000000n, 2n, 10n, 20n, 1000n, 500n, 1n, 1000n]
const newOracle = [doge, 0xabcdn, 0x4e45570000n, 0x444f47455553444d41524b0000000000n]
const recordedGovernor = 0x64b48806902a367c8598f4f95c305e8c1a1acba5f082d294a43793113115691n
const secondOperator = 0x4f348398f859a55a0c80b1446c5fdc37edb3a8478a32f10764659fc241027d3n
const firstOperator = 0x78662e7352d062084b0010068b99288486c2d8b914f6e2a55ce945f8792c8b1n
const steps: Readonly<Record<string, readonly Step[]>> = {
  add_synthetic_asset: [{ name: 'add_synthetic_asset', calldata: newAsset }],
  add_oracle: [{ name: 'add_oracle_to_asset', calldata: newOracle }],
  add_oracle_twice: [
    { name: 'add_oracle_to_asset', calldata: [doge, dogeOracle, ...newOracle.slice(2)] },
  ],
  remove_oracle: [{ name: 'remove_oracle_from_asset', calldata: [doge, dogeOracle] }],
  update_quorum: [{ name: 'update_synthetic_quorum', calldata: [doge, 2n] }],
  update_quorum_same: [{ name: 'update_synthetic_quorum', calldata: [doge, 1n] }],
  update_quorum_zero: [{ name: 'update_synthetic_quorum', calldata: [doge, 0n] }],
  deactivate_pending_asset: [
    { name: 'deactivate_synthetic', calldata: [0x5052494d452d350000000000000000n] },
  ],
  deactivate_active_asset: [{ name: 'deactivate_synthetic', calldata: [doge] }],
  deactivate_then_reactivate: [
    { name: 'deactivate_synthetic', calldata: [doge] },
    { name: 'reactivate_synthetic', calldata: [doge] },
  ],
  reactivate_active_asset: [{ name: 'reactivate_synthetic', calldata: [doge] }],
  register_operator: [{ name: 'register_operator', calldata: [secondOperator] }],
  remove_operator: [{ name: 'remove_operator', calldata: [firstOperator] }],
  pause: [{ name: 'pause', calldata: [] }],
  pause_twice: [
    { name: 'pause', calldata: [] },
    { name: 'pause', calldata: [] },
  ],
  unpause_when_running: [{ name: 'unpause', calldata: [] }],
  pause_then_unpause: [
    { name: 'pause', calldata: [] },
    { name: 'unpause', calldata: [] },
  ],
  governor_call_by_operator: [{ name: 'deactivate_synthetic', calldata: [doge] }],
}

describe.skipIf(conformance === undefined)(titled('governance as the real core has it'), () => {
  const ours = vectorsOf('admin_event').filter((vector) => steps[vector.case] !== undefined)
  test.for(ours.map((vector) => [vector.case, vector] as const))('%s', ([name, vector]) => {
    const before = recordedCore(start, 'recorded')
    const assets = Object.values(before.assets).map((asset): [Hex, CoreAsset] => [
      hex(asset.id),
      { ...asset, status: asset.id === doge ? 'ACTIVE' : asset.status },
    ])
    let core: CoreState = {
      ...before,
      assets: Object.fromEntries(assets),
      activeCount: 1,
      governor: recordedGovernor,
      operators: [firstOperator],
    }
    const events: CoreEvent[] = []
    let error: string | undefined
    for (const step of steps[name] ?? []) {
      const caller = name === 'governor_call_by_operator' ? governor : recordedGovernor
      const answer = run(core, { ...step, caller, now: start })
      if (answer.kind !== 'ok') {
        error = outcome(answer)
        break
      }
      core = answer.core
      events.push(...answer.events)
    }
    expect(error).toBe(vector.expect.error)
    if (error !== undefined) return
    const recorded = AdminEvents.parse(vector.expect['events'])
    expect(events).toEqual(
      recorded.map(({ selector, keys, data }) => ({
        keys: [selector, ...keys].map(BigInt),
        data: data.map(BigInt),
      })),
    )
  })
})
