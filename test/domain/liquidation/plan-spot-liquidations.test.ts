import { describe, expect, test } from 'vitest'

import type { CoreOffer } from '../../../lib/domain/liquidation/core-offer.ts'
import {
  spotPart,
  spotWishes,
  type SpotView,
} from '../../../lib/domain/liquidation/plan-spot-liquidations.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { coreMargin } from '../../../lib/domain/margin/starknet-margin.ts'
import { big, reasonOf } from '../margin/recorded-calls.ts'
import { titled, type Vector, vectorsOf } from '../margin/recorded.ts'
import { spotWorld, symbolOf } from './spot-vectors.ts'

const noTerms = { feeBps: 0n, discountBps: 0n, targetBps: 10_000n }

/** The recorded order, for exactly what the recorded call settles. */
function offerIn({ call = {} }: Vector, change: Partial<CoreOffer['order']> = {}): CoreOffer {
  const order = (call['liquidator_order'] ?? {}) as Record<string, unknown>
  return {
    filled: 0n,
    order: {
      position: String(order['source_position']),
      receiver: String(order['receive_position']),
      asset: symbolOf(order['base_asset_id']),
      base: -big(call['actual_amount_spot_collateral']),
      quote: -big(call['actual_amount_base_collateral']),
      collateral: String(order['quote_asset_id']),
      fee: big(order['fee_amount']),
      expiration: big(order['expiration']),
      salt: big(order['salt']),
      publicKey: '0x0',
      signature: { r: 0n, s: 0n },
      ...change,
    },
  }
}

function viewOf(
  vector: Vector,
  offers: readonly CoreOffer[],
  terms: SpotView['terms'] = noTerms,
): SpotView {
  const { look, account } = spotWorld(vector, 10n ** 18n)
  const fallen = account(vector.call?.['liquidated_position_id'])
  const margin = coreMargin(fallen, look.marks, 'D')
  if (margin.kind === 'unknown') throw new Error(margin.reason)
  const parties = offers.flatMap(({ order }) => [order.position, order.receiver ?? order.position])
  return {
    look,
    account: fallen,
    margin,
    offers,
    parties: new Map(parties.map((id) => [id, account(id)])),
    insuranceFund: look.insuranceFund,
    terms,
  }
}

const recorded = vectorsOf('D', 'liquidate_spot_asset')
const whole = recorded.filter(({ case: name }) => /_full_/.test(name))

/** What the account has by the mark. */
function equityOf(vector: Vector): bigint {
  const { account, look } = viewOf(vector, [])
  return account.holdings.reduce(
    (sum, { asset, balance }) => sum + ((look.marks[asset]?.price ?? 0n) * balance) / (1n << 28n),
    account.collateral,
  )
}

/** How much less than the mark the recorded call pays. */
function lossIn(vector: Vector): bigint {
  const atMark = `${/^(.*_full)_/.exec(vector.case)?.[1] ?? ''}_at_oracle_price`
  const other = recorded.find((one) => one.case === atMark)
  const [worth, paid] = [other, vector].map((one) =>
    big(one?.call?.['actual_amount_base_collateral']),
  ) as [bigint, bigint]
  return worth - paid
}

describe('a spot holding is sold', () => {
  test.skipIf(recorded.length === 0)(
    titled('by an order at the least price that the recorded contract took, and by none below it'),
    () => {
      const edges = whole.filter(({ case: name }) =>
        /min_quote$|min_quote_minus_1$|ratio_kept$|ratio_kept_minus_1$/.test(name),
      )
      const refusals: (readonly [string, boolean])[] = []
      for (const vector of edges) {
        const part = spotPart(viewOf(vector, [offerIn(vector)]))
        // At a price that is refused for all of it, a part may still be healthier.
        const sold = typeof part === 'string' ? 0n : part.size
        const isLess = sold < offerIn(vector).order.base
        if (reasonOf(vector) !== 'ok') {
          refusals.push([vector.case, isLess])
          continue
        }
        // Where there is something left by the mark, we do not let a sale below it leave a debt.
        const left = equityOf(vector) - lossIn(vector)
        const isOurs = equityOf(vector) < 0n || left >= 0n
        expect([vector.case, typeof part]).toEqual([vector.case, isOurs ? 'object' : 'string'])
      }
      expect(refusals.filter(([, isLess]) => !isLess)).toEqual([])
      expect(edges.length).toBeGreaterThan(7)
    },
  )

  test.skipIf(recorded.length === 0)(
    titled('by an order at the mark, no more of it than makes the account healthy again'),
    () => {
      const atMark = whole.filter(({ case: name }) => name === 'tv_minus_1_full_at_oracle_price')
      for (const vector of atMark) {
        const view = viewOf(vector, [offerIn(vector)])
        const part = spotPart(view)
        if (typeof part === 'string') throw new Error(part)
        // One unit of a millionth of a dollar is missing: a thousandth of a percent of the holding is far more.
        expect(part.size).toBeLessThan(offerIn(vector).order.base / 100_000n)
        const after = coreMargin(afterSale(view.account, part), view.look.marks, 'D')
        expect(after).toMatchObject({ kind: 'margin', value: expect.any(BigInt) as bigint })
        expect(after.kind === 'margin' && after.value >= 0n).toBe(true)
        expect([part.fee, part.cover]).toEqual([0n, 0n])
      }
      expect(atMark.length).toBeGreaterThan(0)
    },
  )

  test.skipIf(recorded.length === 0)(
    titled('with fee and discount as long as there is something left by the mark'),
    () => {
      const [vector] = whole.filter(({ case: name }) => name === 'tv_minus_1_full_at_oracle_price')
      if (!vector) throw new Error('it is recorded')
      const terms = { feeBps: 100n, discountBps: 200n, targetBps: 10_000n }
      const view = viewOf(vector, [offerIn(vector, { quote: -(10n ** 15n) })], terms)
      const part = spotPart(view)
      if (typeof part === 'string') throw new Error(part)
      const worth = part.quote + part.reward
      // Rounded down, each of what is sold.
      expect([part.reward, part.fee]).toEqual([(worth * 200n) / 10_000n, (worth * 100n) / 10_000n])
    },
  )
})

function afterSale(
  account: Account,
  { asset, size, quote, fee }: { asset: string; size: bigint; quote: bigint; fee: bigint },
): Account {
  return {
    ...account,
    collateral: account.collateral + quote - fee,
    holdings: account.holdings.map((one) =>
      one.asset === asset ? { ...one, balance: one.balance - size } : one,
    ),
  }
}

describe('a spot holding is not sold', () => {
  const [vector] = whole.filter(({ case: name }) => name === 'deep_full_at_oracle_price')

  test.skipIf(!vector).each([
    [
      'by an order in another token than the base collateral',
      { collateral: '0x2' },
      'QUOTE_ASSET_ID_NOT_COLLATERAL',
    ],
    ['by an order for another asset', { asset: 'ETH-4' }, 'no-order'],
    ['by an order that only covers what was filled', { base: 0n }, 'no-order'],
    ['by an order of nobody we know', { receiver: '77777' }, 'no-order'],
  ] as const)(titled('%s'), (_what, change, why) => {
    if (!vector) return
    const view = viewOf(vector, [offerIn(vector, change)])
    const known = !('receiver' in change)
      ? view
      : { ...view, parties: new Map([['5', view.account]]) }
    expect(spotPart(known)).toBe(why)
  })

  test.skipIf(!vector)(titled('by an order without a receiver, which another call takes'), () => {
    if (!vector) return
    const { order, filled } = offerIn(vector)
    const { receiver: _receiver, ...plain } = order
    expect(spotPart(viewOf(vector, [{ order: plain, filled }]))).toBe('no-order')
  })

  test.skipIf(!vector)(titled('on an exchange of an older generation'), () => {
    if (!vector) return
    const view = viewOf(vector, [offerIn(vector)])
    expect(spotPart({ ...view, look: { ...view.look, generation: 'C' } })).toBe('no-spot')
  })
})

test.skipIf(recorded.length === 0)(
  titled(
    'orders are wanted for all spot holdings of an asset together, at the mark, and for no synthetics',
  ),
  () => {
    const [vector] = recorded.filter(
      ({ case: name }) => name === 'mixed_liquidatable_full_at_oracle_price',
    )
    if (!vector) throw new Error('it is recorded')
    const { look, account } = spotWorld(vector)
    const fallen = account(vector.call?.['liquidated_position_id'])
    const twice = [fallen, { ...fallen, id: '7' }]
    const wishes = spotWishes(twice, look)
    const sold = -big(vector.call?.['actual_amount_spot_collateral'])
    expect(wishes).toEqual([
      {
        asset: symbolOf(
          (vector.call?.['liquidator_order'] as Record<string, unknown> | undefined)?.[
            'base_asset_id'
          ],
        ),
        base: 2n * sold,
        quote: -2n * big(vector.call?.['actual_amount_base_collateral']),
        isSpot: true,
      },
    ])
  },
)
