import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type Fault, poorPeople, rules, type Second, secondsThrough } from './recovery-world.ts'

const { graceSeconds, stageSeconds, mostWaitSeconds } = rules
const rampSeconds = graceSeconds + 3 * stageSeconds
const length = 400

/** Since when the liquidations' slots have been good at each second: a refusal or half a minute without one breaks it. */
function goodSince(all: readonly Second[]): readonly (number | undefined)[] {
  let since: number | undefined
  let last: number | undefined
  return all.map(({ at, liquidated }) => {
    if (liquidated === undefined) return undefined
    if (last !== undefined && at - last > 30) since = undefined
    last = at
    if (liquidated === 'refused') since = undefined
    else since ??= at
    return liquidated === 'refused' ? undefined : since
  })
}

/** Every breach of the order, in words. */
function breaches(all: readonly Second[]): readonly string[] {
  const since = goodSince(all)
  const between = (from: number, to: number) => all.slice(from, to + 1)
  return all.flatMap((second, at): readonly string[] => {
    const from = since[at]
    const found: string[] = []
    const breach = (text: string): void => void found.push(`${at}: ${text}`)
    if (from === undefined) {
      if (second.poor > 0) breach('somebody with something left was liquidated in a stall')
      if (second.gaveWay) breach('somebody gave way in a stall')
      return found
    }
    const then = between(from, at)
    const waited = at - from
    const pushed = then.some(({ push }) => push === true)
    const settled = then.some(({ funding }) => funding === true)
    if (!second.tookBroke) breach('less than nothing was left waiting')
    if (second.poor > 0) {
      if (waited < graceSeconds) breach('nobody had time to add margin')
      if (!pushed && waited < mostWaitSeconds) breach('prices were not pushed before')
      if (!settled && waited < mostWaitSeconds) breach('funding was not settled before')
    }
    if (second.gaveWay) {
      if (waited < rampSeconds) breach('somebody gave way before the ramp was over')
      if (!then.some(({ poor }) => poor === poorPeople)) breach('deleverage was not the last')
    }
    const steady = then.every(({ isPriced }) => isPriced)
    const before = all[at - 1]
    const isLess = before && at - 1 >= from && before.poor > second.poor
    if (steady && isLess) breach('fewer were liquidated than the second before')
    if (waited >= 2 * mostWaitSeconds + rampSeconds) {
      if (second.poor !== poorPeople) breach('not all are liquidated again')
      if (second.deleveraged === 'done' && !second.gaveWay) breach('nobody gives way again')
    }
    return found
  })
}

const fault: fc.Arbitrary<Fault> = fc
  .record({
    of: fc.constantFrom('prices', 'one-market', 'chain', 'funding', 'process'),
    from: fc.integer({ min: 0, max: length }),
    lasts: fc.integer({ min: 1, max: 120 }),
  })
  .map(({ of, from, lasts }) => ({ of, from, to: from + lasts }))

describe('after prices, the chain, funding or we ourselves stood still', () => {
  test('all comes back in its order, and less than nothing waits for nothing, whatever stood still when', async () => {
    const seen = { taken: 0, waited: 0, gaveWay: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 4 }), async (faults) => {
        const all = await secondsThrough(faults, length)
        expect(breaches(all)).toEqual([])
        seen.taken += all.filter(({ poor }) => poor > 0).length
        seen.waited += all.filter(({ poor, tookBroke }) => poor === 0 && tookBroke).length
        seen.gaveWay += all.filter(({ gaveWay }) => gaveWay).length
      }),
      { numRuns: 12 },
    )
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(100)
  }, 120_000)

  test('the order is prices, funding, grace, the ramp, deleverage', async () => {
    // Prices stop, and funding with them for longer.
    const all = await secondsThrough(
      [
        { of: 'prices', from: 200, to: 251 },
        { of: 'funding', from: 200, to: 265 },
      ],
      length,
    )
    const first = (is: (second: Second) => boolean) =>
      all.findIndex((second) => second.at >= 240 && is(second))
    const pushed = first(({ push }) => push === true)
    const settled = first(({ funding }) => funding === true)
    expect([pushed, settled]).toEqual([255, 270])
    expect(first(({ poor }) => poor > 0)).toBe(settled + graceSeconds)
    // Two, four, eight and sixteen, with the one that has less than nothing.
    const steps = [1, 3, 7, poorPeople].map((many) => first(({ poor }) => poor === many))
    expect(steps).toEqual([290, 300, 310, 320])
    expect(first(({ gaveWay }) => gaveWay)).toBe(320)
    expect(first(({ tookBroke }) => tookBroke)).toBe(pushed)
  })

  test('a market that stays without a price is waited for, but not for ever', async () => {
    const all = await secondsThrough(
      [
        { of: 'prices', from: 100, to: 146 },
        { of: 'one-market', from: 100, to: length },
      ],
      length,
    )
    const again = all.findIndex(({ at, poor }) => at > 125 && poor > 0)
    // From 150 on there is a price of the other; thirty seconds, then funding at 180, then the grace.
    expect(again).toBe(150 + mostWaitSeconds + graceSeconds)
    expect(all[length - 1]).toMatchObject({ poor: poorPeople, gaveWay: true })
  })

  test('where nothing stands still nobody waits', async () => {
    const all = await secondsThrough([], 300)
    expect(
      all.slice(rampSeconds + 2 * mostWaitSeconds).every(({ poor }) => poor === poorPeople),
    ).toBe(true)
  })
})
