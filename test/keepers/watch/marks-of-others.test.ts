import { afterEach, beforeEach, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { exchangeMarksWatch } from '../../../lib/adapters/watched/exchange-marks.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { systemFindings } from '../../../lib/domain/watch/system-findings.ts'
import { watchSystems } from '../../../lib/keepers/watch/watch-systems.ts'
import type { Clock } from '../../../lib/ports.ts'
import { type FaultyRest, faultyRest } from '../../adapters/watched/faulty-rest.ts'
import { realClock } from '../../adapters/watched/places.ts'
import {
  dydx,
  extended,
  hyperliquid,
  type Numbers,
  paradex,
} from '../../adapters/watched/published-samples.ts'
import { replays } from '../replay/replays.ts'

const kinds = {
  extended: { answers: extended, market: 'BTC-USD' },
  paradex: { answers: paradex, market: 'BTC-USD-PERP' },
  'dydx-v4': { answers: dydx, market: 'BTC-USD' },
  hyperliquid: { answers: hyperliquid, market: 'BTC' },
} as const
type Exchange = keyof typeof kinds
const all = Object.keys(kinds) as readonly Exchange[]

let servers: Readonly<Record<Exchange, FaultyRest>>
let prices: Record<Exchange, string>
let aheadMs: number
let store: ReturnType<typeof memoryStore>
const clock: Clock = { ...realClock, now: () => timestamp(Date.now() + aheadMs) }

beforeEach(async () => {
  aheadMs = 0
  store = memoryStore({ clock })
  prices = { extended: '68000', paradex: '68010', 'dydx-v4': '68020', hyperliquid: '68030' }
  const served = all.map(async (exchange) => {
    const numbers = (): Numbers => ({
      mark: prices[exchange],
      index: prices[exchange],
      rate: '0.0000125',
    })
    const server = await faultyRest((question) => kinds[exchange].answers(question, numbers()))
    return [exchange, server] as const
  })
  servers = Object.fromEntries(await Promise.all(served)) as typeof servers
})
afterEach(async () => {
  await Promise.all(Object.values(servers).map(async (server) => server.stop()))
})

/** A watcher without an oracle, of these exchanges; each looks once, in turn, and again half a minute later. */
async function watch(exchanges: readonly Exchange[], rounds = 2) {
  const watched = Object.fromEntries(
    exchanges.map((exchange) => [
      `${exchange}-marks`,
      exchangeMarksWatch({
        name: `${exchange}-marks`,
        exchange,
        baseUrl: servers[exchange].url,
        markets: { 'BTC-USD': kinds[exchange].market },
        clock,
        timeoutMs: 1_000,
      }),
    ]),
  )
  const keeper = replays(watchSystems({ clock, store, watched, nodes: [], numbers: watchNumbers }))
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of Object.keys(watched)) {
      const now = clock.now()
      const view = await keeper.observe({
        subject,
        slot: 0,
        slotAt: now,
        until: timestamp(now + 10_000),
      })
      for (const action of keeper.decide(view).actions)
        if (action.kind === 'keep-memory') await store.systems.write(action.memory)
    }
    aheadMs += 30_000
  }
}

async function markOf(exchange: Exchange) {
  return (await store.systems.read(`${exchange}-marks`))?.marks['BTC-USD']
}

async function told() {
  const memories = await Promise.all(
    all.map(async (exchange) => (await store.systems.read(`${exchange}-marks`)) ?? []),
  )
  return memories.flat().flatMap((memory) =>
    systemFindings(memory, {
      now: memory.lookedAt,
      rules: {
        ownChains: {},
        mostMs: {},
        floors: {},
        ceilings: {},
        expect: {},
        lookMs: 30_000,
        numbers: watchNumbers,
      },
    }).map(({ rule, subject, summary }) => ({ rule, subject, summary })),
  )
}

test('each of four is held against the median of the other three', async () => {
  await watch(all)
  expect((await markOf('extended'))?.last.others).toEqual({
    median: '68020',
    of: ['dydx-v4-marks', 'hyperliquid-marks', 'paradex-marks'],
  })
  // 20 of 68 020.
  expect((await markOf('extended'))?.bps).toBe(-2.94)
  expect((await markOf('hyperliquid'))?.last.others?.median).toBe('68010')
  expect(await told()).toEqual([])
})

test('one that goes its own way is told, and it alone', async () => {
  prices['paradex'] = '72000'
  await watch(all, 3)
  const [one, ...others] = await told()
  expect(others).toEqual([])
  expect(one).toMatchObject({ rule: 'mark-apart', subject: 'paradex-marks:BTC-USD' })
  expect(one?.summary).toContain(
    "held against the other exchanges' median 68020 (of dydx-v4-marks, extended-marks, hyperliquid-marks)",
  )
})

test('three tell nothing of each other: of two that differ nobody knows which one is wrong', async () => {
  prices['paradex'] = '72000'
  await watch(['extended', 'paradex', 'dydx-v4'], 3)
  expect((await markOf('paradex'))?.last).not.toHaveProperty('others')
  expect(await told()).toEqual([])
})

test('one that no longer answers is none of the three', async () => {
  await watch(all)
  servers.hyperliquid.trouble = 'dead'
  await watch(all)
  expect((await markOf('extended'))?.last).not.toHaveProperty('others')
})
