import { describe, expect, test } from 'vitest'

import { isTooOld } from '../../../lib/domain/head-age.ts'
import { unpricedIn, withoutOldPrices } from '../../../lib/domain/liquidation/freshness.ts'
import { after, aLook, begin } from '../../keepers/liquidation-world.ts'

const look = aLook({ pricedAt: { '0xb': begin } })

describe('a posted price', () => {
  test('counts until it is older than the network file says, and not after that', () => {
    const kept = [10, 10.001].map((seconds) =>
      unpricedIn(withoutOldPrices(look, { now: after(seconds), maxPriceAgeSeconds: 10 })),
    )
    expect(kept).toEqual([[], ['0xb']])
  })

  test('counts as long as the exchange takes it where the file says nothing', () => {
    expect(withoutOldPrices(look, { now: after(1e6) })).toBe(look)
  })

  test('of which the exchange does not say the age counts as long as it takes it', () => {
    const unsaid = aLook()
    const old = withoutOldPrices(unsaid, { now: after(1e6), maxPriceAgeSeconds: 1 })
    expect(unpricedIn(old)).toEqual([])
  })
})

describe('the newest block', () => {
  test('is too old after as many block times as the network file says, and never before fifteen seconds', () => {
    const isOld = [
      [12, 36],
      [12, 36.001],
      [1, 15],
      [1, 15.001],
    ].map(([blockSeconds = 0, age = 0]) =>
      isTooOld({ time: begin }, { now: after(age), blockSeconds, maxBlocks: 3 }),
    )
    expect(isOld).toEqual([false, true, false, true])
  })
})
