import type { SettleFunding } from '../domain/action.ts'
import { type ChainDoubt, whyDoubted } from '../domain/chain-doubt.ts'
import type { Decimal } from '../domain/decimal.ts'
import type { FundingLook } from '../domain/funding/funding-look.ts'
import type { FundingVote } from '../domain/funding/funding-vote.ts'
import { marketPremiums } from '../domain/funding/market-premiums.ts'
import {
  epochAt,
  type FundingPolicy,
  planFunding,
  type SettledFunding,
} from '../domain/funding/plan-funding.ts'
import type { Book } from '../domain/funding/premium.ts'
import { isTooOld } from '../domain/head-age.ts'
import { carried, type Intent, isFinal } from '../domain/intent.ts'
import type { PriceRound } from '../domain/price-round.ts'
import type { TaskClass } from '../domain/task.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Clock, Engine, EngineState, OrderBooks, Store } from '../ports.ts'
import type { ChainDoubts } from './chain-doubts.ts'
import type { Decision, Keeper } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { PriceSnapshotError, readPriceSnapshot } from './price-snapshot.ts'
import { settingsIn } from './settings-in.ts'
import { withoutMemory } from './without-memory.ts'

/** What one exchange's funding goes by, from the network file. */
export type FundingSettings = {
  readonly policy: FundingPolicy
  /** By market, how much is traded against its book to see its price, in USD. */
  readonly impactNotional: Readonly<Record<string, Decimal>>
}

export type SettleView = {
  readonly engine: string
  readonly now: Timestamp
  readonly slot: number
  readonly blockSeconds: number
  readonly settings: FundingSettings
  readonly look: FundingLook
  readonly posted: EngineState['prices']
  /** The newest round of each oracle node here that is not too old. */
  readonly rounds: readonly { readonly node: string; readonly round: PriceRound }[]
  readonly books: Readonly<Record<string, Book>>
  /** Of each book that could not be read, why. */
  readonly unread: readonly string[]
  /** Of the epoch before. */
  readonly votes: readonly FundingVote[]
  /** Of each market, what took effect in the newest epoch before this one. */
  readonly last: readonly SettledFunding[]
  /** What was tried for this epoch, in order. */
  readonly tries: readonly Intent['state']['kind'][]
  /** Absent where nothing speaks against the chain. */
  readonly doubt?: ChainDoubt
}

/** Of a node that has stopped, the last prices are no sample of now: no more than two rounds old, and a minute where those are short. */
const leastRoundAgeMs = 60_000

/** How far back the last settled epoch is looked for: two days of hours. */
const mostEpochsBack = 48

/** Enough for whatever a market can do in an epoch; then somebody must look. */
const mostTries = 20

/**
 * Samples how far an exchange's markets stand from their indexes, each slot; and once per epoch tells the exchange what
 * that makes longs and shorts pay each other.
 */
export function settleFunding(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents' | 'prices' | 'fundingVotes'>
  readonly engines: Readonly<Record<string, Engine>>
  readonly orderBooks: OrderBooks
  /** This deployment's oracle nodes, and how often they make prices. */
  readonly nodes: readonly string[]
  readonly roundSeconds: number
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly settings: Readonly<Record<string, FundingSettings>>
  /** Absent where nothing of it is proved here. */
  readonly doubts?: ChainDoubts
}): Keeper<SettleView> {
  const { clock, store } = world
  return {
    job: 'settle-funding',
    async observe({ subject, slot }) {
      const engine = world.engines[subject]
      const settings = world.settings[subject]
      if (!engine?.funding || !settings)
        throw new RangeError(`${subject} has no funding that could be settled here`)
      const [look, state, rounds, { books, failures }, doubt] = await Promise.all([
        engine.funding.look(),
        engine.state(),
        roundsOf(world),
        world.orderBooks.read(subject),
        world.doubts?.(subject),
      ])
      const epoch = epochAt(look.block.time, settings.policy.epochSeconds)
      const [votes, last, tries] = await Promise.all([
        store.fundingVotes.ofEpoch(subject, epoch - 1),
        lastSettled(store, {
          engine: subject,
          epoch,
          markets: Object.keys(settings.policy.markets),
        }),
        triesOf(store, subject, epoch),
      ])
      return {
        engine: subject,
        now: clock.now(),
        slot,
        blockSeconds: world.laneOf(subject, 'funding').chain.blockSeconds,
        settings,
        look,
        posted: state.prices,
        rounds,
        books,
        unread: failures,
        votes,
        last,
        tries,
        ...(doubt && { doubt }),
      }
    },
    settings: world.settings,
    decide: (view) => decideFunding({ ...view, settings: settingsIn(world, view) }),
    recorded: ({ rounds: _rounds, settings: _settings, books: _books, ...view }) => view,
    kept: ({ settings: _settings, ...view }) => ({
      ...view,
      rounds: view.rounds.map(({ node, round }) => ({ node, round: withoutMemory(round) })),
    }),
  }
}

/** This slot's samples, and the epoch's funding where it is due. */
export function decideFunding(view: SettleView): Decision {
  const votes = votesNow(view)
  const settled = settling(view)
  const cast = votes.map(
    (vote) =>
      ({ kind: 'vote-funding', engine: view.engine, epoch: voteEpoch(view), vote }) as const,
  )
  const { outcome } = settled
  const detail = [outcome.detail, ...view.unread].join('; ')
  return {
    outcome: { ...outcome, detail },
    actions: [...cast, ...settled.actions],
    recorded: { votes, ...(settled.recorded as object) },
  }
}

function votesNow({ rounds, books, posted, settings, slot }: SettleView): readonly FundingVote[] {
  const { impactNotional } = settings
  return rounds.flatMap(({ node, round: { feeds } }) => {
    const premiums = marketPremiums({ feeds, books, posted, impactNotional })
    return Object.keys(premiums).length === 0 ? [] : [{ slot, voter: node, premiums }]
  })
}

/** By the slots themselves, so that every keeper counts a sample to the same epoch. */
function voteEpoch({ slot, settings: { policy } }: SettleView): number {
  return Math.floor((slot * policy.slotSeconds) / policy.epochSeconds)
}

function settling(view: SettleView): Decision {
  const { engine, look, now, tries } = view
  if (isTooOld(look.block, view)) {
    const { number, time } = look.block
    const detail = `the newest block is ${number}, of ${new Date(time).toISOString()}`
    return nothing('refused', 'chain-stalled', detail)
  }
  if (view.doubt) {
    const { reason, detail } = whyDoubted(view.doubt)
    return nothing('refused', reason, detail)
  }
  const plan = planFunding({ ...view, policy: view.settings.policy })
  switch (plan.kind) {
    case 'settled':
      return nothing('done', 'nothing-due', `epoch ${plan.epoch} is settled`)
    case 'no-rate':
      return nothing('done', 'no-rate', plan.detail)
    case 'refused':
      return nothing('refused', plan.reason, plan.detail)
    case 'due': {
      const newest = tries.at(-1)
      if (newest !== undefined && newest !== 'failed' && newest !== 'settled')
        return nothing('done', 'in-flight', `epoch ${plan.epoch} is on its way`)
      if (tries.length >= mostTries)
        return nothing('refused', 'too-many-tries', `epoch ${plan.epoch} failed ${mostTries} times`)
      const { epoch, updates, whole, notes } = plan
      const action: SettleFunding = {
        kind: 'settle-funding',
        engine,
        round: epoch,
        at: plan.at ?? now,
        attempt: tries.length + 1,
        updates,
        ...(whole && { whole }),
      }
      const rates = updates.map(({ market, rate }) => `${market} ${rate.mul(100).toFixed(6)} %`)
      const detail = [`epoch ${epoch}`, ...rates, ...notes].join('; ')
      return {
        actions: [action],
        outcome: { kind: 'done', reason: 'settled', detail },
        recorded: { plan },
      }
    }
  }
}

function nothing(kind: 'done' | 'refused', reason: string, detail: string): Decision {
  return { actions: [], outcome: { kind, reason, detail }, recorded: {} }
}

async function roundsOf({
  clock,
  store,
  nodes,
  roundSeconds,
}: {
  readonly clock: Clock
  readonly store: Pick<Store, 'prices'>
  readonly nodes: readonly string[]
  readonly roundSeconds: number
}): Promise<SettleView['rounds']> {
  const maxRoundAgeMs = Math.max(leastRoundAgeMs, 2_000 * roundSeconds)
  const found = await Promise.all(
    nodes.map(async (node) => {
      const stored = await store.prices.read(node)
      const round = stored && roundIn(stored.snapshot)
      const isFresh = round !== undefined && clock.now() - round.at <= maxRoundAgeMs
      return isFresh ? [{ node, round }] : []
    }),
  )
  return found.flat()
}

/** Undefined where another version wrote it. */
function roundIn(snapshot: string): PriceRound | undefined {
  try {
    return readPriceSnapshot(snapshot)
  } catch (error) {
    if (error instanceof PriceSnapshotError) return undefined
    throw error
  }
}

/** An epoch may have been settled in several tries, each for some of its markets, and a market may have missed epochs. */
async function lastSettled(
  store: Pick<Store, 'intents'>,
  {
    engine,
    epoch,
    markets,
  }: { readonly engine: string; readonly epoch: number; readonly markets: readonly string[] },
): Promise<SettleView['last']> {
  const found = new Map<string, SettledFunding>()
  for (let back = 1; back <= mostEpochsBack; back += 1) {
    for (const intent of await intentsOf(store, engine, epoch - back)) {
      const action = tookEffect(intent) ? carried(intent) : undefined
      if (action?.kind !== 'settle-funding') continue
      for (const update of action.updates)
        if (!found.has(update.market)) found.set(update.market, { ...update, epoch: action.round })
    }
    if (markets.every((market) => found.has(market))) break
  }
  return [...found.values()]
}

function tookEffect({ state }: Intent): boolean {
  return state.kind === 'settled' || (state.kind === 'included' && state.reverted === undefined)
}

async function triesOf(
  store: Pick<Store, 'intents'>,
  engine: string,
  epoch: number,
): Promise<SettleView['tries']> {
  const tried = await intentsOf(store, engine, epoch)
  return tried.map(({ state }) => state.kind)
}

async function intentsOf(
  { intents }: Pick<Store, 'intents'>,
  engine: string,
  round: number,
): Promise<readonly Intent[]> {
  const found: Intent[] = []
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const intent = await intents.get(fundingIntent({ engine, round, attempt }))
    if (!intent) return found
    found.push(intent)
    if (!isFinal(intent.state)) return found
  }
  return found
}

/** Names an epoch's work; of several tries only the newest can still take effect. */
export function fundingIntent({
  engine,
  round,
  attempt,
}: Pick<SettleFunding, 'engine' | 'round' | 'attempt'>): string {
  const again = attempt === 1 ? '' : `:try-${attempt}`
  return `settle-funding:${engine}:epoch-${round}${again}`
}
