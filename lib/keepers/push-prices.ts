import { oldestReportAt, type PriceUpdate } from '../domain/action.ts'
import { combineReports } from '../domain/combine-reports.ts'
import { isTooOld } from '../domain/head-age.ts'
import { carried, type Intent } from '../domain/intent.ts'
import { type PostedPrice, type PushPolicy, pushesDue } from '../domain/push-policy.ts'
import type { SignedReport } from '../domain/report.ts'
import type { TaskClass } from '../domain/task.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Clock, Engine, EngineState, Store } from '../ports.ts'
import type { Decision, Keeper, KeeperSlot } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'

/** What a push goes by, from the network file. */
export type PushRules = {
  /** By market. */
  readonly policy: Readonly<Record<string, PushPolicy>>
  /** Least reports where more are wanted than the contract asks for, by engine. */
  readonly quorum: Readonly<Record<string, number>>
  /** Length of a round. */
  readonly roundSeconds: number
  /** How long to wait for the round's reports. */
  readonly collectMs: number
  /** How many nodes publish here; when all have, there is nothing to wait for. */
  readonly nodes: number
}

export type PushView = {
  readonly engine: string
  readonly now: Timestamp
  readonly state: EngineState
  /** Of the engine's chain. */
  readonly blockSeconds: number
  /** The newest round first; reports whose signature for this engine is right. */
  readonly rounds: readonly { readonly round: number; readonly reports: readonly SignedReport[] }[]
  /** Reports that were left out since their signature is wrong. */
  readonly invalid: readonly string[]
  /** What is out and may land yet: the exchange has been told as good as that. */
  readonly inFlight: Readonly<Record<string, PostedPrice>>
  readonly rules: PushRules
}

/** Tells one exchange new prices: the median of the round's reports where one is due. */
export function pushPrices(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents' | 'reports'>
  readonly engines: Readonly<Record<string, Engine>>
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
        collect(world, engine, slot),
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
    decide: decidePush,
    recorded: ({ rules: _rules, ...view }) => view,
  }
}

/** Rounds before the newest that still count: a round may be late, and older prices are no longer worth a push. */
const olderRounds = 2
const pollMs = 150

/** Waits for the round's reports of all nodes, as long as it may; then takes what there is. */
async function collect(
  world: {
    readonly clock: Clock
    readonly store: Pick<Store, 'reports'>
    readonly rules: PushRules
  },
  engine: Engine,
  { slotAt, signal }: KeeperSlot,
): Promise<Pick<PushView, 'rounds' | 'invalid'>> {
  const { clock, store, rules } = world
  const newest = Math.floor(slotAt / (rules.roundSeconds * 1000))
  const until = clock.now() + rules.collectMs
  for (;;) {
    const reports = await store.reports.ofRound(newest)
    const nodes = new Set(reports.map(({ node }) => node)).size
    if (nodes >= rules.nodes || clock.now() + pollMs > until || signal?.aborted) break
    await clock.sleep(pollMs, signal)
  }
  const numbers = Array.from({ length: olderRounds + 1 }, (_, back) => newest - back)
  const rounds = await Promise.all(
    numbers.map(async (round) => ({ round, all: await verified(store, engine, round) })),
  )
  return {
    rounds: rounds.map(({ round, all }) => ({ round, reports: all.valid })),
    invalid: rounds.flatMap(({ all }) => all.invalid),
  }
}

/** Every report is verified, also one out of our own table. */
async function verified({ reports }: Pick<Store, 'reports'>, engine: Engine, round: number) {
  const listed = new Set<string>(engine.markets)
  const all = (await reports.ofRound(round)).filter(
    ({ feed, signatures }) => listed.has(feed) && Object.hasOwn(signatures, engine.name),
  )
  const verdicts = await engine.verifyAll(all)
  const judged = all.map((report, at) => ({
    report,
    // One of another round has no common price with the others, whoever signed it.
    valid: report.round === round && verdicts[at] === true,
  }))
  return {
    valid: judged.flatMap(({ report, valid }) => (valid ? [report] : [])),
    invalid: judged.flatMap(({ report, valid }) =>
      valid ? [] : [`${report.node} ${report.feed} round ${report.round}`],
    ),
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
  for (const update of out.flatMap((intent) => carried(intent).updates)) {
    const { market, price } = update
    const publishedAt = oldestReportAt(update)
    if ((posted[market]?.publishedAt ?? 0) < publishedAt) posted[market] = { price, publishedAt }
  }
  return posted
}

/** The prices that are due, all of the newest round that has any. */
export function decidePush(view: PushView): Decision {
  const { engine, state, rounds } = view
  // What the chain was told meanwhile is unknown, and so is what would be new to it.
  if (isTooOld(state.block, view))
    return nothing(
      'refused',
      'chain-stalled',
      `the newest block is ${state.block.number}, of ${new Date(state.block.time).toISOString()}`,
    )
  if (state.paused) return nothing('refused', 'paused', `${engine} is paused`)
  const found = rounds.map(({ round, reports }) => ({ round, ...combined(view, reports) }))
  const usable = found.find(({ updates }) => updates.length > 0)
  if (!usable) {
    const missing = found[0]?.missing ?? []
    return nothing('refused', 'no-quorum', [...missing, ...view.invalid].join('; '))
  }
  const { round, updates, missing } = usable
  const verdicts = pushesDue({
    candidates: updates.map((update) => ({ ...update, observedAt: oldestReportAt(update) })),
    posted: newer(state.prices, view.inFlight),
    policy: view.rules.policy,
    now: view.now,
  })
  const due = updates.filter((_, at) => verdicts[at]?.kind === 'due')
  if (due.length === 0) return nothing('done', 'nothing-due', missing.join('; '))
  const why = verdicts.flatMap((verdict) =>
    verdict.kind === 'due' ? [`${verdict.market} ${verdict.why}`] : [],
  )
  return {
    actions: [{ kind: 'push-prices', engine, round, updates: due }],
    outcome: { kind: 'done', reason: 'pushed', detail: [...why, ...missing].join('; ') },
    recorded: { round, verdicts },
  }
}

function combined(view: PushView, reports: readonly SignedReport[]) {
  const quorum = view.rules.quorum[view.engine] ?? 1
  const byFeed = Map.groupBy(reports, ({ feed }) => feed)
  const updates: PriceUpdate[] = []
  const missing: string[] = []
  for (const market of Object.keys(view.state.quorum)) {
    const of = [...byFeed].find(([feed]) => feed === market)?.[1] ?? []
    const needed = Math.max(quorum, view.state.quorum[market] ?? 1)
    const price = combineReports({ reports: of, quorum: needed })
    if (price.kind === 'refused') missing.push(`${market}: ${price.usable} of ${needed} reports`)
    else {
      const [first] = price.reports
      if (first) updates.push({ market: first.feed, price: price.price, reports: price.reports })
    }
  }
  return { updates, missing }
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
