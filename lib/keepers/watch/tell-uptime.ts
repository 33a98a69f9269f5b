import type { TellUptime } from '../../domain/action.ts'
import { isTooOld } from '../../domain/head-age.ts'
import { isFinal } from '../../domain/intent.ts'
import { type Market, parseMarket } from '../../domain/market.ts'
import type { TaskClass } from '../../domain/task.ts'
import { type Timestamp, unixSeconds } from '../../domain/time.ts'
import type { Call } from '../../domain/transaction.ts'
import {
  type FeedSight,
  planReport,
  tellIntent,
  type UptimeReport,
} from '../../domain/watch/uptime-report.ts'
import type { Uptime } from '../../domain/watch/uptime.ts'
import { utc } from '../../domain/watch/words.ts'
import type { Clock, Store, UptimeFeed } from '../../ports.ts'
import type { Decision, Keeper } from '../keeper.ts'
import type { LaneWorld } from '../lane/lane-world.ts'

/** What one feed goes by, from the network file. */
export type TellSettings = {
  /** The chain that it is about. */
  readonly of: string
  /** After this it is told again what has not changed. */
  readonly refreshMs: number
}

export type TellView = TellSettings & {
  readonly feed: string
  readonly now: Timestamp
  /** Of the feed's own chain. */
  readonly blockSeconds: number
  readonly word: Uptime | undefined
  readonly sight: FeedSight
  /** The newest try at what is due; absent where there is none. */
  readonly tried?: { readonly attempt: number; readonly isOver: boolean }
}

/** Tells a feed on one chain the watch's word on another one, for contracts there to go by. */
export function tellUptime(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents' | 'uptimes'>
  /** By name. */
  readonly feeds: Readonly<Record<string, UptimeFeed>>
  readonly laneOf: (feed: string, task: TaskClass) => Pick<LaneWorld, 'chain'>
  readonly settings: Readonly<Record<string, TellSettings>>
}): Keeper<TellView> {
  const { clock, store, feeds } = world
  const feedOf = (name: string): UptimeFeed => {
    const feed = Object.hasOwn(feeds, name) ? feeds[name] : undefined
    if (!feed) throw new UnknownFeedError(name)
    return feed
  }
  return {
    job: 'tell-uptime',
    async observe({ subject }) {
      const feed = feedOf(subject)
      const settings = world.settings[subject]
      if (!settings) throw new UnknownFeedError(subject)
      const [word, sight] = await Promise.all([store.uptimes.read(settings.of), feed.look()])
      const { blockSeconds } = world.laneOf(subject, 'uptime').chain
      const view = { ...settings, feed: subject, now: clock.now(), blockSeconds, word, sight }
      const plan = planReport(word, sight, view)
      if (plan.kind !== 'due') return view
      const tried = await newestTry(store, { engine: subject, work: plan.work })
      return tried ? { ...view, tried } : view
    },
    settings: world.settings,
    decide: (view) =>
      decideTelling({ ...view, ...world.settings[view.feed] }, (report) =>
        feedOf(view.feed).call(report),
      ),
    recorded: (view) => view,
  }
}

/** Whether to tell the feed anything in this slot. */
export function decideTelling(view: TellView, call: (report: UptimeReport) => Call): Decision {
  const { feed, of, now, sight, tried } = view
  if (isTooOld(sight.block, view)) {
    const { number, time } = sight.block
    return nothing('refused', 'chain-stalled', `its newest block is ${number}, of ${utc(time)}`)
  }
  const plan = planReport(view.word, sight, view)
  if (plan.kind === 'refused') return nothing('refused', plan.reason, plan.detail)
  if (plan.kind === 'known') return nothing('done', 'nothing-due', plan.detail)
  const { work, report, until, detail } = plan
  if (tried && !tried.isOver) return nothing('done', 'in-flight', `${detail}, and on its way`)
  const action: TellUptime = {
    kind: 'tell-uptime',
    engine: feed,
    round: unixSeconds(report.at),
    work,
    attempt: (tried?.attempt ?? 0) + 1,
    at: now,
    until,
    updates: [{ market: partOf(of), call: call(report) }],
  }
  const outcome = { kind: 'done', reason: 'told', detail } as const
  return { actions: [action], outcome, recorded: { work, attempt: action.attempt, report } }
}

function nothing(kind: 'done' | 'refused', reason: string, detail: string): Decision {
  return { actions: [], outcome: { kind, reason, detail }, recorded: {} }
}

/** As the parts of all work are named. */
function partOf(chain: string): Market {
  return parseMarket(`${chain.toUpperCase().replaceAll('-', '')}-UPTIME`)
}

/**
 * The newest of the tries that there were, each of which has the next number. By doubling, then halving: a feed that takes
 * nothing from us has thousands of them after a day.
 */
async function newestTry(
  { intents }: Pick<Store, 'intents'>,
  what: Pick<TellUptime, 'engine' | 'work'>,
): Promise<TellView['tried']> {
  const read = async (attempt: number) => {
    const intent = await intents.get(tellIntent({ ...what, attempt }))
    return intent && { attempt, isOver: isFinal(intent.state) }
  }
  let newest: TellView['tried']
  let none = 1
  for (let found = await read(none); found; found = await read(none)) {
    newest = found
    none *= 2
  }
  while (newest && none - newest.attempt > 1) {
    const middle = newest.attempt + Math.floor((none - newest.attempt) / 2)
    const found = await read(middle)
    if (found) newest = found
    else none = middle
  }
  return newest
}

/** A slot names a feed that the network file does not. */
export class UnknownFeedError extends Error {
  override readonly name = 'UnknownFeedError'

  constructor(feed: string) {
    super(`there is no uptime feed ${feed}; the network file names those under \`uptimeFeeds\``)
  }
}
