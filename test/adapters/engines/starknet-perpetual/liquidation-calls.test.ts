import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import {
  deleverageCalls,
  liquidationCalls,
} from '../../../../lib/adapters/engines/starknet-perpetual/liquidation-calls.ts'
import { feltHex } from '../../../../lib/adapters/starknet-felt.ts'
import type { DeleveragePart, LiquidationPart } from '../../../../lib/domain/action.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import { encoded, numbered } from '../../../infra/local/starknet-box/recorded-accounts.ts'
import {
  conformance,
  type Generation,
  titled,
  type Vector,
  vectorsOf,
} from '../../../infra/local/starknet-box/vectors.ts'

const core = '0xc0de'
const market = parseMarket('BTC-USD')
const Big = z.bigint()
const Liquidation = z.looseObject({
  liquidated_position_id: Big,
  liquidator_order: z.object({
    position_id: Big,
    base_asset_id: Big,
    base_amount: Big,
    quote_asset_id: Big,
    quote_amount: Big,
    fee_asset_id: Big,
    fee_amount: Big,
    expiration: Big,
    salt: Big,
  }),
  liquidator_signature: z.tuple([Big, Big]),
  actual_amount_base_liquidated: Big,
  actual_amount_quote_liquidated: Big,
  liquidated_fee_amount: Big,
})
const Deleverage = z.looseObject({
  deleveraged_position_id: Big,
  deleverager_position_id: Big,
  base_asset_id: Big,
  deleveraged_base_amount: Big,
  deleveraged_quote_amount: Big,
})

/** What we never ask for is nothing. */
function argsOf({ call }: Vector, nonce: bigint) {
  return Object.assign(numbered(call), {
    operator_nonce: nonce,
    actual_liquidator_fee: 0n,
    interest_amount_liquidated: 0n,
    interest_amount_liquidator: 0n,
    interest_amount_deleveraged: 0n,
    interest_amount_deleverager: 0n,
  })
}

const shared = { engine: 'dex', round: 1, at: timestamp(0) }

function liquidationOf(args: unknown): LiquidationPart | undefined {
  const read = Liquidation.safeParse(args).data
  if (!read) return undefined
  const { liquidator_order: order, actual_amount_base_liquidated: base } = read
  if (order.quote_asset_id !== order.fee_asset_id) return undefined
  const [r, s] = read.liquidator_signature
  // However the liquidator's gain is told, what is sent is the price.
  const reward = 12n
  return {
    market,
    account: String(read.liquidated_position_id),
    asset: feltHex(order.base_asset_id),
    size: base < 0n ? -base : base,
    base,
    cash: read.actual_amount_quote_liquidated + reward,
    penalty: read.liquidated_fee_amount + reward,
    reward,
    cover: 0n,
    order: {
      position: String(order.position_id),
      asset: feltHex(order.base_asset_id),
      base: order.base_amount,
      quote: order.quote_amount,
      collateral: feltHex(order.quote_asset_id),
      fee: order.fee_amount,
      expiration: order.expiration,
      salt: order.salt,
      publicKey: '0x1',
      signature: { r, s },
    },
  }
}

function deleverageOf(args: unknown): DeleveragePart | undefined {
  const read = Deleverage.safeParse(args).data
  return (
    read && {
      market,
      account: String(read.deleveraged_position_id),
      counterparty: String(read.deleverager_position_id),
      asset: feltHex(read.base_asset_id),
      size: 1n,
      loss: 0n,
      base: read.deleveraged_base_amount,
      quote: read.deleveraged_quote_amount,
    }
  )
}

describe.skipIf(conformance === undefined)(
  titled('what is sent is what the recorded calls of the real core were, by its own ABI'),
  () => {
    test.each<[Generation, 'liquidate' | 'deleverage', number]>([
      ['C', 'liquidate', 100],
      ['D', 'liquidate', 100],
      ['C', 'deleverage', 100],
      ['D', 'deleverage', 100],
    ])('%s %s', (form, kind, least) => {
      let compared = 0
      for (const vector of vectorsOf(kind, form)) {
        const [first, second] = [374n, 375n].map((nonce) => argsOf(vector, nonce))
        const liquidation = kind === 'liquidate' ? liquidationOf(first) : undefined
        const deleverage = kind === 'deleverage' ? deleverageOf(first) : undefined
        const caller = { engine: 'dex', core, nonce: 374n } as const
        const calls = liquidation
          ? liquidationCalls(caller, {
              kind: 'liquidate',
              ...shared,
              form,
              updates: [liquidation, liquidation],
            })
          : deleverage
            ? deleverageCalls(caller, {
                kind: 'deleverage',
                ...shared,
                form,
                updates: [deleverage, deleverage],
              })
            : []
        if (calls.length === 0 || !first || !second) continue
        const wanted = [first, second].map((args) => encoded(form, kind, args).map(feltHex))
        expect(calls).toEqual(
          wanted.map((calldata) => ({
            kind: 'starknet',
            to: core,
            entrypoint: kind,
            calldata,
          })),
        )
        compared += 1
      }
      expect(compared).toBeGreaterThan(least)
    })
  },
)
