import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { hex } from '../../../../infra/local/starknet-box/felt.ts'
import {
  limitOrderHash,
  orderHash,
} from '../../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { outcome, run } from './a-core.ts'
import { coreOf, encoded, eventsOf, numbered, signerOf, told, viewed } from './recorded-accounts.ts'
import { conformance, type Generation, titled, type Vector, vectorsOf } from './vectors.ts'

const kinds = {
  liquidate: 'liquidate',
  deleverage: 'deleverage',
  reduce_asset_position: 'reduce_asset_position',
  liquidate_spot_asset: 'liquidate_spot_asset',
  deleverage_spot: 'deleverage',
} as const

/** What a name tells and no other field. */
function before(vector: Vector, core: CoreState, base: bigint): CoreState {
  const asset = core.assets[hex(base)]
  if (vector.case === 'error_asset_inactive' && asset !== undefined)
    return { ...core, assets: { ...core.assets, [hex(base)]: { ...asset, status: 'INACTIVE' } } }
  return { ...core, paused: vector.case === 'error_paused' }
}

const Big = z.bigint()
const Order = z.record(z.string(), Big)
const Signed = z.object({
  order_hash: Big,
  liquidator_signature: z.array(Big),
  liquidator_order: Order,
})

/** Whose key signed the recorded order, by the position that it is of. */
function ownersOf(args: unknown, chainId: bigint): ReadonlyMap<string, bigint> {
  const signed = Signed.safeParse(args).data
  if (signed === undefined) return new Map()
  const { order_hash: hash, liquidator_signature: signature, liquidator_order: order } = signed
  const words = {
    baseAssetId: order['base_asset_id'] ?? 0n,
    baseAmount: order['base_amount'] ?? 0n,
    quoteAssetId: order['quote_asset_id'] ?? 0n,
    quoteAmount: order['quote_amount'] ?? 0n,
    feeAssetId: order['fee_asset_id'] ?? 0n,
    feeAmount: order['fee_amount'] ?? 0n,
    expiration: order['expiration'] ?? 0n,
    salt: order['salt'] ?? 0n,
  }
  const id = order['position_id'] ?? order['source_position'] ?? 0n
  const key = signerOf(hash, signature, (publicKey) =>
    order['source_position'] === undefined
      ? orderHash({ positionId: id, ...words }, { publicKey, chainId })
      : limitOrderHash(
          { sourcePosition: id, receivePosition: order['receive_position'] ?? 0n, ...words },
          { publicKey, chainId },
        ),
  )
  return key === undefined ? new Map() : new Map([[`${id}`, key]])
}

const sepolia = 0x534e5f5345504f4c4941n

function answered(generation: Generation, vector: Vector, name: string) {
  const args = numbered({ operator_nonce: '0', ...vector.call })
  const {
    core: planted,
    caller,
    now,
  } = coreOf(withPositions(vector), generation, ownersOf(args, sepolia))
  const { operator_nonce } = { operator_nonce: planted.operatorNonce, ...given(vector) }
  const base = baseOf(args)
  const core = { ...before(vector, planted, base), operatorNonce: operator_nonce }
  const call = { name, calldata: encoded(generation, name, args), caller, now }
  if (vector.case !== 'error_same_order_twice') return { answer: run(core, call), now, base }
  const earlier = encoded(generation, name, Object.assign(args, { operator_nonce }))
  const first = run(core, { ...call, calldata: earlier })
  if (first.kind !== 'ok') throw new Error(outcome(first))
  return { answer: run(first.core, call), now, base }
}

/** The three that fail by their asset do not tell between whom; any two that are there. */
function withPositions(vector: Vector): Vector {
  if (!['asset_spot', 'asset_base_collateral', 'asset_unknown'].includes(vector.case)) return vector
  const { position_id_a: a, position_id_b: b } = z
    .looseObject({ position_id_a: z.string(), position_id_b: z.string() })
    .parse(vector.call)
  return { ...vector, pre: { ...vector.pre, positions: { [a]: 's0-empty', [b]: 's0-empty' } } }
}

/** Where no state names the nonce, it is the right one. */
function given({ pre, call }: Vector): { readonly operator_nonce?: bigint } {
  const named = z.looseObject({ operator_nonce: z.string().optional() }).parse(call).operator_nonce
  if (pre?.operator_nonce !== undefined || named === undefined) return {}
  return { operator_nonce: BigInt(named) }
}

function baseOf(args: unknown): bigint {
  const { base_asset_id, liquidator_order } = z
    .looseObject({ base_asset_id: Big.optional(), liquidator_order: Order.optional() })
    .parse(args)
  return base_asset_id ?? liquidator_order?.['base_asset_id'] ?? 0n
}

const After = z.looseObject({
  fee_position_collateral: z.string().optional(),
  insurance_fund_collateral: z.string().optional(),
})

describe.skipIf(conformance === undefined)(
  titled('positions are closed as the real core closes them'),
  () => {
    for (const generation of ['C', 'D'] as const)
      for (const [kind, name] of Object.entries(kinds)) {
        const cases = vectorsOf(kind, generation).map((one) => [one.id, one.case, one] as const)
        test.for(cases)(`${generation} ${kind}: %s %s`, ([, , vector]) => {
          const { answer, now, base } = answered(generation, vector, name)
          expect(outcome(answer)).toBe(vector.expect.error ?? 'ok')
          if (answer.kind !== 'ok') return
          expect(answer.events).toEqual(eventsOf(vector.expect['events']))
          const { ours, recorded } = told(answer.core, vector.expect['after'], { now, base })
          expect(ours).toEqual(recorded)
          const after = After.parse(vector.expect['after'])
          const [fees, insurance] = [0n, 1n].map((id) =>
            String(viewed(answer.core, 'get_position_assets', { id, now }).at(-1)),
          )
          expect(fees).toBe(after.fee_position_collateral ?? fees)
          expect(insurance).toBe(after.insurance_fund_collateral ?? insurance)
        })
      }
  },
)
