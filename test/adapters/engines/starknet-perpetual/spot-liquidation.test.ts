import { expect, test } from 'vitest'

import { limitOrderHash } from '../../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import {
  isSpotPart,
  limitOrderOf,
  spotLiquidationCall,
} from '../../../../lib/adapters/engines/starknet-perpetual/spot-liquidation.ts'
import { feltOfSigned } from '../../../../lib/adapters/starknet-felt.ts'
import type { LiquidationPart } from '../../../../lib/domain/action.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import { big } from '../../../domain/margin/recorded-calls.ts'
import { titled, type Vector, vectorsOf } from '../../../domain/margin/recorded.ts'

type Words = Readonly<Record<string, unknown>>

// Of the position that buys in nearly all recorded calls (core-conformance-d.json, liquidator_public_keys).
const buyer = '5'
const publicKey = 0x2473352f51a1f1089f751e61c725af0f43079e0fba19d66098a2667f0dc372cn
const sepolia = 0x534e5f5345504f4c4941n

function orderIn({ call = {} }: Vector): Words {
  return call['liquidator_order'] as Words
}

function partIn(vector: Vector): LiquidationPart {
  const { call = {} } = vector
  const order = orderIn(vector)
  const [r, s] = (call['liquidator_signature'] as readonly unknown[]).map(big)
  const base = big(call['actual_amount_spot_collateral'])
  return {
    market: parseMarket('WETH-USD'),
    account: String(call['liquidated_position_id']),
    asset: String(order['base_asset_id']),
    size: -base,
    base,
    cash: big(call['actual_amount_base_collateral']),
    penalty: big(call['liquidated_fee_amount']),
    reward: 0n,
    cover: 0n,
    order: {
      position: String(order['source_position']),
      receiver: String(order['receive_position']),
      asset: String(order['base_asset_id']),
      base: big(order['base_amount']),
      quote: big(order['quote_amount']),
      collateral: String(order['quote_asset_id']),
      fee: big(order['fee_amount']),
      expiration: big(order['expiration']),
      salt: big(order['salt']),
      publicKey: '0x0',
      signature: { r: r ?? 0n, s: s ?? 0n },
    },
  }
}

/** The arguments in the order of the contract's interface, as the recording writes them. */
function wordsOf({ call = {} }: Vector, nonce: bigint): readonly bigint[] {
  const order = call['liquidator_order'] as Words
  const fields = [
    'source_position',
    'receive_position',
    'base_asset_id',
    'base_amount',
    'quote_asset_id',
    'quote_amount',
    'fee_asset_id',
    'fee_amount',
    'expiration',
    'salt',
  ]
  const actual = [
    'actual_amount_spot_collateral',
    'actual_amount_base_collateral',
    'actual_liquidator_fee',
    'liquidated_fee_amount',
    'interest_amount_liquidated',
    'interest_amount_liquidator',
    'interest_amount_liquidator_receiver',
  ]
  return [
    nonce,
    big(call['liquidated_position_id']),
    ...fields.map((field) => big(order[field])),
    2n,
    ...(call['liquidator_signature'] as readonly unknown[]).map(big),
    ...actual.map((field) => big(call[field])),
  ].map(feltOfSigned)
}

// Ours asks no fee of the buyer and pays no interest.
const recorded = vectorsOf('D', 'liquidate_spot_asset').filter(
  (vector) =>
    big(vector.call?.['actual_liquidator_fee']) === 0n &&
    !vector.case.includes('interest') &&
    orderIn(vector)['quote_asset_id'] === orderIn(vector)['fee_asset_id'],
)

test.skipIf(recorded.length === 0)(
  titled('a spot liquidation is written as the recorded calls are'),
  () => {
    for (const vector of recorded) {
      const part = partIn(vector)
      if (!isSpotPart(part)) throw new Error(vector.case)
      const call = spotLiquidationCall({ core: '0x0c', nonce: 68n }, part)
      expect([vector.case, call]).toEqual([
        vector.case,
        {
          kind: 'starknet',
          to: '0x0c',
          entrypoint: 'liquidate_spot_asset',
          calldata: wordsOf(vector, 68n).map((word) => `0x${word.toString(16)}`),
        },
      ])
    }
    expect(recorded.length).toBeGreaterThan(80)
  },
)

test.skipIf(recorded.length === 0)(
  titled('a limit order has the hash that the buyer signed'),
  () => {
    const signed = recorded.filter(
      (vector) =>
        orderIn(vector)['source_position'] === buyer && vector.call?.['order_hash'] !== undefined,
    )
    for (const vector of signed) {
      const { order } = partIn(vector)
      if (order?.receiver === undefined) throw new Error(vector.case)
      const { receiver } = order
      const hash = limitOrderHash(limitOrderOf({ ...order, receiver }), {
        publicKey,
        chainId: sepolia,
      })
      expect([vector.case, hash]).toEqual([vector.case, big(vector.call?.['order_hash'])])
    }
    expect(signed.length).toBeGreaterThan(50)
  },
)

test.skipIf(recorded.length === 0)(
  titled('an order without a receiver is for the other call'),
  () => {
    const [vector] = recorded
    if (!vector) return
    const { order, ...part } = partIn(vector)
    if (!order) return
    const { receiver: _receiver, ...plain } = order
    expect([
      isSpotPart({ ...part, order }),
      isSpotPart({ ...part, order: plain }),
      isSpotPart(part),
    ]).toEqual([true, false, false])
  },
)
