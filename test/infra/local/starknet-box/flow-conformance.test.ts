import { CallData, type RawArgs } from 'starknet'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { coreClass } from '../../../../infra/local/starknet-box/core-class.ts'
import type { CoreAsset, CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { hex, type Hex } from '../../../../infra/local/starknet-box/felt.ts'
import { generationAt } from '../../../../lib/adapters/engines/starknet-perpetual/generation.ts'
import { operator, outcome, run, stranger } from './a-core.ts'
import { recordedCore } from './recorded-core.ts'
import { conformance, titled, type Vector, vectorsOf } from './vectors.ts'

test('a core that liquidates is still seen as generation C', () => {
  expect(generationAt('0x1').read(coreClass)).toBe('C')
})

const Whole = z.string().transform(BigInt)
const Order = z.object({
  position_id: Whole,
  base_asset_id: Whole,
  base_amount: Whole,
  quote_asset_id: Whole,
  quote_amount: Whole,
  fee_asset_id: Whole,
  fee_amount: Whole,
  expiration: Whole,
  salt: Whole,
})
const Liquidation = z.object({
  operator_nonce: Whole,
  liquidator_signature: z.array(Whole),
  liquidated_position_id: Whole,
  liquidator_order: Order,
  actual_amount_base_liquidated: Whole,
  actual_amount_quote_liquidated: Whole,
  actual_liquidator_fee: Whole,
  liquidated_fee_amount: Whole,
})
const Deleverage = z.object({
  operator_nonce: Whole,
  deleveraged_position_id: Whole,
  deleverager_position_id: Whole,
  base_asset_id: Whole,
  deleveraged_base_amount: Whole,
  deleveraged_quote_amount: Whole,
})
const Pre = z.object({
  now: Whole,
  operator_nonce: Whole,
  caller: z.enum(['operator', 'stranger']),
})

/** Encoded by another library, from the ABI that the box shows. */
const encoder = new CallData(
  z.array(z.looseObject({ type: z.string() })).parse(JSON.parse(coreClass.abi)),
)

function answered(name: string, vector: Vector, args: RawArgs): string {
  const { now, operator_nonce, caller } = Pre.parse(vector.pre)
  const calldata = encoder.compile(name, args).map(BigInt)
  const core = { ...before(vector, now), operatorNonce: operator_nonce }
  return outcome(run(core, { name, calldata, caller: { operator, stranger }[caller], now }))
}

/** All assets have prices, but where the vector's name says otherwise. */
function before({ case: name }: Vector, now: bigint): CoreState {
  const core = recordedCore(now, 'ours')
  const status = name === 'error_asset_inactive' ? 'INACTIVE' : 'ACTIVE'
  const assets = Object.values(core.assets).map((asset): [Hex, CoreAsset] => [
    hex(asset.id),
    { ...asset, status, lastPriceUpdate: now },
  ])
  return { ...core, assets: Object.fromEntries(assets), paused: name === 'error_paused' }
}

/** What the contract finds before it looks for a position, by the first word of its text. */
const accessErrors = ['PAUSED', 'ONLY_OPERATOR', 'INVALID_NONCE:']
const orderErrors = [
  ...accessErrors,
  'CANT_LIQUIDATE_IF_POSITION',
  'CANT_TRADE_WITH_FEE_POSITION',
  'ILLEGAL_BASE_TO_QUOTE_RATIO',
  'ILLEGAL_FEE_TO_QUOTE_RATIO',
  'INVALID_QUOTE_AMOUNT_SIGN',
  'INVALID_QUOTE_FEE_AMOUNT',
  'INVALID_SAME_POSITIONS',
  'INVALID_ZERO_AMOUNT',
  'ORDER_EXPIRED',
  'SYNTHETIC_NOT_ACTIVE',
  'SYNTHETIC_NOT_EXISTS',
  'UOTE_ASSET_ID_NOT_COLLATERAL',
]

/** The recorded answer where it comes before the positions; after them the box has only one answer. */
function expected({ case: name, expect: { error } }: Vector, early: readonly string[]): string {
  const text = z.string().optional().parse(error) ?? ''
  // An order's own signs come early, the sign of a position that would grow late: one text for both.
  const isOrderSign = text === 'INVALID_AMOUNT_SIGN' && name.startsWith('error_')
  const isEarly = early.includes(text.split(' ')[0] ?? '')
  return isEarly || (early === orderErrors && isOrderSign) ? text : 'POSITION_DOESNT_EXIST'
}

describe.skipIf(conformance === undefined)(
  titled('what is refused without a look at positions, as the real core refuses it'),
  () => {
    const liquidations = vectorsOf('liquidate').map((one) => [one.id, one.case, one] as const)
    test.for(liquidations)('%s %s', ([, , vector]) => {
      const answer = answered('liquidate', vector, Liquidation.parse(vector.call))
      expect(answer).toBe(expected(vector, orderErrors))
    })

    const deleverages = vectorsOf('deleverage').map((one) => [one.id, one.case, one] as const)
    test.for(deleverages)('%s %s', ([, , vector]) => {
      const answer = answered('deleverage', vector, Deleverage.parse(vector.call))
      expect(answer).toBe(expected(vector, accessErrors))
    })
  },
)
