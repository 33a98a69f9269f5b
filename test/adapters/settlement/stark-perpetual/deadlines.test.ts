import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  freezableFrom,
  isWithin,
  lastSecondOfConsent,
  reclaimableFrom,
  settlementWindow,
  thawableFrom,
} from '../../../../lib/adapters/settlement/stark-perpetual/deadlines.ts'
import { parseProgramOutput } from '../../../../lib/adapters/settlement/stark-perpetual/program-output.ts'
import { l1Cases, l1Recording, titledL1 } from '../l1-vectors.ts'
import { aState } from './an-output.ts'
import { wellFormedBatches } from './recorded-batches.ts'

const time = fc.bigInt({ min: 1_600_000_000n, max: 2n ** 32n })

/** The contract's own three comparisons, as the reference has them. */
function isTaken(systemTime: bigint, expirationHour: bigint, now: bigint): boolean {
  return systemTime > now - 604_800n && systemTime < now + 14_400n && expirationHour > now / 3_600n
}

describe('the window of a batch', () => {
  test('is where all three comparisons of the contract hold, to the second', () => {
    const hours = fc.integer({ min: -3, max: 300 })
    const seconds = fc.oneof(
      fc.integer({ min: -20_000, max: 700_000 }),
      fc.constantFrom(-14_400, -14_399, 604_799, 604_800),
    )
    fc.assert(
      fc.property(aState, time, hours, seconds, (state, systemTime, ahead, away) => {
        const next = { ...state, systemTime }
        const expirationHour = systemTime / 3_600n + BigInt(ahead)
        const window = settlementWindow({ next, expirationHour })
        for (const now of [
          systemTime + BigInt(away),
          window.opensAt - 1n,
          window.opensAt,
          window.closesAt - 1n,
          window.closesAt,
        ])
          expect(isWithin(window, now)).toBe(isTaken(systemTime, expirationHour, now))
      }),
    )
  })

  test('closes by what comes first', () => {
    fc.assert(
      fc.property(aState, time, fc.integer({ min: 0, max: 400 }), (state, systemTime, ahead) => {
        const next = { ...state, systemTime }
        const expirationHour = systemTime / 3_600n + BigInt(ahead)
        const { closesAt, closedBy } = settlementWindow({ next, expirationHour })
        const byHour = expirationHour * 3_600n
        expect(closesAt).toBe(byHour < systemTime + 604_800n ? byHour : systemTime + 604_800n)
        expect(closedBy).toBe(byHour <= systemTime + 604_800n ? 'expiration' : 'system-time')
      }),
    )
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('deadlines as recorded'), () => {
  const timed = new Set(['SYSTEM_TIME_OUTDATED', 'SYSTEM_TIME_INVALID', 'BATCH_TIMESTAMP_EXPIRED'])
  // Checked before times are: nothing can be told of these.
  const before = new Set(['STATE_IS_FROZEN', 'ONLY_OPERATOR'])
  const batches = wellFormedBatches.filter(
    ({ one: { result } }) => !before.has(result?.revert?.reason ?? ''),
  )
  test.for(batches.map((batch) => [batch.one.id, batch] as const))('%s', ([, { words, one }]) => {
    const window = settlementWindow(parseProgramOutput(words))
    const isLate = timed.has(one.result?.revert?.reason ?? '')
    expect(isWithin(window, BigInt(one.chain?.timestamp ?? 0))).toBe(!isLate)
  })

  test('a request can freeze from its seventh day on, and a freeze ends a year later', () => {
    const requestedAt = at('perpetual.forced.withdrawal.request') ?? 0n
    const early = at('perpetual.freeze.withdrawal.one-second-early')
    expect(freezableFrom(requestedAt)).toBe(early && early + 1n)
    const thawed = freezableFrom(requestedAt)
    // The word that the contract kept.
    expect(thawableFrom(thawed)).toBe(0x6d3442d0n)
  })

  test('a cancelled deposit can be taken back two days later', () => {
    const cancelledAt = at('perpetual.flow.deposit-cancel') ?? 0n
    const early = at('perpetual.flow.deposit-reclaim.one-second-early')
    expect(reclaimableFrom(cancelledAt)).toBe(early && early + 1n)
  })

  test('a consent counts to the end of its hour', () => {
    expect(lastSecondOfConsent(500_002n)).toBe(at('perpetual.forced.trade.consent-same-hour'))
    expect(lastSecondOfConsent(500_001n)).toBe(
      (at('perpetual.forced.trade.consent-expired') ?? 0n) - 1n,
    )
  })
})

/** When the recording did something, by the case that did it or stood one second before. */
function at(id: string): bigint | undefined {
  const found = l1Cases(id).find((one) => one.id === id)
  return found?.chain && BigInt(found.chain.timestamp)
}
