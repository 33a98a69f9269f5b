import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  type Governance,
  type GovernanceCommand,
  GovernanceRefusedError,
  type GovernanceRules,
} from '../../../lib/domain/parameters/governance.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import type { SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import { applyInterests, type InterestSettings } from '../../../lib/keepers/apply-interests.ts'
import { keepBooks } from '../../../lib/keepers/books/keep-books.ts'
import { governing } from '../../../lib/keepers/govern/govern.ts'
import { governed } from '../../../lib/keepers/govern/governor.ts'
import { indexPositions } from '../../../lib/keepers/index-positions/index-positions.ts'
import { positionsLease } from '../../../lib/keepers/index-positions/positions-lease.ts'
import type { Keeper } from '../../../lib/keepers/keeper.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { packHistory } from '../../../lib/keepers/pack-history.ts'
import { performer } from '../../../lib/keepers/perform.ts'
import { runKeeper } from '../../../lib/keepers/run-keeper.ts'
import { settleFunding } from '../../../lib/keepers/settle-funding.ts'
import { updateExchangeTime } from '../../../lib/keepers/update-exchange-time.ts'
import { tellUptime, type TellSettings } from '../../../lib/keepers/watch/tell-uptime.ts'
import { watchSystems } from '../../../lib/keepers/watch/watch-systems.ts'
import type { Clock, Engine, PositionBooks, Store, UptimeFeed } from '../../../lib/ports.ts'
import { memoryBooks } from '../../adapters/positions/memory-books.ts'
import { aRecord } from '../../adapters/store/samples.ts'
import { aRefusal } from '../../keepers/a-suspect-lane.ts'
import { btc, type FundingWorld, fundingWorld, someSettings } from '../../keepers/funding-world.ts'
import { seeded } from '../../keepers/lane/workers.ts'
import { type Fate, mortalStore } from '../../parameters/mortal-store.ts'
import { mixed } from '../plan.ts'
import { type DayBook, type Followed, followed } from './followed.ts'
import { upkeepExchange, type UpkeepExchange } from './upkeep-exchange.ts'

/** Between two blocks, of the exchange and of the chain that it is told on. */
const stepSeconds = 15
const hourSeconds = 3_600

/** Each trouble lasts three minutes, and all have their turn in half an hour. */
const windowSteps = 12
const troubles = [
  'calm',
  'chain stands still',
  'nodes are silent',
  'exchange is paused',
  'nodes do not answer',
  'store does not answer',
  'a proof was refused',
  'nobody watches',
  'somebody else is at it',
  'reorganisations',
] as const
type Trouble = (typeof troubles)[number]

/** So many slots of a hundred end with their process, are never begun since their message is lost, and are done twice. */
const percent = { crash: 4, lost: 2, twice: 2 }

/** After so many of them what was kept is decided again. */
const partSteps = 60

/** What each does, for whom, how often, and within what time. */
const paces = {
  'settle-funding': { subject: 'dex', everySeconds: 60, withinMs: 5_000 },
  'index-positions': { subject: 'core', everySeconds: 30, withinMs: 20_000 },
  'keep-books': { subject: 'core', everySeconds: 60, withinMs: 5_000 },
  'apply-interests': { subject: 'core', everySeconds: 60, withinMs: 5_000 },
  'update-exchange-time': { subject: 'core', everySeconds: 60, withinMs: 5_000 },
  'watch-systems': { subject: 'mainnet', everySeconds: 30, withinMs: 5_000 },
  'tell-uptime': { subject: 'feed', everySeconds: 15, withinMs: 5_000 },
  govern: { subject: 'network', everySeconds: 30, withinMs: 5_000 },
  'pack-history': { subject: 'network', everySeconds: 60, withinMs: 30_000 },
} as const
type JobHere = keyof typeof paces

const nodes = ['oracle-1', 'oracle-2']

const fundingSettings = { dex: someSettings() }
const interest: InterestSettings = {
  collateral: btc,
  everySeconds: 600n,
  leastAmount: 1n,
  rule: { kind: 'fixed', credit: new Decimal('0.0876'), debit: new Decimal('0.0876') },
  holdings: {},
}
/** Of a day: some seven minutes. */
const timeSettings = { core: { collateral: btc, sharePermille: 5n } }
const tellSettings: Readonly<Record<string, TellSettings>> = {
  feed: { of: 'l2', refreshMs: 60_000 },
}
const guardRules = {
  refusedPercent: 5,
  costFactor: 3,
  pushAgeFactor: 3,
  revertedPercent: 50,
  mostBps: 50,
  leanBps: 10,
  frozenMs: 180_000,
}
const governanceRules: GovernanceRules = {
  minShadowMs: 0,
  leadMs: 60_000,
  probationMs: 240_000,
  approvals: 0,
  approvers: [],
  emergencyMs: 0,
}
const policy = { [btc]: { deviationBps: 5, heartbeatSeconds: 20 } }

/** An exchange is looked after in every other way, it and a feed are told, and parameters, a watched system and history are. */
export async function upkeepDay(
  book: DayBook,
  asked: { readonly seed: number; readonly hours: number; readonly onHour: (hour: number) => void },
): Promise<{ readonly happened: Readonly<Record<string, number>> }> {
  const { seed, hours, onHour } = asked
  const world = await anUpkeep(book, seed)
  const steps = (hours * hourSeconds) / stepSeconds
  for (let step = 0; step < steps; step += 1) {
    await world.step(step)
    if ((step + 1) % partSteps > 0 && step + 1 < steps) continue
    await world.following.replay()
    onHour(((step + 1) * stepSeconds) / hourSeconds)
  }
  return { happened: world.happened }
}

/** At which of a slot's calls to the store a process ends. */
type End = { readonly call: number; readonly fate: Fate }

type Upkeep = {
  readonly clock: Clock
  readonly funding: FundingWorld
  readonly exchange: UpkeepExchange
  readonly positions: PositionBooks
  readonly following: Followed
  /** What is packed: history of its own, since what is kept here is decided again and forgotten. */
  readonly old: Store
  readonly store: Store
  readonly trouble: () => Trouble
  /** Throws where a node, or the store, does not answer now. */
  readonly reach: (whom: 'nodes' | 'store') => void
  readonly sight: () => SystemSight
  /** How the next slot's process ends, where it does. */
  readonly end: () => End | undefined
}

async function anUpkeep(book: DayBook, seed: number) {
  const dice = seeded(mixed(seed, 11))
  const funding = fundingWorld({ nodes })
  const { clock, chain } = funding
  const first = Math.ceil(clock.now() / 60_000) * 60_000
  clock.pass(first - clock.now())
  chain.blockSeconds = 3
  let trouble: Trouble = 'calm'
  const happened: Record<string, number> = {}
  const count = (what: string): void => {
    happened[what] = (happened[what] ?? 0) + 1
  }
  const reach = (whom: 'nodes' | 'store'): void => {
    if (
      trouble === `${whom === 'nodes' ? 'nodes do' : 'store does'} not answer` &&
      dice.chance(0.7)
    )
      throw new UnreachableError(whom)
  }
  const exchange = upkeepExchange(funding, () => reach('nodes'))
  const following = followed(book, clock, againBy({ exchange }))
  const store: Store = { ...funding.store, history: following.history }
  const world: Upkeep = {
    clock,
    funding,
    exchange,
    positions: memoryBooks(store, clock),
    following,
    old: await historyBefore(clock),
    store,
    trouble: () => trouble,
    reach,
    sight: () => sightOf(clock.now(), trouble),
    end: () =>
      dice.below(100) < percent.crash
        ? { call: 1 + dice.below(25), fate: dice.chance(0.5) ? 'dies-before' : 'dies-after' }
        : undefined,
  }
  clock.onSleep = () => {
    if (trouble !== 'chain stands still') chain.mine()
  }
  let process = aProcess(world, 'p0')
  let processes = 1
  let order: readonly Trouble[] = troubles

  async function slotOf(job: JobHere, slotAt: Timestamp): Promise<void> {
    const { subject, everySeconds, withinMs } = paces[job]
    const slot = Math.floor(slotAt / (everySeconds * 1_000))
    process.mayEnd(world.end())
    const until = timestamp(clock.now() + withinMs)
    await process.run(job, { subject, slot, slotAt, until })
    if (!process.isDead()) return
    count('crash')
    process = aProcess(world, `p${processes}`)
    processes += 1
    // Whoever comes next may take it once the claim is over.
    clock.pass(Math.max(0, until + 1 - clock.now()))
    const again = timestamp(clock.now() + withinMs)
    await process.run(job, { subject, slot, slotAt, until: again })
  }

  async function step(number: number): Promise<void> {
    const at = timestamp(first + number * stepSeconds * 1_000)
    clock.pass(Math.max(0, at - clock.now()))
    const window = Math.floor(number / windowSteps)
    if (number % windowSteps === 0) {
      if (window % troubles.length === 0) order = shuffled(dice)
      trouble = order[window % troubles.length] ?? 'calm'
      count(trouble)
    }
    await outside(world, { number, window, dice, count })
    for (const [job, { everySeconds }] of Object.entries(paces)) {
      if ((number * stepSeconds) % everySeconds > 0) continue
      const chance = dice.below(100)
      if (chance < percent.lost) {
        count('lost')
        continue
      }
      await slotOf(job as JobHere, at)
      if (chance >= 100 - percent.twice) {
        count('twice')
        await slotOf(job as JobHere, at)
      }
    }
  }
  return { step, following, happened }
}

function shuffled(dice: ReturnType<typeof seeded>): readonly Trouble[] {
  return troubles
    .map((one) => [dice.below(1_000), one] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, one]) => one)
}

/** An hour and a half. */
const minutesBefore = 90

/** With a slot of each minute before, of which those of the first hour are due in the day's first minutes. */
async function historyBefore(clock: Clock): Promise<Store> {
  let behindMs = 0
  const now = (): Timestamp => timestamp(clock.now() - behindMs)
  const old = memoryStore({ clock: { ...clock, now } })
  for (let minute = minutesBefore; minute > 0; minute -= 1) {
    behindMs = minute * 60_000
    await old.history.keep(aRecord(minutesBefore - minute, { at: now() }))
  }
  behindMs = 0
  return old
}

/** What others do meanwhile: chains, accounts, oracle nodes, the watch, and people who change parameters. */
async function outside(
  world: Upkeep,
  {
    number,
    window,
    dice,
    count,
  }: {
    readonly number: number
    readonly window: number
    readonly dice: ReturnType<typeof seeded>
    readonly count: (what: string) => void
  },
): Promise<void> {
  const { clock, funding, exchange, store, old } = world
  const { chain } = funding
  const now = clock.now()
  const trouble = world.trouble()
  exchange.isPaused = trouble === 'exchange is paused'
  if (trouble === 'reorganisations' && number % 4 === 0) {
    count('reorg')
    chain.reorg(1 + dice.below(4), dice.chance(0.7) ? 'pool' : 'dropped')
    exchange.accounts.reorg(dice.chance(0.2) ? 12 : 1 + dice.below(6))
  }
  exchange.accounts.lag = dice.chance(0.05) ? 2 : 0
  if (trouble !== 'chain stands still') {
    chain.mine()
    const paid = { [1 + dice.below(20)]: 10n ** 10n + BigInt(dice.below(1_000_000)) }
    await exchange.mine(paid, !dice.chance(0.03), dice.chance(0.2))
  }
  funding.premiums = Object.fromEntries(
    nodes.map((node) => [node, `${(dice.below(200) - 100) / 100_000}`]),
  )
  if (trouble !== 'nodes are silent') await funding.publish()
  const postedAt = trouble === 'nodes are silent' ? now - 90_000 : now
  await store.history.record({
    keeper: 'push-prices',
    subject: 'dex',
    slot: number,
    at: now,
    view: JSON.stringify({ state: { prices: { [btc]: { price: '100', publishedAt: postedAt } } } }),
    decided: JSON.stringify({ outcome: { kind: 'done', reason: 'pushed' } }),
  })
  await old.history.keep(aRecord(minutesBefore + number, { at: now }))
  if (trouble !== 'nobody watches') await saysUp(world, window % 3 === 1)
  if (trouble === 'somebody else is at it') {
    const until = timestamp(now + stepSeconds * 1_000)
    await store.leases.hold({ name: positionsLease('core'), owner: 'somebody', now, until })
  }
  if (number % 4 === 0) await byHand(world)
  await advanceLane(laneIn(world, store))
}

/** As `watch-liveness` would keep it. */
async function saysUp({ clock, store }: Upkeep, isDown: boolean): Promise<void> {
  const at = clock.now()
  const before = await store.uptimes.read('l2')
  const state = isDown ? 'down' : 'up'
  const isSame = before?.state === state
  await store.uptimes.write({
    chain: 'l2',
    state,
    since: isSame ? before.since : at,
    flippedAt: isSame ? before.flippedAt : at,
    at,
    reason: isDown ? 'no block for a while' : '',
  })
}

/** Somebody proposes one set after the other, as soon as may be. */
async function byHand({ clock, store }: Upkeep): Promise<void> {
  try {
    await governed({ clock, store, rules: governanceRules }, (current) =>
      onward(current, clock.now()),
    )
  } catch (error) {
    if (!(error instanceof GovernanceRefusedError)) throw error
  }
}

function onward(
  { candidate, next, probation, newest }: Governance,
  now: Timestamp,
): GovernanceCommand | undefined {
  if (next ?? probation) return undefined
  const who = { by: 'ann', why: 'because' }
  if (!candidate) return { ...who, kind: 'propose', hash: `0x${newest + 1}` }
  if (candidate.shadowSince === undefined) return { ...who, kind: 'shadow' }
  const from = timestamp(now + 2 * governanceRules.leadMs)
  return {
    ...who,
    kind: 'activate',
    from,
    approvedBy: [],
    against: undefined,
    isForced: true,
    frozenBy: undefined,
  }
}

/** One look at a system that announces a change every ten minutes. */
function sightOf(now: Timestamp, trouble: Trouble): SystemSight {
  const block = Math.floor(now / 2_000)
  const change = Math.floor(now / 600_000)
  const isUnseen = trouble === 'nobody watches'
  const hash = `0x${block}${trouble === 'reorganisations' ? 'b' : ''}`
  return {
    at: now,
    heads: [
      {
        chain: 'l2',
        place: 'a.example',
        answer:
          trouble === 'a proof was refused'
            ? { kind: 'trouble', reason: 'timeout' }
            : { kind: 'head', number: block, hash, time: timestamp(block * 2_000) },
      },
    ],
    progress: [],
    deadlines: [],
    settings: { implementation: `0x${Math.floor(change / 3)}` },
    levels: [{ name: 'insurance-fund', value: 1_000_000 - (block % 977), unit: 'USD', pays: true }],
    changes: [
      {
        id: `${change}`,
        kind: 'upgrade',
        title: `upgrade ${change}`,
        announcedAt: timestamp(change * 600_000),
        effectiveAt: timestamp((change + 1) * 600_000),
        state: 'announced',
        touches: ['margin'],
        announces: {},
      },
    ],
    marks: [{ market: btc, mark: '97010' }],
    unseen: isUnseen ? [{ part: 'settings', reason: 'timeout' }] : [],
    cursor: { block: `${block}` },
  }
}

function laneIn(
  { funding: { lane, engine }, exchange }: Pick<Upkeep, 'funding' | 'exchange'>,
  store: Store,
): LaneWorld {
  return { ...lane, store, engines: { dex: engine, ...exchange.targets } }
}

/** A process that dies at the call that it is told, and does nothing more then. */
function aProcess(world: Upkeep, worker: string) {
  const { clock, funding, exchange, following, positions, old, reach, trouble } = world
  let end: End | undefined
  let calls = 0
  const fateOf = (): Fate => {
    calls += 1
    return end?.call === calls ? end.fate : 'made'
  }
  const mortal = mortalStore(world.store, fateOf)
  const { store } = mortal
  const lane = laneIn(world, store)
  const laneOf = (): LaneWorld => lane
  const doubts = async () =>
    trouble() === 'a proof was refused' ? ({ lane: 'appchain', ...aRefusal } as const) : undefined
  const dex: Engine = {
    ...funding.engine,
    state: async () => {
      reach('nodes')
      return await funding.engine.state()
    },
  }
  const engines = { dex, core: { ...exchange.engine, chain: 'fake' } }
  const followedOnes = { core: exchange.engine }
  const chains = { l2: exchange.reached }
  const packed: Pick<Store, 'history'> = { history: toReach(old.history, () => reach('store')) }
  const keepers = {
    'settle-funding': settleFunding({
      clock,
      store,
      engines,
      orderBooks: { read: async () => ({ books: {}, failures: [] }) },
      nodes,
      roundSeconds: 10,
      laneOf,
      settings: fundingSettings,
      doubts,
    }),
    'index-positions': indexPositions({
      clock,
      store,
      books: positions,
      chains,
      engines: followedOnes,
      shares: 4,
    }),
    'keep-books': keepBooks({
      clock,
      store,
      engines: followedOnes,
      chains,
      nodes,
      laneOf,
      feeMarkets: {},
    }),
    'apply-interests': applyInterests({
      clock,
      store,
      books: positions,
      engines,
      laneOf,
      settings: { core: interest },
      doubts,
    }),
    'update-exchange-time': updateExchangeTime({
      clock,
      store,
      engines,
      laneOf,
      settings: timeSettings,
    }),
    'watch-systems': watchSystems({
      numbers: watchNumbers,
      clock,
      store: { ...store, systems: toReach(store.systems, () => reach('store')) },
      watched: { mainnet: { name: 'mainnet', look: async () => world.sight() } },
      nodes,
    }),
    'tell-uptime': tellUptime({
      clock,
      store,
      feeds: { feed: exchange.feed },
      laneOf,
      settings: tellSettings,
    }),
    govern: governing({
      clock,
      store: { ...store, governance: toReach(store.governance, () => reach('store')) },
      nodes: [],
      engines: ['dex'],
      lanes: [],
      everySeconds: paces.govern.everySeconds,
      watched: ['mainnet'],
      rules: guardRules,
      policyOf: async () => policy,
    }),
    'pack-history': packHistory({ clock, store: packed }),
  }
  const followedKeepers = Object.fromEntries(
    Object.entries(keepers).map(([job, keeper]) => [
      job,
      following.keeper(keeper as unknown as Keeper<object>),
    ]),
  )
  const performWith = (stored: Store) =>
    performer({
      ports: { clock, store: stored, engines, oracles: [], positions },
      laneOf,
      messenger: undefined as never,
      notify,
      governance: governanceRules,
    })
  const perform = performWith(store)
  const performPacked = performWith({ ...store, ...packed })
  return {
    isDead: mortal.isDead,
    mayEnd(how: End | undefined): void {
      end = how
      calls = 0
    },
    async run(job: JobHere, slot: Parameters<Keeper<object>['observe']>[0]): Promise<void> {
      const keeper = followedKeepers[job]
      if (!keeper) throw new RangeError(`nobody does ${job} here`)
      const run = {
        clock,
        store,
        worker,
        notify,
        maxLateMs: 60_000,
        perform: job === 'pack-history' ? performPacked : perform,
        code: async () => 'day',
      }
      await runKeeper(run, keeper, slot, { parameters: 'day' })
    },
  }
}

/** The same, of which each call first asks whether anybody answers. */
function toReach<Part extends object>(part: Part, reach: () => void): Part {
  return new Proxy(part, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver)
      if (typeof member !== 'function') return member
      return (...args: readonly unknown[]): unknown => {
        reach()
        return Reflect.apply(member, target, args) as unknown
      }
    },
  })
}

/** With nothing to ask: what decides must be in the view. What a feed is told is a call that is written, and asks nobody. */
function againBy({ exchange: { feed } }: { readonly exchange: { readonly feed: UptimeFeed } }) {
  const nothing = undefined as never
  const all = {
    clock: nothing,
    store: nothing,
    engines: nothing,
    laneOf: nothing,
    orderBooks: nothing,
    books: nothing,
    chains: nothing,
    nodes: nothing,
    roundSeconds: nothing,
    everySeconds: nothing,
    feeMarkets: nothing,
    watched: nothing,
    lanes: nothing,
    policyOf: nothing,
    shares: nothing,
    doubts: nothing,
  }
  const empty = { history: nothing }
  const keepers: Readonly<Record<JobHere, unknown>> = {
    'settle-funding': settleFunding({ ...all, settings: fundingSettings }),
    'index-positions': indexPositions(all),
    'keep-books': keepBooks({ ...all, store: nothing }),
    'apply-interests': applyInterests({ ...all, settings: { core: interest } }),
    'update-exchange-time': updateExchangeTime({ ...all, settings: timeSettings }),
    'watch-systems': watchSystems({ ...all, numbers: watchNumbers }),
    'tell-uptime': tellUptime({ ...all, feeds: { feed }, settings: tellSettings }),
    govern: governing({ ...all, rules: guardRules }),
    'pack-history': packHistory({ clock: nothing, store: empty }),
  }
  return ({ keeper }: { readonly keeper: string }): Keeper<never> =>
    keepers[keeper as JobHere] as Keeper<never>
}

/** Nobody listens. */
function notify(): void {}

/** A node, or the store, gives no answer. */
class UnreachableError extends Error {
  override readonly name = 'UnreachableError'

  constructor(whom: string) {
    super(`${whom}: no answer in time`)
  }
}
