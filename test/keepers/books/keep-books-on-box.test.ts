import { expect, test } from 'vitest'

import type { LedgerRow } from '../../../lib/domain/pnl/ledger-row.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { keepBooks } from '../../../lib/keepers/books/keep-books.ts'
import { performer } from '../../../lib/keepers/perform.ts'
import { runKeeper } from '../../../lib/keepers/run-keeper.ts'
import { coin, startCoreBox, usd } from '../core-box-world.ts'
import { replays } from '../replay/replays.ts'

type Box = Awaited<ReturnType<typeof startCoreBox>>

/** Books everything that is final. */
async function booked({
  box,
  clock,
  chain,
  engine,
  store,
  lane,
}: Box): Promise<readonly LedgerRow[]> {
  for (let block = 0; block < 3; block += 1) box.makeBlock()
  const perform = performer({
    ports: {
      clock,
      store,
      engines: { dex: engine },
      oracles: [],
      positions: { read: async () => undefined, write: async () => 'stale' },
    },
    laneOf: () => lane,
    messenger: {
      clock,
      incidents: store.incidents,
      desk: store.desk,
      rules: {},
      channels: {},
      routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
      notify: () => undefined,
    },
    notify: () => undefined,
  })
  const keeper = replays(
    keepBooks({
      clock,
      store,
      engines: { dex: engine },
      chains: { starknet: chain },
      nodes: [],
      laneOf: () => lane,
      feeMarkets: {},
    }),
  )
  // Each time is a slot of its own.
  clock.pass(1)
  const now = clock.now()
  const run = { clock, store, worker: 'w', notify: () => undefined, maxLateMs: 60_000, perform }
  const slot = { subject: 'dex', slot: now, slotAt: now, until: timestamp(now + 60_000) }
  expect(await runKeeper(run, keeper, slot)).toMatchObject({ kind: 'done' })
  return store.ledger.recent('dex', 100)
}

test.each(['C', 'D'] as const)(
  'on generation %s our position grows by exactly what the books say, and a deleverage is told with its loss',
  async (generation) => {
    const it = await startCoreBox(generation, [
      { id: '200', left: 8, size: 10 },
      { id: '202', left: -50, size: 10 },
      { id: '203', left: 200, size: -10 },
      { id: '204', left: 9, size: -10 },
    ])
    expect(await booked(it)).toEqual([])
    const before = await it.all()
    await it.liquidate()
    await it.deleverage()
    const after = await it.all()
    const rows = await booked(it)
    const won = rows.flatMap((row) => (row.kind === 'won' ? [row] : []))
    expect(won.map(({ event }) => event.account).toSorted()).toEqual(['200', '204'])
    const gained = (id: string) =>
      (after.get(id)?.collateral ?? 0n) - (before.get(id)?.collateral ?? 0n)
    expect(gained('100')).toBe(
      won.reduce((sum, { event: { reward = 0n, cash } }) => sum + reward - cash, 0n),
    )
    expect(gained('1')).toBe(
      won.reduce((sum, { event: { penalty = 0n, reward = 0n } }) => sum + penalty - reward, 0n),
    )
    for (const { event, work, fee } of won) {
      expect(event.price).toBe(100n << 28n)
      expect(event.cash).toBe(-event.base * 100n)
      expect(work).toMatchObject({ attempts: 1, slippage: { cash: 0n } })
      expect(fee.paid).toBeGreaterThan(0n)
    }
    const shared = rows.flatMap((row) => (row.kind === 'deleveraged' ? [row.event] : []))
    expect(new Set(shared.map(({ account }) => account))).toEqual(new Set(['202']))
    expect(shared.reduce((sum, { base }) => sum + base, 0n)).toBe(-10n * coin)
    expect(shared.reduce((sum, { loss = 0n }) => sum + loss, 0n)).toBe(50n * usd)
    const cursor = await it.store.ledger.cursor('dex')
    expect(cursor?.fund).toBe(after.get('1')?.collateral)
    // Booked again there is nothing new.
    expect(await booked(it)).toEqual(rows)
  },
)
