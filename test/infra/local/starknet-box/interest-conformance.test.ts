import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { felt } from '../../../../infra/local/starknet-box/felt.ts'
import { withPlanted } from '../../../../infra/local/starknet-box/genesis-core.ts'
import { outcome, run } from './a-core.ts'
import { coreOf, eventsOf, told, Whole } from './recorded-accounts.ts'
import { conformance, titled, type Vector, vectorsOf } from './vectors.ts'

const Amounts = z.array(z.object({ position_id: Whole, interest_amount: Whole }))
const Call = z.object({ operator_nonce: Whole, position_interest_amounts: Amounts })
const Earlier = z.object({ earlier_in_transaction: z.array(Amounts).default([]) })

function applyCalldata(nonce: bigint, amounts: z.infer<typeof Amounts>): readonly bigint[] {
  const pairs = amounts.flatMap((one) => [one.position_id, felt(one.interest_amount)])
  return [nonce, BigInt(amounts.length), ...pairs]
}

const name = 'apply_interests'

describe.skipIf(conformance === undefined)(titled('interest as the real core has it'), () => {
  const applied = vectorsOf(name, 'D').map((one) => [one.id, one.case, one] as const)
  test.for(applied)('applied: %s %s', ([, , vector]) => {
    const { core: planted, caller, now } = coreOf(vector, 'D')
    const { operator_nonce, position_interest_amounts } = Call.parse(vector.call)
    const { earlier_in_transaction } = Earlier.parse(vector.pre)
    let core: CoreState = { ...planted, paused: vector.case.startsWith('paused') }
    for (const amounts of earlier_in_transaction) {
      const calldata = applyCalldata(core.operatorNonce, amounts)
      const answer = run(core, { name, calldata, now })
      if (answer.kind !== 'ok') throw new Error(outcome(answer))
      core = answer.core
    }
    const calldata = applyCalldata(operator_nonce, position_interest_amounts)
    const answer = run(core, { name, calldata, caller, now })
    expect(outcome(answer)).toBe(vector.expect.error ?? 'ok')
    if (answer.kind !== 'ok') return
    expect(answer.events).toEqual(eventsOf(vector.expect['events']))
    const { ours, recorded } = told(answer.core, vector.expect['after'], { now })
    expect(ours).toEqual(recorded)
  })

  const times = vectorsOf('exchange_time', 'D').map((one) => [one.id, one.case, one] as const)
  test.for(times)('exchange time: %s %s', ([, , vector]) => {
    const { core: planted, caller, now } = coreOf(withInterest(vector), 'D')
    const { operator_nonce, new_timestamp } = Time.parse(vector.call)
    const paused = vector.case.includes('paused')
    let core: CoreState = { ...planted, paused }
    for (const earlier of EarlierTimes.parse(vector.pre).earlier_in_transaction) {
      const calldata = [core.operatorNonce, earlier]
      const answer = run(core, { name: 'update_exchange_time', calldata, now })
      if (answer.kind !== 'ok') throw new Error(outcome(answer))
      core = answer.core
    }
    const calldata = [operator_nonce, new_timestamp]
    const answer = run(core, { name: 'update_exchange_time', calldata, caller, now })
    expect(outcome(answer)).toBe(vector.expect.error ?? 'ok')
    if (answer.kind !== 'ok') return
    expect(answer.events).toEqual(eventsOf(vector.expect['events']))
    const { exchange_time, time_of_last_update } = Times.parse(vector.expect)
    expect([
      plain(answer.core, 'get_exchange_time', now),
      plain(answer.core, 'get_time_of_last_update', now),
    ]).toEqual([exchange_time, time_of_last_update])
  })

  const stored = vectorsOf('interest_storage', 'D').map((one) => [one.case, one] as const)
  test.for(stored)('what is stored afterwards: %s', ([, vector]) => {
    const before = Stored.parse(vector.pre)
    const { core: planted, now } = coreOf(withInterest(vector), 'D')
    const position = {
      id: 100n,
      ownerPublicKey: 1n,
      collateral: before.collateral_stored,
      lastInterest: before.last_interest_applied_time,
      // The vector leaves out what the position held; so much that the recorded amount is within the limit.
      holdings: [{ assetId: Object.values(planted.assets)[0]?.id ?? 0n, balance: -(10n ** 6n) }],
    }
    const amount = z.object({ interest_amount: Whole }).parse(vector.call).interest_amount
    const [asset] = Object.values(planted.assets)
    if (asset === undefined) throw new Error('the core has no assets')
    const priced = { ...asset, price: 150_000n << 28n }
    const [key = '0x0'] = Object.keys(planted.assets)
    const core = { ...planted, assets: { ...planted.assets, [key]: priced } }
    const ready = withPlanted(core, [position]).core
    const calldata = [0n, 1n, 100n, felt(amount)]
    const answer = run(ready, { name, calldata, now })
    expect(outcome(answer)).toBe('ok')
    if (answer.kind !== 'ok') return
    const after = answer.core.positions['100']
    const expected = Stored.extend({ interest_divergence: Whole }).parse(vector.expect)
    expect({
      last_interest_applied_time: after?.lastInterest,
      interest_divergence: answer.core.interest.divergence,
      collateral_stored: after?.collateral,
    }).toEqual(expected)
  })
})

const Time = z.object({ operator_nonce: Whole, new_timestamp: Whole })
const Times = z.object({ exchange_time: Whole, time_of_last_update: Whole })
const EarlierTimes = z.object({ earlier_in_transaction: z.array(Whole).default([]) })
const Stored = z.object({ last_interest_applied_time: Whole, collateral_stored: Whole })

/** The recorded limits, where the vector does not repeat them. */
function withInterest(vector: Vector): Vector {
  const defaults = { max_interest_rate_per_sec: '1200', interest_divergence: '0' }
  const pre = { ...defaults, ...vector.pre, last_interest_applied_time: undefined }
  return { ...vector, pre }
}

function plain(core: CoreState, view: string, now: bigint): bigint | undefined {
  const answer = run(core, { name: view, calldata: [], now })
  return answer.kind === 'ok' ? answer.result[0] : undefined
}
