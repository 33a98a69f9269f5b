import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { CoreMark } from '../../../lib/domain/margin/starknet-margin.ts'
import { healthySize } from '../../../lib/domain/margin/starknet-size.ts'

const unit = 1n << 28n

function aMark(bent: Partial<CoreMark> = {}): CoreMark {
  return {
    kind: 'synthetic',
    price: 100n * unit,
    fundingIndex: 0n,
    riskFactorTiers: [50n],
    firstTierBoundary: 10n ** 12n,
    tierSize: 1n,
    ...bent,
  }
}

const long = (collateral: bigint, balance = 50n) => ({
  id: '7',
  collateral,
  holdings: [{ asset: 'A', balance, fundingIndex: 0n }],
})

describe('the size that makes an account healthy', () => {
  test('is that of the closed form: a third, with a fee of 1 % and a target of 1.1 (keepers.md §4.4)', () => {
    // 5,000 notional, 200 left, 5 %; in units of 1e-6 so that a third is near enough.
    const account = long(-4_800_000_000n, 50_000_000n)
    const view = { account, asset: 'A', marks: { A: aMark() }, generation: 'D' } as const
    const found = healthySize({ ...view, feeBps: 100n, targetBps: 11_000n })
    expect(found).toEqual({ kind: 'size', size: 16_666_667n })
  })

  test('all of it where not even that is enough, and nothing where nothing is held or known', () => {
    const view = { asset: 'A', generation: 'D', feeBps: 0n, targetBps: 10_000n } as const
    const marks = { A: aMark() }
    expect(healthySize({ ...view, marks, account: long(-5_001n) })).toEqual({
      kind: 'whole-is-not-enough',
    })
    expect(healthySize({ ...view, marks, account: { ...long(0n), holdings: [] } })).toEqual({
      kind: 'whole-is-not-enough',
    })
    expect(healthySize({ ...view, marks: {}, account: long(0n) })).toEqual({
      kind: 'unknown',
      reason: 'ASSET_NOT_EXISTS',
    })
  })

  test('is the smallest by trying them all, whatever tiers say, where no fee is taken', () => {
    let partial = 0
    fc.assert(
      fc.property(
        fc.bigInt(-300n, 300n).filter((balance) => balance !== 0n),
        fc.bigInt(unit / 3n, 90n * unit),
        fc.bigInt(0n, 3_000n),
        (balance, price, left) => {
          const mark = aMark({
            price,
            riskFactorTiers: [50n, 200n, 500n],
            firstTierBoundary: 3_000n,
            tierSize: 3_000n,
          })
          const value = (price * balance) / unit
          const account = long(left - value, balance)
          const found = healthySize({
            account,
            asset: 'A',
            marks: { A: mark },
            generation: 'C',
            feeBps: 0n,
            targetBps: 10_000n,
          })
          const whole = balance < 0n ? -balance : balance
          const sizes = Array.from({ length: Number(whole) }, (_, at) => BigInt(at) + 1n)
          const requirement = (size: bigint) => {
            const rest = (price * (balance < 0n ? balance + size : balance - size)) / unit
            const worth = rest < 0n ? -rest : rest
            const factor = worth < 3_000n ? 50n : worth < 6_000n ? 200n : 500n
            return (factor * worth) / 1_000n
          }
          const smallest = sizes.find((size) => left >= requirement(size))
          expect(found).toEqual({ kind: 'size', size: smallest })
          partial += smallest !== undefined && smallest > 1n && smallest < whole ? 1 : 0
        },
      ),
      { numRuns: 1_000 },
    )
    expect(partial).toBeGreaterThan(100)
  })
})
