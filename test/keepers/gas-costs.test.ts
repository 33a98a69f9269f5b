import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type { LedgerRow } from '../../lib/domain/pnl/ledger-row.ts'
import { gasCosts } from '../../lib/keepers/gas-costs.ts'
import type { Engine } from '../../lib/ports.ts'
import { movedClock } from './lane/lane-in-memory.ts'
import { after, begin } from './liquidation-world.ts'

const eth = parseMarket('ETH-USD')

/** Exchanges that have posted these prices of ether, at these seconds; and rows whose fee was a thousandth of one. */
async function world(posted: readonly (readonly [number, number])[], rows: number) {
  const store = memoryStore({ clock: movedClock() })
  const engines = Object.fromEntries(
    posted.map(([price, at], number) => {
      const prices = { [eth]: { price: new Decimal(price), publishedAt: after(at) } }
      const engine = { markets: [eth], state: async () => ({ prices }) } as unknown as Engine
      return [`e${number}`, engine]
    }),
  )
  for (let row = 0; row < rows; row += 1) {
    const fee = { token: 'ETH', paid: 10n ** 15n, usd: undefined }
    const won = { id: `${row}`, at: begin, kind: 'won', event: {}, work: undefined, fee }
    await store.ledger.add('dex', won as unknown as LedgerRow)
  }
  return { store, engines, nodes: [], feeMarkets: { l1: eth } }
}

const asked = { engine: 'dex', chain: 'l1', now: after(10) }

describe('what liquidating costs now', () => {
  test('is what it cost, at the newest price of the fee token', async () => {
    const found = await gasCosts(
      await world(
        [
          [1_000, 0],
          [2_000, 5],
          [3_000, 4],
        ],
        3,
      ),
      asked,
    )
    expect(found?.tryUsd?.toFixed(4)).toBe('2.0000')
  })

  test('is not known of a chain whose fee token has no market, nor by a price of half an hour ago', async () => {
    const it = await world([[2_000, 0]], 3)
    expect(await gasCosts({ ...it, feeMarkets: {} }, asked)).toBeUndefined()
    expect(await gasCosts(it, { ...asked, now: after(1_800) })).toBeDefined()
    expect(await gasCosts(it, { ...asked, now: after(1_801) })).toBeUndefined()
  })

  test('is the price of gas alone before the first try', async () => {
    const found = await gasCosts(await world([[2_000, 0]], 0), asked)
    expect([found?.tryUsd, found?.unitUsd.mul('1e18').toFixed(0)]).toEqual([undefined, '2000'])
  })
})
