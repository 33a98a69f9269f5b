import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { rateSoFar } from '../../../lib/domain/funding/rate-so-far.ts'
import type { FundingRules } from '../../../lib/domain/funding/rate.ts'
import { parseMarket } from '../../../lib/domain/market.ts'

const market = parseMarket('BTC-USD')

const rules: FundingRules = {
  rule: {
    kind: 'premium-only',
    damper: new Decimal(0),
    periodCap: new Decimal(1),
    periodSeconds: 3_600,
  },
  maxRate: new Decimal('0.01'),
  fullRangeSeconds: undefined,
}

/** An hour of 60 slots whose premium alone is its rate, for an hour. */
const policy = {
  epochSeconds: 3_600,
  slotSeconds: 60,
  samples: { minSamples: 30, minVotes: 1, missing: 'zero', average: 'mean' },
  markets: { [market]: rules },
} as const

const votes = (...of: readonly (readonly [slot: number, premium: string])[]) =>
  of.map(([slot, premium]) => ({
    slot,
    voter: 'oracle-1',
    premiums: { [market]: new Decimal(premium) },
  }))

const look = { market, epoch: 10, last: undefined }

describe('the rate so far', () => {
  test('is of the slots until the newest vote, however many the epoch needs in the end', () => {
    // 600 is the first slot of the epoch. (0.001 + 0 + 0.002) / 3.
    const seen = rateSoFar(policy, { ...look, votes: votes([600, '0.001'], [602, '0.002']) })
    expect(seen).toMatchObject({ sampled: 2, slots: 3 })
    expect(seen?.rate.toFixed()).toBe('0.001')
  })

  test('is within the market’s cap', () => {
    expect(rateSoFar(policy, { ...look, votes: votes([600, '0.5']) })?.rate.toFixed()).toBe('0.01')
  })

  test('is no further from the last one than the epochs between allow', () => {
    const last = { epoch: 10, epochRate: new Decimal(0), lastSample: new Decimal(0) }
    const slow = { ...policy, markets: { [market]: { ...rules, fullRangeSeconds: 36_000 } } }
    // One epoch, a tenth of the time from -0.01 to 0.01.
    const seen = rateSoFar(slow, { ...look, votes: votes([600, '0.5']), last })
    expect(seen?.rate.toFixed()).toBe('0.002')
  })

  test('is none before the first vote, of votes for another epoch, and of a market without a rule', () => {
    expect(rateSoFar(policy, { ...look, votes: [] })).toBeUndefined()
    expect(rateSoFar(policy, { ...look, votes: votes([599, '0.5']) })).toBeUndefined()
    const other = { ...look, market: parseMarket('ETH-USD'), votes: votes([600, '0.001']) }
    expect(rateSoFar(policy, other)).toBeUndefined()
  })
})
