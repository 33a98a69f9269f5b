import { describe, expect, test } from 'vitest'

import { judgeFundingTick } from '../../../lib/domain/funding/funding-tick.ts'
import { starknetFundingPayment } from '../../../lib/domain/funding/index-change.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { aCore, anAsset, now } from './a-core.ts'
import { callOf, coreBefore, coreVectors, vectorsPath } from './core-vectors.ts'
import { titled } from './shared.ts'

describe.each(['C', 'D'] as const)('generation %s', (generation) => {
  const vectors = coreVectors(generation)

  describe.skipIf(!vectors.isThere)(
    titled('answers a funding tick as the real core', vectorsPath(generation)),
    () => {
      test.for(vectors.ticks.map((vector) => [`${vector.id} ${vector.case}`, vector] as const))(
        '%s',
        ([, vector]) => {
          const core = coreBefore(generation, vector, vectors.assetsOf(vector))
          const active = core.assets.filter(({ status }) => status === 'active')
          expect(active).toHaveLength(vector.pre.num_active_synthetics)
          const verdict = judgeFundingTick(core, callOf(vector), vector.pre.now)
          expect(verdict.kind === 'refused' ? verdict.panic : 'ok').toBe(
            vector.expect.ok ? 'ok' : vector.expect.error,
          )
          const { lastFundingTick, lastPriceValidation } =
            verdict.kind === 'accepted'
              ? verdict
              : { lastFundingTick: undefined, lastPriceValidation: undefined }
          expect([lastFundingTick, lastPriceValidation]).toEqual(
            vector.expect.ok
              ? [vector.expect.last_funding_tick, vector.expect.last_price_validation]
              : [undefined, undefined],
          )
        },
      )
    },
  )

  describe.skipIf(!vectors.isThere)(
    titled('answers the largest indexes as the real core', vectorsPath(generation)),
    () => {
      test.for(vectors.extremes.map((vector) => [`${vector.id} ${vector.case}`, vector] as const))(
        '%s',
        ([, { pre, call, expect: expected }]) => {
          const { price, last_funding_index: fundingIndex } = pre
          const core = aCore({
            generation,
            assets: [anAsset(1n, { price, fundingIndex })],
            maxFundingRate: pre.max_funding_rate,
            lastFundingTick: timestamp(now - pre.time_diff * 1_000),
          })
          const ticks = [{ assetId: 1n, fundingIndex: call.funding_index }]
          const verdict = judgeFundingTick(core, { operatorNonce: 7n, ticks, timestamp: 0n }, now)
          expect(verdict.kind === 'refused' ? verdict.panic : undefined).toBe(expected.error)
          expect(verdict.kind === 'accepted').toBe(expected.ok)
        },
      )
    },
  )

  describe.skipIf(!vectors.isThere)(
    titled('pays funding as the real core', vectorsPath(generation)),
    () => {
      test('provisionally, one floor for each holding', () => {
        expect(vectors.effects.length).toBeGreaterThan(40)
        for (const { id, pre, expect: expected } of vectors.effects) {
          const upTo = (index: 'funding_index_before' | 'funding_index') =>
            pre.holdings.reduce((sum, holding) => {
              const { balance, cached_funding_index: from } = holding
              return sum + starknetFundingPayment({ from, to: holding[index] ?? from, balance })
            }, pre.collateral_stored)
          expect([id, upTo('funding_index_before'), upTo('funding_index')]).toEqual([
            id,
            expected.collateral_provisional_before,
            expected.collateral_provisional,
          ])
        }
      })

      test('for good only in the asset that a trade touches', () => {
        expect(vectors.settlements.length).toBeGreaterThan(15)
        for (const { id, pre, expect: expected } of vectors.settlements) {
          const due = pre.holdings.map((holding) => {
            const { asset, balance, cached_funding_index: from, funding_index: to } = holding
            return { asset, payment: starknetFundingPayment({ from, to, balance }) }
          })
          const settled = due.find(({ asset }) => asset === pre.traded_asset)?.payment ?? 0n
          const stored = pre.collateral_stored + settled + pre.quote_amount - pre.fee
          const open = due.filter(({ asset }) => asset !== pre.traded_asset)
          const provisional = open.reduce((sum, { payment }) => sum + payment, stored)
          expect([id, stored, provisional]).toEqual([
            id,
            expected.collateral_stored,
            expected.collateral_provisional,
          ])
        }
      })
    },
  )
})
