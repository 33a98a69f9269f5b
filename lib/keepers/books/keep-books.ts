import { feeTokenDecimals, feeTokens } from '../../domain/fee-token.ts'
import type { Intent } from '../../domain/intent.ts'
import { happenedAt, type LiquidationEvent } from '../../domain/liquidation/liquidation-event.ts'
import type { LiquidationLook } from '../../domain/liquidation/liquidation-look.ts'
import type { Market } from '../../domain/market.ts'
import { bookRows, isBookable, namesIn, workDoneBefore } from '../../domain/pnl/book-rows.ts'
import { dayOf } from '../../domain/pnl/daily-sums.ts'
import type { FeePrice } from '../../domain/pnl/fee-share.ts'
import { type LedgerCursor, workReach } from '../../domain/pnl/ledger-row.ts'
import type { Slot } from '../../domain/pnl/why-missed.ts'
import type { TaskClass } from '../../domain/task.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Chain, Clock, Engine, Store } from '../../ports.ts'
import type { Decision, Keeper } from '../keeper.ts'
import type { LaneWorld } from '../lane/lane-world.ts'
import { feePrices } from './fee-prices.ts'
import { intentsSince, unfinished } from './own-work.ts'
import {
  type BooksPlace,
  booksPlace,
  type BooksRead,
  type BooksStart,
  readUpTo,
  startOf,
} from './read-events.ts'
import { slotsIn } from './slots-in.ts'

export type BooksView = {
  readonly engine: string
  readonly now: Timestamp
  readonly liquidator: string
  readonly cursor: LedgerCursor | undefined
  readonly read: BooksRead
  /** Work of ours to liquidate here, newest first. */
  readonly intents: readonly Intent[]
  readonly slots: readonly Slot[]
  readonly fee: FeePrice
  readonly collateralDecimals: number
}

type World = {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents' | 'history' | 'ledger' | 'prices'>
  readonly engines: Readonly<Record<string, Engine>>
  readonly chains: Readonly<Record<string, Chain>>
  readonly nodes: readonly string[]
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  /** By chain, the market whose price its fee token has. */
  readonly feeMarkets: Readonly<Record<string, Market>>
}

/** Books what liquidations brought and cost, once their blocks are final. */
export function keepBooks(world: World): Keeper<BooksView> {
  const { clock, store } = world
  return {
    job: 'keep-books',
    async observe({ subject }) {
      const engine = world.engines[subject]
      const chain = engine && world.chains[engine.chain]
      const { liquidation, positions } = engine ?? {}
      const told = liquidation?.events
      if (!liquidation || !told || !positions || !chain)
        throw new RangeError(`${subject} has no liquidations that could be booked here`)
      const [look, cursor] = await Promise.all([liquidation.look(), store.ledger.cursor(subject)])
      const lane = world.laneOf(subject, 'liquidation')
      const place = booksPlace(chain, liquidation.batches, positions.from)
      const asked = { place, told, cursor, fundNow: fundIn(look) }
      const [start, final] = await Promise.all([startOf(place, cursor), place.final()])
      const found = await readUpTo(asked, start, final)
      const events = found.kind === 'read' ? found.events : []
      const intents = await intentsSince(store, { lane: lane.id, engine: subject }, [
        found.kind === 'read' ? workSince(found, cursor, clock.now()) : clock.now(),
        ...events.map((event) => timestamp(Math.max(0, happenedAt(event) - mostWorkMs))),
      ])
      const liquidator = look.liquidator?.id ?? ''
      const early = unfinished(events, { intents, liquidator })
      const read = early ? await readBefore(early, { asked, start, found }) : found
      const missed = read.kind === 'read' ? read.events.filter(isOf(liquidator)) : []
      const market = world.feeMarkets[chain.name]
      return {
        engine: subject,
        now: clock.now(),
        liquidator,
        cursor,
        read,
        intents,
        slots: await slotsIn(store, subject, missed),
        fee: {
          ...feeTokenOf(chain),
          decimals: feeTokenDecimals,
          prices: market === undefined ? [] : await feePrices(world, market),
        },
        collateralDecimals: look.dollar.toString().length - 1,
      }
    },
    settings: {},
    decide: decideBooks,
    recorded: ({ intents, slots, ...view }) => ({
      ...view,
      intents: intents.length,
      slots: slots.length,
    }),
  }
}

/** A transaction is in a block within this time of its decision, or never: longer than its deadline and all of its attempts. */
const mostWorkMs = 15 * 60_000

/** No further than our own work is final: `early` is the first event of work that is not. */
async function readBefore(
  { block }: LiquidationEvent,
  {
    asked,
    start,
    found,
  }: {
    readonly asked: Omit<Parameters<typeof readUpTo>[0], 'place'> & { readonly place: BooksPlace }
    readonly start: BooksStart | undefined
    readonly found: BooksRead
  },
): Promise<BooksRead> {
  const { place } = asked
  const read = await readUpTo(asked, start, await place.at(block.number - 1))
  if (read.kind === 'nothing' || found.kind === 'nothing')
    return { kind: 'nothing', detail: `our work in the next ${place.unit} is not final yet` }
  return { ...read, waits: true, final: found.final }
}

/**
 * All work that was decided before is booked. Where nothing is booked yet it is that of before us; but until a first batch
 * counts hours may pass, in which there was work of ours.
 */
function workSince(
  { batch }: Extract<BooksRead, { kind: 'read' }>,
  cursor: LedgerCursor | undefined,
  now: Timestamp,
): Timestamp {
  return cursor?.workBefore ?? (batch ? timestamp(0) : now)
}

/** A StarkEx exchange tells of none. */
function fundIn(look: LiquidationLook): bigint | undefined {
  return look.kind === 'starkex' ? undefined : look.insuranceFund
}

function isOf(liquidator: string) {
  return (event: LiquidationEvent) => event.kind === 'liquidated' && event.liquidator !== liquidator
}

/** Rows of what is final, and the place to go on from. */
export function decideBooks(view: BooksView): Decision {
  const { engine, read, cursor, intents, now } = view
  if (read.kind === 'nothing')
    return {
      actions: [],
      outcome: { kind: 'done', reason: 'nothing-final', detail: read.detail },
      recorded: {},
    }
  const { through, batch, events, waits } = read
  const place = { block: { number: through.number, hash: through.hash }, ...(batch && { batch }) }
  const reach = workReach(place)
  const since = workSince(read, cursor, now)
  const work = intents.filter((intent) => isBookable(intent, reach))
  const told = new Set(events.map(({ transaction }) => transaction))
  const rows = bookRows({
    ...view,
    events,
    isBatched: batch !== undefined,
    // Older work was booked already; it is here where an event of this time is of it.
    intents: work.filter(
      (intent) => intent.createdAt >= since || namesIn(intent).some((name) => told.has(name)),
    ),
  })
  const next: LedgerCursor = {
    ...place,
    blockAt: through.time,
    workBefore: workDoneBefore(
      intents.filter(({ createdAt }) => createdAt >= since),
      { block: reach, now },
    ),
    fund: read.fund,
    fundDays: fundDays(cursor, dayOf(through.time), read.fund),
    decimals: { collateral: view.collateralDecimals, fee: view.fee.decimals },
    version: (cursor?.version ?? 0) + 1,
  }
  return {
    actions: [{ kind: 'keep-books', engine, rows, cursor: next }],
    outcome: {
      kind: 'done',
      reason: rows.length > 0 ? 'booked' : 'nothing-new',
      detail: [
        ...(read.isNew ? [batch ? wentBack : beganAnew] : []),
        batch ? `up to batch ${batch.id}` : `up to block ${through.number} of ${read.final}`,
        `${rows.length} rows`,
        ...(waits ? ['what comes next waits for its work to be final'] : []),
      ].join('; '),
    },
    recorded: { rows: rows.map(({ id, kind }) => ({ id, kind })) },
  }
}

const beganAnew = 'began anew: blocks that were final are gone'
const wentBack = 'went back: a batch that another one followed is gone'

function feeTokenOf({ kind }: Pick<Chain, 'kind'>): Pick<FeePrice, 'token' | 'isFree'> {
  const token = feeTokens[kind]
  return token === undefined ? { token: '', isFree: true } : { token }
}

/** As many as people look at: a quarter of a year. */
const mostDays = 92

function fundDays(
  cursor: LedgerCursor | undefined,
  day: string,
  balance: bigint | undefined,
): LedgerCursor['fundDays'] {
  if (balance === undefined) return cursor?.fundDays ?? []
  const before = (cursor?.fundDays ?? []).filter((one) => one.day !== day)
  return [...before, { day, balance }].slice(-mostDays)
}
