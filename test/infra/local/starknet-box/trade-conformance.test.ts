import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { orderHash } from '../../../../lib/adapters/engines/starknet-perpetual/order-hash.ts'
import { operator, outcome, run, stranger } from './a-core.ts'
import { anOrder, liquidateCalldata, multiTradeCalldata, ownerPublicKey } from './flow-calldata.ts'
import { nineActive, start, withTraders } from './nine-active.ts'
import { coreOf, encoded, eventsOf, numbered, signerOf, told, viewed } from './recorded-accounts.ts'
import { conformance, titled, vectorsOf } from './vectors.ts'

const Big = z.bigint()
const sepolia = 0x534e5f5345504f4c4941n
const Order = z
  .object({
    position_id: Big,
    base_asset_id: Big,
    base_amount: Big,
    quote_asset_id: Big,
    quote_amount: Big,
    fee_asset_id: Big,
    fee_amount: Big,
    expiration: Big,
    salt: Big,
  })
  .transform((order) => ({
    positionId: order.position_id,
    baseAssetId: order.base_asset_id,
    baseAmount: order.base_amount,
    quoteAssetId: order.quote_asset_id,
    quoteAmount: order.quote_amount,
    feeAssetId: order.fee_asset_id,
    feeAmount: order.fee_amount,
    expiration: order.expiration,
    salt: order.salt,
  }))
const Trades = z.array(
  z.object({
    order_a: Order,
    order_b: Order,
    signature_a: z.array(Big),
    signature_b: z.array(Big),
    order_a_hash: Big,
    order_b_hash: Big,
  }),
)

/** Whose keys signed the recorded orders. */
function ownersOf(trades: z.infer<typeof Trades>): ReadonlyMap<string, bigint> {
  const signed = trades.flatMap((one) => [
    { order: one.order_a, hash: one.order_a_hash, signature: one.signature_a },
    { order: one.order_b, hash: one.order_b_hash, signature: one.signature_b },
  ])
  return new Map(
    signed.flatMap(({ order, hash, signature }) => {
      const key = signerOf(hash, signature, (publicKey) =>
        orderHash(order, { publicKey, chainId: sepolia }),
      )
      return key === undefined ? [] : [[`${order.positionId}`, key] as const]
    }),
  )
}

describe.skipIf(conformance === undefined)(titled('trades as the real core has them'), () => {
  const many = vectorsOf('multi_trade', 'D').map((one) => [one.id, one.case, one] as const)
  test.for(many)('multi_trade: %s %s', ([, , vector]) => {
    const args = z.looseObject({ trades: z.unknown() }).parse(numbered(vector.call))
    const { core, caller, now } = coreOf(vector, 'D', ownersOf(Trades.parse(args.trades)))
    const calldata = encoded('D', 'multi_trade', numbered(vector.call))
    const answer = run(core, { name: 'multi_trade', calldata, caller, now })
    expect(outcome(answer)).toBe(vector.expect.error ?? 'ok')
    if (answer.kind !== 'ok') return
    expect(answer.events).toEqual(eventsOf(vector.expect['events']))
    const { ours, recorded } = told(answer.core, vector.expect['after'], { now })
    expect(ours).toEqual(recorded)
    const { operator_nonce_after, fee_position_collateral } = After.parse(vector.expect)
    expect(`${answer.core.operatorNonce}`).toBe(operator_nonce_after)
    expect(`${viewed(answer.core, 'get_position_assets', { id: 0n, now }).at(-1)}`).toBe(
      fee_position_collateral,
    )
  })

  const spot = vectorsOf('trade', 'D').map((one) => [one.id, one.case, one] as const)
  test.for(spot)('of a spot asset: %s %s', ([, , vector]) => {
    const args = Spot.parse(numbered(vector.call))
    const owners = new Map(
      [args.position_a, args.position_b].map((id) => [`${id}`, ownerPublicKey]),
    )
    const { core: planted, now } = coreOf(vector, 'D', owners)
    // The asset's price at that time, which no holding tells where nobody holds it.
    const key = `0x${args.base_asset_id.toString(16)}` as const
    const asset = planted.assets[key]
    if (asset === undefined) throw new Error('the spot asset is not registered')
    const core = {
      ...planted,
      assets: { ...planted.assets, [key]: { ...asset, price: 671_088_640_000n } },
    }
    const [base, quote] = [args.actual_amount_base_a, args.actual_amount_quote_a]
    const a = {
      positionId: args.position_a,
      baseAssetId: args.base_asset_id,
      baseAmount: base,
      quoteAmount: quote,
    }
    const b = { ...a, positionId: args.position_b, baseAmount: -base, quoteAmount: -quote }
    const calldata = multiTradeCalldata({ operatorNonce: core.operatorNonce, a, b })
    const answer = run(core, { name: 'multi_trade', calldata, now })
    expect(outcome(answer)).toBe('ok')
    if (answer.kind !== 'ok') return
    // Salts are not recorded, and so hashes are ours.
    const withoutHashes = answer.events.map(({ keys, data }) => ({ keys: keys.slice(0, 3), data }))
    expect(withoutHashes).toEqual(
      eventsOf(vector.expect['events']).map(({ keys, data }) => ({ keys: keys.slice(0, 3), data })),
    )
    const { ours, recorded } = told(answer.core, vector.expect['after'], {
      now,
      base: args.base_asset_id,
    })
    expect(ours).toEqual(recorded)
  })

  for (const generation of ['C', 'D'] as const) {
    const fills = vectorsOf('liquidate_sequence', generation)
    test.for(fills.map((one) => [one.id, one.case, one] as const))(
      `fills of one order, ${generation}: %s %s`,
      ([, , vector]) => {
        const owners = new Map([['5', ownerPublicKey]])
        const { core: planted, now } = coreOf(vector, generation, owners)
        const liquidator = planted.positions['5'] ?? anOwner
        let core: CoreState = {
          ...planted,
          positions: { ...planted.positions, '5': liquidator },
        }
        const { base_asset_id, order, fills: parts } = Sequence.parse(numbered(vector.call))
        const [liquidated = '0'] = Object.keys(vector.pre?.['positions'] ?? {})
        let error: string | undefined
        for (const actual of parts) {
          const calldata = liquidateCalldata(
            {
              operatorNonce: core.operatorNonce,
              liquidated: BigInt(liquidated),
              order: {
                positionId: 5n,
                baseAssetId: base_asset_id,
                baseAmount: order.base_amount,
                quoteAmount: order.quote_amount,
              },
              actual,
            },
            generation,
          )
          const answer = run(core, { name: 'liquidate', calldata, now })
          if (answer.kind !== 'ok') {
            error = outcome(answer)
            break
          }
          core = answer.core
        }
        expect(error ?? 'ok').toBe(vector.expect.error ?? 'ok')
      },
    )
  }
})

const anOwner = {
  id: '5',
  ownerPublicKey,
  ownerAccount: 0n,
  collateral: 10n ** 17n,
  holdings: [],
  lastInterest: 1n,
}
const After = z.looseObject({
  operator_nonce_after: z.string(),
  fee_position_collateral: z.string(),
})
const Spot = z.object({
  position_a: Big,
  position_b: Big,
  base_asset_id: Big,
  actual_amount_base_a: Big,
  actual_amount_quote_a: Big,
})
const Sequence = z.object({
  base_asset_id: Big,
  order: z.object({ base_amount: Big, quote_amount: Big }),
  fills: z.array(z.object({ base: Big, quote: Big })),
})

const baseAssetId = 0x4254432d3600000000000000000000n
/** Half a thousand seconds after the traders of the vectors signed. */
const expiration = start + 500n
const sells = { positionId: 101n, baseAssetId, baseAmount: -10n, quoteAmount: 1000n, expiration }
const buys = { positionId: 5n, baseAssetId, baseAmount: 10n, quoteAmount: -1000n, expiration }

/** The orders that `clean_fulfillments` is called with, by the vectors' names. */
const cleaned: Readonly<Record<string, readonly (typeof sells)[]>> = {
  clean_two: [sells, buys],
  clean_empty: [],
  clean_second_not_expired: [sells, { ...buys, expiration: 4_000_000_000n }],
  clean_never_filled_order: [{ ...sells, baseAmount: -11n }],
}

describe.skipIf(conformance === undefined)(
  titled('fills are forgotten as by the real core'),
  () => {
    const cases = vectorsOf('fulfillment', 'D').map((one) => [one.id, one.case, one] as const)
    test.for(cases)('%s %s', ([, name, vector]) => {
      const { expiration: recorded, expirations = [], now: at } = Moment.parse(vector.pre)
      const elapsed = at - (recorded ?? expirations[0] ?? at - 1n)
      const now = expiration + elapsed
      const a = sells
      const traded = run(withTraders(nineActive('D')), {
        name: 'multi_trade',
        calldata: multiTradeCalldata({ operatorNonce: 90n, a, b: buys }),
        now: start,
      })
      if (traded.kind !== 'ok') throw new Error(outcome(traded))
      const core = { ...traded.core, paused: name === 'clean_while_paused' }
      const orders = cleaned[name] ?? [sells]
      const { public_keys: count } = z
        .object({ public_keys: z.coerce.number().default(0) })
        .parse(vector.call)
      const key = name === 'clean_wrong_key' ? ownerPublicKey + 1n : ownerPublicKey
      const args = { orders: orders.map(anOrder), public_keys: Array<bigint>(count).fill(key) }
      const isCleaning = name.startsWith('clean')
      const calldata = isCleaning
        ? encoded('D', 'clean_fulfillments', args)
        : multiTradeCalldata({ operatorNonce: 91n, a, b: buys })
      const answer = run(core, {
        name: isCleaning ? 'clean_fulfillments' : 'multi_trade',
        calldata,
        caller: isCleaning ? stranger : operator,
        now,
      })
      expect(outcome(answer).replace('101', '100')).toBe(vector.expect.error ?? 'ok')
      if (answer.kind !== 'ok') return
      expect(answer.events).toEqual([])
      const isForgotten = !['clean_wrong_key', 'clean_never_filled_order', 'clean_empty'].includes(
        name,
      )
      const left = Object.keys(core.fulfilled).length - Object.keys(answer.core.fulfilled).length
      expect(left).toBe(isForgotten ? orders.length : 0)
    })
  },
)

const Moment = z.object({
  now: z.coerce.bigint(),
  expiration: z.coerce.bigint().optional(),
  expirations: z.array(z.coerce.bigint()).optional(),
})
