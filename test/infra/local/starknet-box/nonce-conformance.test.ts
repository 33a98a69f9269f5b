import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { withPositions } from '../../../../infra/local/starknet-box/core-rules-positions.ts'
import type {
  CoreAsset,
  CoreEvent,
  CorePosition,
  CoreState,
} from '../../../../infra/local/starknet-box/core-state.ts'
import { hex, type Hex } from '../../../../infra/local/starknet-box/felt.ts'
import { governor, operator, outcome, priceTickCalldata, run, stranger } from './a-core.ts'
import { liquidateCalldata } from './flow-calldata.ts'
import {
  maskedNumbers,
  nineActive,
  nonces,
  price,
  start,
  stepOf,
  withTraders,
} from './nine-active.ts'
import { recordedCore } from './recorded-core.ts'
import { conformance, type Vector, vectorsOf, titled } from './vectors.ts'

const Calls = z.object({ calls: z.array(z.string()) })
const Expect = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  operator_nonce_after: z.string().optional(),
  events_per_call: z.array(z.string()).optional(),
})

/** What the vectors leave to their words. */
const special = new Set([
  'healthy_then_price_tick_then_liquidate',
  'liquidate_before_price_tick',
  'first_operator_collides_after_second',
])

describe.skipIf(conformance === undefined).each(['C', 'D'] as const)(
  titled('operator_nonce as the real core has it, generation %s'),
  (generation) => {
    const nonce = nonces[generation]
    const cases = vectorsOf('operator_nonce', generation)
    const plain = cases.filter((vector) => !special.has(vector.case))
    test.for(plain.map((vector) => [vector.case, vector] as const))('%s', ([name, vector]) => {
      const { calls } = Calls.parse(vector.call)
      const isSecond = name === 'second_operator_uses_nonce'
      const isStranger = name === 'not_operator' || name === 'removed_operator'
      const caller = isSecond || isStranger ? stranger : operator
      const before = nineActive(generation)
      const core = isSecond ? { ...before, operators: [operator, stranger] } : before
      const steps = calls.map((words) => ({ ...stepOf(words, core, nonce), caller }))
      expect(shown(runAll(core, steps))).toEqual(recordedAnswer(vector))
    })

    test('the second of two operators that saw the same nonce is told the current one', () => {
      const core = { ...nineActive(generation), operators: [operator, stranger] }
      const step = stepOf('price_tick N', core, nonce)
      const vector = cases.find(({ case: name }) => name === 'first_operator_collides_after_second')
      expect(shown(runAll(core, [{ ...step, caller: stranger }, step]))).toEqual(
        recordedAnswer(vector),
      )
    })

    test('a liquidation sees the price of the same transaction', () => {
      const vector = cases.find(({ case: name }) => name.startsWith('healthy_then_price_tick'))
      const core = withTraders(nineActive(generation))
      const thin = { ...existing(core, '101'), collateral: -9_000n }
      // The recorded position stayed healthy in one generation and not in the other.
      const ready = generation === 'C' ? core : withPositions(core, [thin])
      const tick = priceTickCalldata({ nonce, assetId: btc, price: price / 2n, timestamp: start })
      const order = { ...buysAll, quoteAmount: -5_000n }
      const closing = { operatorNonce: nonce + 1n, liquidated: 101n, order }
      const liquidate = liquidateCalldata(closing, generation)
      const steps = [
        { name: 'price_tick', calldata: tick },
        { name: 'liquidate', calldata: liquidate },
      ]
      expect(shown(runAll(ready, steps))).toEqual(recordedAnswer(vector))
    })

    test('a liquidation before the price of the same transaction does not', () => {
      const vector = cases.find(({ case: name }) => name === 'liquidate_before_price_tick')
      const order = { ...buysAll, quoteAmount: -10_000n }
      const closing = { operatorNonce: nonce, liquidated: 101n, order }
      const calldata = liquidateCalldata(closing, generation)
      const core = withTraders(nineActive(generation))
      expect(shown(runAll(core, [{ name: 'liquidate', calldata }]))).toEqual(recordedAnswer(vector))
    })
  },
)

const btc = 0x4254432d3600000000000000000000n
const buysAll = { positionId: 5n, baseAssetId: btc, baseAmount: 100n }

function existing(core: CoreState, id: string): CorePosition {
  const position = core.positions[id]
  if (position === undefined) throw new Error(`${id} is not there`)
  return position
}

type Step = {
  readonly name: string
  readonly calldata: readonly bigint[]
  readonly caller?: bigint
}
type Ran = {
  readonly core: CoreState
  readonly error?: string
  /** How many each call emitted. */
  readonly events: readonly string[]
}

function runAll(before: CoreState, steps: readonly Step[]): Ran {
  return steps.reduce<Ran>(
    (ran, step) => {
      if (ran.error !== undefined) return ran
      const answer = run(ran.core, { ...step, now: start })
      if (answer.kind !== 'ok') return { ...ran, error: outcome(answer) }
      return { core: answer.core, events: [...ran.events, String(answer.events.length)] }
    },
    { core: before, events: [] },
  )
}

/** Positions of the recorded chain have other amounts, which the vectors leave out. */
function shown({ core, error, events }: Ran) {
  if (error !== undefined) return { error: maskedNumbers(error) }
  return { nonce: String(core.operatorNonce), events }
}

function recordedAnswer(vector: Vector | undefined) {
  const { error, operator_nonce_after, events_per_call } = Expect.parse(vector?.expect)
  if (error !== undefined) return { error: maskedNumbers(error) }
  return { nonce: operator_nonce_after, events: events_per_call }
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
