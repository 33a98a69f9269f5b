import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'

import { nthSeed, seedOf, uniform } from '../../infra/local/market/noise.ts'
import { simulatedMarket } from '../../infra/local/market/simulated.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { venues } from '../../lib/adapters/venues/index.ts'
import { encode } from '../../lib/domain/exact-text.ts'
import { instrumentName } from '../../lib/domain/instrument.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type { PostedPrice } from '../../lib/domain/push-policy.ts'
import type { Quote, TimeKind } from '../../lib/domain/quote.ts'
import type { Report, SignedReport } from '../../lib/domain/report.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import { decisionText } from '../../lib/keepers/decision-text.ts'
import { publishPrices } from '../../lib/keepers/publish-prices.ts'
import { pushPrices, type PushRules, type PushView } from '../../lib/keepers/push-prices.ts'
import type { Clock, QuoteSource, SlotRecord } from '../../lib/ports.ts'
import { loadNetwork } from '../../lib/runtime/network-file.ts'
import { configHashes, feedsOf } from '../../lib/runtime/world/feeds-of.ts'
import { pushRules } from '../../lib/runtime/world/push-rules.ts'
import { IncompleteBenchError } from './tick.ts'

/** Midnight of some day. */
const begin = Date.UTC(2026, 0, 5)
const slotMs = 5_000
const slotsInHour = 720
const market = parseMarket('BTC-USD')
const seed = 'history'

export type HourOfMarket = {
  /** Of the node that prices it. */
  readonly publish: readonly SlotRecord[]
  /** Of who pushes it. */
  readonly push: readonly SlotRecord[]
}

/** What is kept of one market, hour by hour, with a slot each five seconds: as the keepers themselves decide and keep it. */
export async function* hoursOfMarket(hours: number): AsyncGenerator<HourOfMarket, undefined> {
  const file = fileURLToPath(new URL('../../infra/networks/local.yml', import.meta.url))
  const whole = await loadNetwork(file, { venueNames: venues.map(({ name }) => name) })
  const { [market]: one } = whole.markets
  if (!one) throw new IncompleteBenchError('history', `${file} has no ${market}`)
  const network = { ...whole, markets: { [market]: one } }
  const feeds = feedsOf(network)
  let now = timestamp(begin)
  let stored: { readonly round: number; readonly snapshot: string } | undefined
  const clock: Clock = { now: () => now, sleep: async () => undefined }
  const keeper = publishPrices({
    clock,
    quotes: simulatedQuotes(clock),
    store: { prices: { read: async () => stored, write: async () => 'written' } },
    feeds,
    configHashes: configHashes(feeds),
  })
  const exchange = pushedTo(clock, pushRules(network))
  for (let hour = 0; hour < hours; hour += 1) {
    const publish: SlotRecord[] = []
    const push: SlotRecord[] = []
    for (let index = 0; index < slotsInHour; index += 1) {
      const slotAt = timestamp(begin + (hour * slotsInHour + index) * slotMs)
      const slot = slotAt / slotMs
      // Answered by the slowest venue within some tenths of a second.
      now = timestamp(slotAt + Math.round(350 + 250 * noise('answers', slot)))
      const until = timestamp(slotAt + 10_000)
      const view = await keeper.observe({ subject: 'alpha', slot, slotAt, until })
      const decision = keeper.decide(view)
      publish.push({
        ...headOf('publish-prices', 'alpha', { slot, now }),
        view: encode(keeper.kept?.(view) ?? view),
        decided: decisionText(decision),
      })
      const action = decision.actions.find((each) => each.kind === 'publish-reports')
      if (action?.kind !== 'publish-reports')
        throw new IncompleteBenchError('history', `slot ${slot} published nothing`)
      stored = { round: slot, snapshot: action.snapshot }
      push.push(exchange.pushed(action.reports, { slot, slotAt }))
    }
    yield { publish, push }
  }
}

function headOf(
  keeper: string,
  subject: string,
  { slot, now }: { readonly slot: number; readonly now: Timestamp },
): Pick<SlotRecord, 'keeper' | 'subject' | 'slot' | 'at' | 'parameters' | 'code'> {
  // Decided and written some milliseconds later.
  const at = timestamp(now + Math.round(3 + 9 * noise(`decided ${keeper}`, slot)))
  return { keeper, subject, slot, at, parameters: hex('parameters', 64), code: hex('code', 40) }
}

/** An exchange that is told what is due, and has it in a block two seconds later; its blocks are two seconds apart. */
function pushedTo(clock: Clock, rules: PushRules) {
  const keeper = pushPrices({
    clock,
    store: memoryStore({ clock }),
    engines: {},
    peers: [],
    laneOf: () => {
      throw new IncompleteBenchError('history', 'nothing is sent here')
    },
    rules,
  })
  let posted: Readonly<Record<string, PostedPrice>> = {}
  let waiting: { readonly at: number; readonly prices: Readonly<Record<string, PostedPrice>> }
  waiting = { at: 0, prices: {} }
  let rounds: readonly { readonly round: number; readonly reports: readonly SignedReport[] }[] = []
  let sequence = 40n

  function pushed(
    reports: readonly Report[],
    { slot, slotAt }: { readonly slot: number; readonly slotAt: Timestamp },
  ): SlotRecord {
    const now = timestamp(slotAt + Math.round(700 + 300 * noise('pushing', slot)))
    const signed = reports.map(signedBy)
    // The newest and the two before it are what the keeper asks for.
    rounds = [{ round: slot, reports: signed }, ...rounds].slice(0, 3)
    if (now > waiting.at + 2_000) posted = { ...posted, ...waiting.prices }
    const number = Math.floor((now - begin) / 2_000)
    const view: PushView = {
      engine: 'core',
      now,
      state: {
        block: {
          number: 1_000_000 + number,
          hash: hex(`block ${number}`, 64),
          time: timestamp(begin + number * 2_000),
        },
        paused: false,
        sequence,
        quorum: { [market]: 1 },
        prices: posted,
      },
      blockSeconds: 2,
      rounds,
      invalid: [],
      sights: [],
      lies: [],
      pulled: [],
      inFlight: {},
      rules,
    }
    const decision = keeper.decide(view)
    for (const action of decision.actions)
      if (action.kind === 'push-prices') {
        const prices = action.updates.map(({ market: of, price }) => [
          of,
          { price, publishedAt: reports[0]?.observedAt ?? now },
        ])
        waiting = { at: now, prices: Object.fromEntries(prices) as typeof posted }
        sequence += 1n
      }
    return {
      ...headOf('push-prices', 'core', { slot, now }),
      view: encode(keeper.kept?.(view) ?? view),
      decided: decisionText(decision),
    }
  }

  return { pushed }
}

/** With a signature and its seal, as for a starknet-perpetual exchange: no packer makes them smaller. */
function signedBy(report: Report): SignedReport {
  const words = ['r', 's', 'seal r', 'seal s'].map((word) => hex(`${word} ${report.round}`, 63))
  const [r = '0x', s = '0x', sealR = '0x', sealS = '0x'] = words
  const signature = { signer: hex('alpha', 63), signature: [r, s], seal: [sealR, sealS] as const }
  return { ...report, node: 'alpha', signatures: { core: signature } }
}

/** What venues show of their time: as their adapters read it. */
const timeKinds: Readonly<Record<string, TimeKind>> = {
  coinbase: 'trade',
  kraken: 'none',
  bitstamp: 'quote',
  bitfinex: 'none',
  gemini: 'trade',
  'crypto-com': 'quote',
  binance: 'none',
  okx: 'quote',
  bybit: 'envelope',
  kucoin: 'envelope',
  gate: 'none',
  bitget: 'quote',
  htx: 'envelope',
  mexc: 'none',
}

/** Every venue answers in its own time, and tells what its books were then. */
function simulatedQuotes(clock: Clock): QuoteSource {
  const model = simulatedMarket({ seed })
  return {
    async latest(wanted) {
      const now = clock.now()
      const quotes = wanted.flatMap(({ venue, instrument }): readonly Quote[] => {
        // Once in some thousand rounds a venue says nothing.
        if (noise(`silent ${venue}`, now) < 0.0005) return []
        const receivedAt = timestamp(now - Math.round(20 + 200 * noise(venue, now)))
        const shown = model.quote(venue, instrument, timestamp(receivedAt - 30))
        if (!shown) return []
        const timeKind = timeKinds[venue] ?? 'none'
        const times = {
          quote: shown.quoteAt,
          trade: shown.lastTradeAt,
          envelope: timestamp(receivedAt - 15),
          none: undefined,
        }
        return [
          {
            venue,
            instrument: instrumentName(instrument),
            bid: shown.bid,
            ask: shown.ask,
            last: shown.last,
            timeKind,
            venueTime: times[timeKind],
            receivedAt,
            answeredAt: timestamp(Math.floor(receivedAt / 1_000) * 1_000),
            suspended: false,
          },
        ]
      })
      return { quotes, failures: [] }
    },
  }
}

function noise(of: string, index: number): number {
  return uniform(nthSeed(seedOf(seed, of), 1), index)
}

function hex(of: string, digits: number): `0x${string}` {
  return `0x${createHash('sha256').update(of).digest('hex').slice(0, digits)}`
}
