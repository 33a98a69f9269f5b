import { describe, expect, test } from 'vitest'

import { starkexFeeder } from '../../../../lib/adapters/chains/starkex-feeder.ts'
import {
  aBook,
  aPosition,
  btcAsset,
  collateralAsset,
  riskyConfig,
} from '../../../infra/local/starkex-gateway/a-book.ts'
import { openStarkex } from './a-starkex.ts'

async function ready(tellsLast: boolean) {
  const config = riskyConfig({ batches: { transactions: 100, seconds: 3_600, gap: 2, tellsLast } })
  const it = await aBook(new Map([[30n, aPosition(1n, [[btcAsset, 1n]])]]), { config })
  const { origin } = new URL(it.url)
  const feeder = starkexFeeder({
    chain: 'starkex',
    feederUrl: `${origin}/feeder_gateway`,
    availabilityUrl: `${origin}/availability_gateway`,
    tls: undefined,
  })
  const liquidation = {
    collateralAsset,
    segmentedBy: 'balance',
    risk: {},
    position: undefined,
    key: undefined,
  } as const
  const { engine } = openStarkex({ url: it.url, clock: it.clock, feeder, liquidation })
  const batches = engine.liquidation?.batches
  if (!batches) throw new Error('its batches are told')
  /** Closes one with a price, and says when it was made. */
  const close = async () => {
    it.pass(30)
    await it.price()
    it.exchange.closeBatch()
    return it.clock.now()
  }
  return { ...it, batches, close }
}

describe.each([
  ['that tells its newest batch', true],
  ['whose newest batch must be looked for', false],
])('the batches that count, by a feeder %s', (_, tellsLast) => {
  test('are those that another one follows', async () => {
    const it = await ready(tellsLast)
    // The first one, of whoever was there from the start.
    expect(await it.batches.newest()).toMatchObject({ number: 0, time: 0 })
    const second = await it.close()
    const first = await it.batches.newest()
    expect(first.time).toBeLessThan(second)
    await it.close()
    expect(await it.batches.newest()).toMatchObject({ time: second })
  })

  test('wait to be booked since the next one was made', async () => {
    const it = await ready(tellsLast)
    await it.close()
    const first = await it.batches.newest()
    expect(await it.batches.countedSince(first)).toBeUndefined()
    const third = await it.close()
    expect(await it.batches.countedSince(first)).toBe(third)
    for (let more = 0; more < 5; more += 1) await it.close()
    expect(await it.batches.countedSince(first)).toBe(third)
    expect(await it.batches.countedSince(await it.batches.newest())).toBeUndefined()
  })

  test('are found by the number of another one between them, and back past one that is aborted', async () => {
    const it = await ready(tellsLast)
    await it.close()
    const first = await it.batches.newest()
    await it.close()
    const second = await it.batches.newest()
    expect(second.number).toBeGreaterThan(first.number)
    expect(await it.batches.upTo(second.number)).toEqual(second)
    expect(await it.batches.upTo(second.number - 1)).toEqual(first)
    it.exchange.abortBatch()
    it.exchange.abortBatch()
    expect(await it.batches.upTo(second.number)).toEqual(first)
    expect(await it.batches.upTo(0)).toMatchObject({ number: 0, time: 0 })
  })
})
