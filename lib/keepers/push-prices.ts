import { type Action, oldestReportAt, type PriceUpdate } from '../domain/action.ts'
import { percentOf } from '../domain/bps.ts'
import { combineReports } from '../domain/combine-reports.ts'
import type { Decimal } from '../domain/decimal.ts'
import { isTooOld } from '../domain/head-age.ts'
import { carried, type Intent } from '../domain/intent.ts'
import { everyTime, type Once } from '../domain/once.ts'
import type { Lie } from '../domain/peer-sight.ts'
import { type PostedPrice, type PushPolicy, pushesDue } from '../domain/push-policy.ts'
import type { SignedReport } from '../domain/report.ts'
import type { TaskClass } from '../domain/task.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Clock, Engine, EngineState, Peer, Store } from '../ports.ts'
import type { Decision, Keeper } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import {
  type CollectedReports,
  collectReports,
  type CollectRules,
} from './reports/collect-reports.ts'
import { lieWithoutWords, withoutWords } from './reports/without-words.ts'

/** What a push goes by, from the network file. */
export type PushRules = CollectRules & {
  /** By market. */
  readonly policy: Readonly<Record<string, PushPolicy>>
  /** Least reports where more are wanted than the contract asks for, by engine. */
  readonly quorum: Readonly<Record<string, number>>
  /** By market, how far from the median a report may be and still agree with it. */
  readonly agreeWithinBps: Readonly<Record<string, number>>
}

export type PushView = CollectedReports & {
  readonly engine: string
  readonly now: Timestamp
  readonly state: EngineState
  /** Of the engine's chain. */
  readonly blockSeconds: number
  /** What is out and may land yet: the exchange has been told as good as that. */
  readonly inFlight: Readonly<Record<string, PostedPrice>>
  readonly rules: PushRules
}

/** Tells one exchange new prices: the median of the round's reports where one is due. */
export function pushPrices(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents' | 'reports'>
  readonly engines: Readonly<Record<string, Engine>>
  readonly peers: readonly Peer[]
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly rules: PushRules
}): Keeper<PushView> {
  const { clock, rules } = world
  return {
    job: 'push-prices',
    async observe(slot) {
      const engine = world.engines[slot.subject]
      if (!engine) throw new RangeError(`there is no engine ${slot.subject}`)
      const lane = world.laneOf(engine.name, 'prices')
      const [state, collected, open] = await Promise.all([
        engine.state(),
        collectReports(world, engine, slot),
        world.store.intents.open(lane.id),
      ])
      return {
        engine: engine.name,
        now: clock.now(),
        state,
        blockSeconds: lane.chain.blockSeconds,
        ...collected,
        inFlight: inFlightOf(open, engine.name),
        rules,
      }
    },
    settings: rules,
    decide: (view, once) => decidePush({ ...view, rules }, once),
    recorded: ({ rules: _rules, pulled: _pulled, ...view }) => view,
    kept: keptPush,
  }
}

function keptPush({ rules: _rules, ...view }: PushView): Omit<PushView, 'rules'> {
  return {
    ...view,
    rounds: view.rounds.map(({ round, reports }) => ({
      round,
      reports: reports.map(withoutWords),
    })),
    lies: view.lies.map(lieWithoutWords),
    pulled: view.pulled.map((one) => ({ ...one, reports: one.reports.map(withoutWords) })),
  }
}

/** The newest price of each market among transactions that are out; one that only waits may still be overtaken. */
function inFlightOf(
  open: readonly Intent[],
  engine: string,
): Readonly<Record<string, PostedPrice>> {
  const out = open.filter(
    ({ action, state }) =>
      action.engine === engine &&
      (state.kind === 'claimed' || (state.kind === 'included' && state.reverted === undefined)),
  )
  const posted: Record<string, PostedPrice> = {}
  for (const update of out.flatMap(pricesIn)) {
    const { market, price } = update
    const publishedAt = oldestReportAt(update)
    if ((posted[market]?.publishedAt ?? 0) < publishedAt) posted[market] = { price, publishedAt }
  }
  return posted
}

function pricesIn(intent: Intent): readonly PriceUpdate[] {
  const action = carried(intent)
  return action.kind === 'push-prices' ? action.updates : []
}

/** The prices that are due, all of the newest round that has any; and what the nodes said, where somebody may want to know. */
export function decidePush(view: PushView, once: Once = everyTime): Decision {
  const found = view.rounds.map(({ round, reports }) => ({
    round,
    ...combined(view, { round, reports, once }),
  }))
  const { actions, ...decision } = pricesDue(view, found)
  return { ...decision, actions: [...actions, ...aboutPeers(view, found)] }
}

type Found = ReturnType<typeof combined> & { readonly round: number }

function pricesDue(view: PushView, found: readonly Found[]): Decision {
  const { engine, state } = view
  // What the chain was told meanwhile is unknown, and so is what would be new to it.
  if (isTooOld(state.block, view))
    return nothing(
      'refused',
      'chain-stalled',
      `the newest block is ${state.block.number}, of ${new Date(state.block.time).toISOString()}`,
    )
  if (state.paused) return nothing('refused', 'paused', `${engine} is paused`)
  const usable = found.find(({ updates }) => updates.length > 0)
  if (!usable) {
    const { missing = [], apart = [] } = found[0] ?? {}
    const reason = apart.length > 0 ? 'reports-apart' : 'no-quorum'
    return nothing('refused', reason, [...missing, ...view.invalid].join('; '))
  }
  const { round, updates, missing } = usable
  const verdicts = pushesDue({
    candidates: updates.map((update) => ({ ...update, observedAt: oldestReportAt(update) })),
    posted: newer(state.prices, view.inFlight),
    policy: view.rules.policy,
    now: view.now,
  })
  const due = updates.filter((_, at) => verdicts[at]?.kind === 'due')
  const offered = updates.map((update) => [update.market, update.price, oldestReportAt(update)])
  const recorded = { round, verdicts, offered }
  if (due.length === 0) return { ...nothing('done', 'nothing-due', missing.join('; ')), recorded }
  const why = verdicts.flatMap((verdict) =>
    verdict.kind === 'due' ? [`${verdict.market} ${verdict.why}`] : [],
  )
  return {
    actions: [{ kind: 'push-prices', engine, round, updates: due }],
    outcome: { kind: 'done', reason: 'pushed', detail: [...why, ...missing].join('; ') },
    recorded,
  }
}

/** After the prices, which are what is urgent. */
function aboutPeers(view: PushView, found: readonly Found[]): readonly Action[] {
  const { engine, sights, pulled } = view
  const [newest] = found
  const { round = 0, apart = [], astray = [] } = newest ?? {}
  const lies = [...view.lies, ...astray]
  if (sights.length === 0 && lies.length === 0 && apart.length === 0) return []
  return [...pulled, { kind: 'note-peers', engine, round, look: { sights, lies, apart } }]
}

function combined(
  view: PushView,
  {
    round,
    reports,
    once,
  }: {
    readonly round: number
    readonly reports: readonly SignedReport[]
    readonly once: Once
  },
) {
  const quorum = view.rules.quorum[view.engine] ?? 1
  const byFeed = Map.groupBy(reports, ({ feed }) => feed)
  const updates: PriceUpdate[] = []
  const missing: string[] = []
  const apart: string[] = []
  const astray: Lie[] = []
  for (const market of Object.keys(view.state.quorum)) {
    const of = [...byFeed].find(([feed]) => feed === market)?.[1] ?? []
    const needed = Math.max(quorum, view.state.quorum[market] ?? 1)
    const agreeWithinBps = view.rules.agreeWithinBps[market]
    const price = once('combined', `${round} ${market} ${needed} ${agreeWithinBps}`, () =>
      combineReports({ reports: of, quorum: needed, agreeWithinBps }),
    )
    if (price.kind === 'price') {
      const [first] = price.reports
      if (first) updates.push({ market: first.feed, price: price.price, reports: price.reports })
      astray.push(...price.apart.map((report) => astrayOf(report, price.price)))
    } else if (price.reason === 'reports-apart') {
      apart.push(market)
      missing.push(`${market}: ${price.usable} reports do not agree`)
    } else missing.push(`${market}: ${price.usable} of ${needed} reports`)
  }
  return { updates, missing, apart, astray }
}

/** Most others agree, and this one is elsewhere. */
function astrayOf(report: SignedReport, median: Decimal): Lie {
  const { node, feed, round, price } = report
  const away = percentOf(price.sub(median).abs(), median)
  const detail = `its price of ${feed} in round ${round} is ${away} from what most others say`
  return { node, what: 'apart', detail, evidence: [report] }
}

function newer(
  stored: Readonly<Record<string, PostedPrice>>,
  inFlight: Readonly<Record<string, PostedPrice>>,
): Readonly<Record<string, PostedPrice>> {
  const fresher = Object.entries(inFlight).filter(
    ([market, { publishedAt }]) => (stored[market]?.publishedAt ?? 0) < publishedAt,
  )
  return { ...stored, ...Object.fromEntries(fresher) }
}

function nothing(kind: 'done' | 'refused', reason: string, detail: string): Decision {
  return { actions: [], outcome: { kind, reason, detail }, recorded: {} }
}
