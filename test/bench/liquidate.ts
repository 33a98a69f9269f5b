import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Liquidate } from '../../lib/domain/action.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import { lanePolicyOf } from '../../lib/domain/lane-policy.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import { evmMargin } from '../../lib/domain/margin/evm-margin.ts'
import { accountIn, type Book, emptyBook } from '../../lib/domain/positions/book.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { type AccountScan, accountScan } from '../../lib/keepers/account-scan.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import { liquidate, type LiquidationSettings } from '../../lib/keepers/liquidate.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { runKeeper } from '../../lib/keepers/run-keeper.ts'
import type { Chain, Engine, PositionBooks, Store } from '../../lib/ports.ts'
import { accountAt, bookAt, markets } from './many-accounts.ts'
import { quantile } from './measure.ts'
import { type PlantedEngine, plantedEngine } from './planted-engine.ts'

/** What a slot does from its begin until its liquidations are signed; each begins when the one before it is done. */
const stages = [
  'prices and rules read from the chain',
  'all accounts scanned',
  'those below read again from the chain',
  'decided',
  'view and work stored',
  'simulated and signed by the lane',
] as const
type Stage = (typeof stages)[number]

export type LiquidateResult = {
  readonly accounts: number
  readonly crashes: number
  /** Liquidations of one crash, in the mean. */
  readonly each: number
  readonly stages: readonly {
    readonly stage: Stage | 'price seen to signed'
    readonly ms: Spread
  }[]
}

type Spread = { readonly p50: number; readonly p99: number }

const seed = 11

/** How far all prices fall in each crash: a dozen accounts or two are then below their margin. */
const fallOf = (accounts: number): number => Math.min(0.01, 25 / accounts)

/** Until everything is compiled, and until the keeper has its whole budget. */
const warmUps = 12

/**
 * How long it takes from a price on the chain until those whom it let fall are in a signed transaction: the keeper's whole slot
 * with the EVM engine on a node of its own, a store in memory and a lane. Prices fall a little before each slot; whoever falls in
 * any of them is in the contract's own storage, all others in the book alone.
 */
export async function benchLiquidate(accounts: number, crashes: number): Promise<LiquidateResult> {
  const world = await plantedEngine()
  try {
    const all = Array.from({ length: accounts }, (_, at) => accountAt(at, seed))
    const us: Account = {
      id: world.account.toLowerCase(),
      collateral: 10n ** 16n,
      holdings: [],
    }
    const lowest = bookAt(markets.map(() => 1 - fallOf(accounts) * (crashes + warmUps)))
    const falling = all.filter((one) => {
      const margin = evmMargin(one, lowest)
      return margin.kind === 'margin' && margin.value < margin.requirement
    })
    await world.push([])
    await world.plant([us, ...falling])
    return await measured(world, { all, us, crashes })
  } finally {
    await world.contract.node.stop()
  }
}

async function measured(
  world: PlantedEngine,
  {
    all,
    us,
    crashes,
  }: { readonly all: readonly Account[]; readonly us: Account; readonly crashes: number },
): Promise<LiquidateResult> {
  const watch = openWatch()
  const keeping = keeperOf(world, watch)
  keeping.keep(await bookOf(world, all))
  let parts = 0
  for (let step = 1; step <= crashes + warmUps; step += 1) {
    const price = 1 - fallOf(all.length) * step
    await world.push(markets.map(() => price))
    const done = await keeping.slot(step)
    if (step > warmUps && done) {
      parts += done.updates.length
      watch.count()
    }
    await followed(world, keeping, { us: us.id, ...(done && { updates: done.updates }) })
  }
  return {
    accounts: all.length,
    crashes: watch.slots(),
    each: parts / watch.slots(),
    stages: watch.stages(),
  }
}

type Keeping = ReturnType<typeof keeperOf>

/** The keeper, its lane and its store; the watch is told of each stage's end. */
function keeperOf(world: PlantedEngine, watch: Watch) {
  const { chain, clock, account } = world
  const plain = memoryStore({ clock })
  const store: Store = {
    ...plain,
    intents: {
      ...plain.intents,
      add: watch.after('view and work stored', async (intent: Intent) => plain.intents.add(intent)),
    },
  }
  const engine = watchedEngine(world.engine, watch)
  const engines = { dex: engine }
  let book: Book | undefined
  const books: PositionBooks = {
    read: async () => book && { version: 1, book, check: { next: 0, owed: 0, slot: 0 } },
    write: async () => 'written',
  }
  const lane: LaneWorld = {
    id: `bench/${account}`,
    account,
    chain: {
      ...chain,
      sign: watch.after(
        'simulated and signed by the lane',
        async (...given: Parameters<Chain['sign']>) => chain.sign(...given),
      ),
    },
    engines,
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify,
  }
  const keeper = liquidate({
    clock,
    store,
    books,
    scan: watchedScan(watch),
    engines,
    laneOf: () => lane,
    everySeconds: 1,
    settings: { dex: settings },
    runs: () => false,
    nodes: [],
    feeMarkets: {},
  })
  const perform = performer({
    ports: { clock, store, engines, oracles: [], positions: books },
    laneOf: () => lane,
    messenger: {
      clock,
      incidents: store.incidents,
      desk: store.desk,
      rules: {},
      channels: {},
      routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
      notify,
    },
    notify,
  })
  return {
    keep(next: Book): void {
      book = next
    },
    book: () => book,
    /** What was decided. */
    async slot(slot: number): Promise<Liquidate | undefined> {
      let decided: Liquidate | undefined
      const now = clock.now()
      watch.begin()
      const end = await runKeeper(
        { clock, store, worker: 'w', notify, maxLateMs: 60_000, perform },
        {
          ...keeper,
          decide: (view) => {
            const decision = keeper.decide(view)
            watch.done('decided')
            decided = decision.actions.find((one) => one.kind === 'liquidate')
            return decision
          },
        },
        { subject: 'dex', slot, slotAt: now, until: timestamp(now + 30_000) },
      )
      if (end.kind !== 'done') throw new StuckKeeperError(slot, JSON.stringify(end))
      return decided
    },
  }
}

const settings: LiquidationSettings = {
  policy: { mostPerSlot: 50, mostNotionalUsd: 10 ** 9, leastRewardUsd: 0 },
  recovery: { graceSeconds: 0, stageSeconds: 0, mostWaitSeconds: 0 },
  freshness: { maxHeadBlocks: 5, maxIndexLagSeconds: 60 },
}

function notify(): void {
  // Nobody listens.
}

function watchedEngine(engine: Engine, watch: Watch): Engine {
  const { liquidation, positions } = engine
  if (!liquidation || !positions) throw new RangeError('it has accounts')
  return {
    ...engine,
    liquidation: {
      ...liquidation,
      look: watch.after(
        'prices and rules read from the chain',
        async (...given: Parameters<typeof liquidation.look>) => liquidation.look(...given),
      ),
    },
    positions: {
      ...positions,
      read: watch.after(
        'those below read again from the chain',
        async (...given: Parameters<typeof positions.read>) => positions.read(...given),
      ),
    },
  }
}

function watchedScan(watch: Watch): AccountScan {
  const scan = accountScan(openScan)
  return {
    ...scan,
    below(...given) {
      const found = scan.below(...given)
      watch.done('all accounts scanned')
      return found
    },
  }
}

/** Everybody as they are; the table is an index's snapshot, read once. */
async function bookOf({ chain }: PlantedEngine, all: readonly Account[]): Promise<Book> {
  const table = new Map(all.map((one) => [one.id, one]))
  return {
    ...emptyBook(await chain.head(), []),
    table: {
      size: table.size,
      get: (id) => table.get(id),
      ids: () => table.keys(),
      all: () => table.values(),
    },
  }
}

/** As the index does between two slots; and each of those that were liquidated must have lost what was decided. */
async function followed(
  { engine, chain }: PlantedEngine,
  keeping: Keeping,
  { updates = [], us }: { readonly updates?: Liquidate['updates']; readonly us: string },
): Promise<void> {
  const book = keeping.book()
  const head = await chain.head()
  const read = await engine.positions?.read([us, ...updates.map(({ account }) => account)], head)
  if (!book || !read) throw new RangeError('there are no accounts')
  const changed = new Map(book.changed)
  for (const [id, found] of read.accounts)
    if (found.kind === 'account') changed.set(id, found.account)
  for (const { account, asset, base } of updates) {
    const [before, after] = [accountIn(book, account), changed.get(account)].map(
      (one) => one?.holdings.find((held) => held.asset === asset)?.balance ?? 0n,
    )
    if ((before ?? 0n) + base !== after)
      throw new RangeError(`${account} was not liquidated as it was decided`)
  }
  const { number, hash } = head
  keeping.keep({ ...book, block: { number, hash }, changed })
}

type Watch = ReturnType<typeof openWatch>

/** When each stage of a slot was done, at first. */
function openWatch() {
  const slots: Map<Stage, number>[] = []
  let begun = 0
  let now = new Map<Stage, number>()
  function done(stage: Stage): void {
    if (!now.has(stage)) now.set(stage, performance.now() - begun)
  }
  return {
    done,
    after<Given extends readonly unknown[], T>(
      stage: Stage,
      run: (...given: Given) => Promise<T>,
    ): (...given: Given) => Promise<T> {
      return async (...given) => {
        const result = await run(...given)
        done(stage)
        return result
      }
    },
    begin(): void {
      now = new Map()
      begun = performance.now()
    },
    /** The slot counts. */
    count: () => void slots.push(now),
    slots: () => slots.length,
    stages(): LiquidateResult['stages'] {
      const last = stages.at(-1) ?? 'decided'
      const all = slots.map((slot) => slot.get(last) ?? Number.NaN)
      return [
        ...stages.map((stage, at) => {
          const before = stages[at - 1]
          const took = slots.map(
            (slot) => (slot.get(stage) ?? Number.NaN) - ((before && slot.get(before)) ?? 0),
          )
          return { stage, ms: spread(took) }
        }),
        { stage: 'price seen to signed', ms: spread(all) },
      ]
    },
  }
}

function spread(values: readonly number[]): Spread {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) }
}

/** The keeper's slot did not end as it should, so there is nothing to measure. */
class StuckKeeperError extends Error {
  override readonly name = 'StuckKeeperError'

  constructor(slot: number, end: string) {
    super(`liquidations cannot be measured: slot ${slot} ended with ${end}`)
  }
}
