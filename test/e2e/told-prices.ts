import { setTimeout as sleep } from 'node:timers/promises'

import { readReports } from '../../lib/adapters/peers/report-wire.ts'
import type { Engine } from '../../lib/ports.ts'
import type { OracleNode } from './oracle-nodes.ts'

/** A price that an exchange had, when it was first seen there. */
export type ToldPrice = {
  readonly engine: string
  readonly market: string
  readonly price: number
  readonly publishedAt: number
  readonly seenAt: number
}

/** What was to be seen while a network ran: on the exchanges, and of each node where it serves its reports. */
export type Sightings = {
  /** Each price once. */
  readonly told: readonly ToldPrice[]
  /** The age of every price at every look. */
  readonly ages: readonly { readonly at: number; readonly ms: number }[]
  /** By round and market, what each node said. */
  readonly said: ReadonlyMap<number, ReadonlyMap<string, ReadonlyMap<string, number>>>
  stop(): Promise<void>
}

/** Looks at the exchanges twice a second, and asks each node itself for its newest reports. */
export function watchPrices(engines: readonly Engine[], nodes: readonly OracleNode[]): Sightings {
  const told = new Map<string, ToldPrice>()
  const ages: { readonly at: number; readonly ms: number }[] = []
  const said = new Map<number, Map<string, Map<string, number>>>()
  const ending = new AbortController()

  async function lookAtExchange(engine: Engine): Promise<void> {
    const { prices } = await engine.state()
    const seenAt = Date.now()
    for (const [market, { price, publishedAt }] of Object.entries(prices)) {
      const one = { engine: engine.name, market, price: price.toNumber(), publishedAt, seenAt }
      const key = `${engine.name} ${market} ${publishedAt} ${price.toFixed()}`
      if (!told.has(key)) told.set(key, one)
      ages.push({ at: seenAt, ms: seenAt - publishedAt })
    }
  }

  async function lookAtNode({ name, road }: OracleNode): Promise<void> {
    if (road.to === undefined) return
    const answer = await fetch(`${road.to}/${name}`)
    if (!answer.ok) return
    const { round, reports } = readReports(await answer.text(), {})
    const ofRound = said.get(round) ?? new Map<string, Map<string, number>>()
    said.set(round, ofRound)
    for (const { feed, price } of reports) {
      const ofMarket = ofRound.get(feed) ?? new Map<string, number>()
      ofRound.set(feed, ofMarket.set(name, price.toNumber()))
    }
  }

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      // A node may be killed while it answers, and a chain be busy: the next look is soon.
      await Promise.allSettled([...engines.map(lookAtExchange), ...nodes.map(lookAtNode)])
      await sleep(500)
    }
  }

  const watching = watch()
  return {
    get told() {
      return [...told.values()]
    },
    ages,
    said,
    async stop() {
      ending.abort()
      await watching
    },
  }
}
