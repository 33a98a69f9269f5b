import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { dydxInsuranceFund, dydxWatch } from '../../../lib/adapters/watched/dydx.ts'
import { restPlace } from '../../../lib/adapters/watched/rest-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import type { SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import { aDydx, btcPerpetual, genesis } from './a-dydx.ts'
import { nothingBefore, realClock } from './places.ts'

let world: Awaited<ReturnType<typeof aDydx>>
let memory: SystemMemory | undefined
beforeEach(async () => {
  world = await aDydx()
  memory = undefined
})
afterEach(async () => world.stop())

async function look(markets: readonly [string, ...string[]] = ['BTC-USD']) {
  const system = dydxWatch({
    name: 'dydx',
    nodes: world.nodes.map(({ url }) => restPlace({ url, timeoutMs: 1_000 })),
    indexer: restPlace({ url: world.indexer.url, timeoutMs: 1_000 }),
    chainId: world.chainId,
    markets,
    insuranceFund: dydxInsuranceFund,
    clock: realClock,
  })
  const before = memory ? { cursor: memory.cursor, heads: {} } : nothingBefore
  const sight = await system.look(before, timestamp(Date.now() + 20_000))
  memory = remember('dydx', memory, sight, watchNumbers)
  return sight
}

const levelOf = ({ levels }: Awaited<ReturnType<typeof look>>, ticker: string) =>
  levels.find(({ name }) => name === `funding-index:${ticker}`)
const jump = () => memory?.levels['funding-index:BTC-USD']?.jumped

/** Goes on until what is set now is what a look sees: it asks for two blocks below the newest. */
function set(index: string, price = '6800000000'): void {
  world.change({ indices: { 0: index }, oraclePrices: { 0: price } })
  world.goOn(3)
}

/** As Go writes a whole number: version and sign, then the magnitude from its highest byte on. */
function inBase64(index: bigint): string {
  const digits = (index < 0n ? -index : index).toString(16)
  const magnitude = index === 0n ? '' : digits.padStart(digits.length + (digits.length % 2), '0')
  return Buffer.from(`${index < 0n ? '03' : '02'}${magnitude}`, 'hex').toString('base64')
}

describe('the funding index of a market on dYdX', () => {
  test('is told in USD for a coin, with its clamp and the time of its tick', async () => {
    // 1e-10 BTC is a unit; an index of 1 is a millionth of a millionth of a USD for it.
    set(inBase64(120_432n))
    expect(levelOf(await look(), 'BTC-USD')).toEqual({
      name: 'funding-index:BTC-USD',
      value: 1_204.32,
      unit: 'USD',
      // 6 · (2 % − 1.2 %) of 68 000 USD in eight hours.
      mostPerHour: 408,
      writtenAt: genesis + 7_200_000,
    })
  })

  test.each([
    ['Ag==', 0],
    ['AgE=', 0.01],
    ['AwE=', -0.01],
    ['AwEA', -2.56],
    ['120432', 1_204.32],
    ['-120432', -1_204.32],
  ])('is read from %s', async (text, value) => {
    set(text)
    expect(levelOf(await look(), 'BTC-USD')?.value).toBe(value)
  })

  test.each([[''], ['AQE='], ['BAE='], ['nonsense'], ['{}'], ['1.5'], ['A'.repeat(200)]])(
    'is not made of %j',
    async (text) => {
      set(text)
      const sight = await look()
      expect(levelOf(sight, 'BTC-USD')).toBeUndefined()
      expect(sight.unseen.map(({ part, reason }) => `${part}: ${reason}`)).toEqual([
        expect.stringContaining('level:funding-index: the chain tells no funding index of BTC-USD'),
      ])
    },
  )

  test('of an isolated market has that market’s own margins and units', async () => {
    world.change({ indices: { 45: inBase64(-5n) }, oraclePrices: { 45: '12' } })
    world.goOn(3)
    // 6 · (5 % − 3 %) of 0.00012 USD in eight hours; a unit is 1e-10 coins here too.
    expect(levelOf(await look(['MOG-USD']), 'MOG-USD')).toMatchObject({
      value: -0.05,
      mostPerHour: 0.0000018,
    })
  })

  test('goes with the resolution of its market', async () => {
    world.change({
      perpetuals: [{ ...btcPerpetual, atomic_resolution: -6 }],
      indices: { 0: inBase64(3_000_000n) },
    })
    world.goOn(3)
    expect(levelOf(await look(), 'BTC-USD')?.value).toBe(3)
  })

  test('jumps where it is zeroed between two ticks, and not where a tick brings all that may be', async () => {
    set(inBase64(120_432n))
    await look()
    world.goOn(3_600)
    set(inBase64(120_432n + 40_800n))
    await look()
    expect(jump()).toBeUndefined()
    set(inBase64(0n))
    await look()
    expect(jump()).toMatchObject({ from: 1_612.32, to: 0, most: 0 })
  })

  test('jumps where a tick brings more', async () => {
    set(inBase64(120_432n))
    await look()
    world.goOn(3_600)
    // By a tenth more than the clamp, and a little.
    set(inBase64(120_432n + 44_881n))
    await look()
    expect(jump()).toMatchObject({ from: 1_204.32, to: 1_653.13 })
  })
})
