import type { RawArgs } from 'starknet'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreAnswer } from '../../../../infra/local/starknet-box/call-core.ts'
import { operator, outcome, run, stranger } from './a-core.ts'
import { liquidateCalldata, multiTradeCalldata, tradeCalldata } from './flow-calldata.ts'
import { maskedNumbers, nineActive, nonces, start, stepOf, withTraders } from './nine-active.ts'
import { encoded } from './recorded-accounts.ts'
import { conformance, type Generation, titled, type Vector, vectorsOf } from './vectors.ts'

const Call = z.object({ fn: z.string(), nonce_offset: z.string() })
const Pre = z.object({
  state: z.enum(['normal', 'paused', 'funding_expired', 'prices_expired']),
  caller: z.enum(['operator', 'stranger']),
})

/** One second past both intervals of the vectors' set-up. */
const late = start + 86_401n

function checked(generation: Generation, vector: Vector): CoreAnswer {
  const pre = Pre.parse(vector.pre)
  const { fn, nonce_offset } = Call.parse(vector.call)
  const operatorNonce = nonces[generation]
  const states = {
    normal: { now: start, change: {} },
    paused: { now: start, change: { paused: true } },
    funding_expired: { now: late, change: {} },
    prices_expired: {
      now: late,
      change: { lastFundingTick: late, operatorNonce: operatorNonce + 1n },
    },
  }
  const { now, change } = states[pre.state]
  const core = { ...withTraders(nineActive(generation)), ...change }
  const nonce = core.operatorNonce + BigInt(nonce_offset)
  const calldata = calldataOf(fn, nonce, generation)
  const step = calldata === undefined ? stepOf(`${fn} N`, core, nonce) : { name: fn, calldata }
  return run(core, { ...step, caller: { operator, stranger }[pre.caller], now })
}

const baseAssetId = 0x4254432d3600000000000000000000n
const buys = { positionId: 5n, baseAssetId, baseAmount: 10n, quoteAmount: -1000n }
const sells = { positionId: 101n, baseAssetId, baseAmount: -10n, quoteAmount: 1000n }
const noInterest = { interest_amount_deleveraged: 0n, interest_amount_deleverager: 0n }
const order = { salt: 1n, expiration: 1n, fee_amount: 0n, fee_asset_id: 1n, quote_asset_id: 1n }
const amounts = { base_asset_id: baseAssetId, base_amount: 10n, quote_amount: -1000n }
const request = { position_id: 101n, amount: 1n, expiration: 1n, salt: 1n, interest_amount: 0n }
const deposit = { position_id: 101n, quantized_amount: 7n, salt: 9n, interest_amount: 0n }
const spotActuals = { actual_amount_spot_collateral: -10n, actual_amount_base_collateral: 1000n }
const noFees = { actual_liquidator_fee: 0n, liquidated_fee_amount: 0n }
const threeInterests = {
  interest_amount_liquidated: 0n,
  interest_amount_liquidator: 0n,
  interest_amount_liquidator_receiver: 0n,
}

/** What each flow is called with where its vector does not say: nothing is wrong with it but what the recorded answer names. */
function argumentsOf(name: string, operator_nonce: bigint): object | undefined {
  const between = { position_id_a: 101n, position_id_b: 5n }
  const from = { deleveraged_position_id: 101n, deleverager_position_id: 5n }
  const limit = { source_position: 5n, receive_position: 5n, ...order, ...amounts }
  const tiers = { risk_factor_tiers: [1n], first_tier_boundary: 1n, tier_size: 1n }
  const named: Readonly<Record<string, object>> = {
    deleverage: {
      ...from,
      base_asset_id: baseAssetId,
      deleveraged_base_amount: -10n,
      deleveraged_quote_amount: 1000n,
      ...noInterest,
    },
    reduce_asset_position: { ...between, base_asset_id: baseAssetId, base_amount_a: -10n },
    process_deposit: { depositor: stranger, asset_id: 1n, ...deposit },
    reject_deposit: { depositor: stranger, asset_id: 1n, ...deposit },
    apply_interests: {},
    update_exchange_time: { new_timestamp: start },
    liquidate_spot_asset: {
      liquidated_position_id: 101n,
      liquidator_order: limit,
      liquidator_signature: [1n, 1n],
      ...spotActuals,
      ...noFees,
      ...threeInterests,
    },
    withdraw: { collateral_id: 1n, recipient: stranger, ...request },
    transfer: {
      asset_id: 1n,
      recipient: 5n,
      ...request,
      interest_amount_sender: 0n,
      interest_amount_recipient: 0n,
    },
    new_position: {
      position_id: 101n,
      owner_public_key: 1n,
      owner_account: 0n,
      owner_protection_enabled: false,
    },
    update_asset_risk_factor: { asset_id: 0n, ...tiers },
    forced_trade: {
      order_a: { position_id: 101n, ...order, ...amounts },
      order_b: { position_id: 5n, ...order, ...amounts },
    },
    forced_withdraw: { collateral_id: 1n, recipient: stranger, ...request },
  }
  const args = named[name]
  return args === undefined ? undefined : { operator_nonce, ...args }
}

function calldataOf(name: string, operatorNonce: bigint, generation: Generation) {
  if (name === 'trade') return tradeCalldata({ operatorNonce, a: sells, b: buys })
  if (name === 'multi_trade') return multiTradeCalldata({ operatorNonce, a: sells, b: buys })
  if (name === 'liquidate')
    return liquidateCalldata({ operatorNonce, liquidated: 101n, order: buys }, generation)
  // A list of pairs, of which this library makes none.
  if (name === 'apply_interests') return [operatorNonce, 0n]
  const args = argumentsOf(name, operatorNonce)
  return args === undefined ? undefined : encoded(generation, name, args as RawArgs)
}

describe.skipIf(conformance === undefined)(
  titled('the order of checks as the real core has it'),
  () => {
    for (const generation of ['C', 'D'] as const) {
      const cases = vectorsOf('check_order', generation).map((one) => [one.case, one] as const)
      test.for(cases)(`${generation}: %s`, ([, vector]) => {
        const error = z.string().optional().parse(vector.expect.error)
        // The recorded position has other amounts, which the vectors leave out.
        const answer = outcome(checked(generation, vector))
        expect(maskedNumbers(answer)).toBe(maskedNumbers(error ?? 'ok'))
      })
    }
  },
)
