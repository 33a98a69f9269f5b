import { describe, expect, test } from 'vitest'

import { healthOf } from '../../../lib/domain/margin/account.ts'
import { coreMargin, riskFactor } from '../../../lib/domain/margin/starknet-margin.ts'
import { generations, judged, RecordedPosition, titled, vectorsOf } from './recorded.ts'

describe.each(generations)('margin of generation %s', (generation) => {
  const vectors = vectorsOf(generation, 'margin')

  test.skipIf(vectors.length === 0)(titled('is that of every recorded position'), () => {
    for (const { id, case: name, pre, expect: expected } of vectors) {
      if (name === 'position_unknown') continue
      const { account, marks } = judged(generation, id, RecordedPosition.parse(pre))
      const found = coreMargin(account, marks, generation)
      const wanted =
        expected.ok === false
          ? { kind: 'unknown', reason: expected.error }
          : {
              kind: 'margin',
              value: BigInt(String(expected['total_value'])),
              requirement: BigInt(String(expected['total_risk'])),
              collateral: BigInt(String(expected['collateral_provisional'])),
            }
      expect([id, found]).toEqual([id, expect.objectContaining(wanted)])
      const health = found.kind === 'margin' ? healthOf(found) : undefined
      if (health === undefined) continue
      expect([id, health === 'bankrupt', health !== 'healthy', health === 'healthy']).toEqual([
        id,
        expected['deleveragable'],
        expected['liquidatable'],
        expected['healthy'],
      ])
    }
  })
})

test('tiers begin at their boundaries, and the last one has no end (contracts.md §1.7)', () => {
  const mark = {
    kind: 'synthetic',
    price: 1n << 28n,
    fundingIndex: 0n,
    riskFactorTiers: [100n, 200n, 500n],
    firstTierBoundary: 10_000n,
    tierSize: 10_000n,
  } as const
  const factors = [0n, 9_999n, 10_000n, 19_999n, 20_000n, -20_000n, 10n ** 20n].map((value) =>
    riskFactor(value, mark),
  )
  expect(factors).toEqual([100n, 100n, 200n, 200n, 500n, 500n, 500n])
})

test('an account with an asset that nobody knows is named, with the asset', () => {
  const account = {
    id: '7',
    collateral: 5n,
    holdings: [{ asset: 'XYZ-1', balance: 1n, fundingIndex: 0n }],
  }
  expect(coreMargin(account, {}, 'D')).toEqual({
    kind: 'unknown',
    reason: 'ASSET_NOT_EXISTS',
    asset: 'XYZ-1',
  })
})
