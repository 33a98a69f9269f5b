import process from 'node:process'

import { priceRound } from '../../lib/domain/aggregate-round.ts'
import type { PriceMemory } from '../../lib/domain/price-round.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { benchKeys } from './bench-keys.ts'
import { benchFeeds, sourcesIn } from './bench-market.ts'
import { tellCycles } from './cycles.ts'
import {
  benchEvm,
  benchStark,
  IncompleteBenchError,
  reportsOf,
  round,
  signAll,
  simulatedVenues,
} from './tick.ts'

// One node's whole ticks in this fresh process: every venue asked, prices made, signed for both engines, and encoded.

const [simulators = '', markets = '', cycles = ''] = process.argv.slice(2)
const feeds = benchFeeds(Number(markets))
const wanted = sourcesIn(feeds)
const source = simulatedVenues(simulators)
const engines = [benchStark(feeds), benchEvm(feeds)]
const [own] = benchKeys
if (!own) throw new IncompleteBenchError('sign', 'there are no keys')
let memory: PriceMemory | undefined

await tellCycles(Number(cycles), async () => {
  const { quotes, failures } = await source.latest(wanted)
  const [failure] = failures
  if (failure) throw new IncompleteBenchError('fetch', `${failure.venue}: ${failure.detail}`)
  const prices = priceRound({ round, feeds, quotes, memory, now: wallClock.now() })
  memory = prices.memory
  const reports = reportsOf(feeds, prices)
  for (const engine of engines) {
    const signed = await signAll(engine, reports, own)
    const updates = signed.map((report) => ({
      market: report.feed,
      price: report.price,
      reports: [report],
    }))
    engine.encode({ kind: 'push-prices', round, updates, engine: engine.name }, 7n)
  }
  return 0
})
