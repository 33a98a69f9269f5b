import { feeTokenDecimals, feeTokens } from '../../domain/fee-token.ts'
import type { Intent } from '../../domain/intent.ts'
import type { LiquidationEvent } from '../../domain/liquidation/liquidation-event.ts'
import type { Market } from '../../domain/market.ts'
import { bookRows, isBookable, workDoneBefore } from '../../domain/pnl/book-rows.ts'
import { dayOf } from '../../domain/pnl/daily-sums.ts'
import type { FeePrice } from '../../domain/pnl/fee-share.ts'
import type { LedgerCursor } from '../../domain/pnl/ledger-row.ts'
import type { Slot } from '../../domain/pnl/why-missed.ts'
import type { TaskClass } from '../../domain/task.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { Block } from '../../domain/transaction.ts'
import type { Chain, Clock, Engine, EngineLiquidation, Store } from '../../ports.ts'
import type { Decision, Keeper } from '../keeper.ts'
import type { LaneWorld } from '../lane/lane-world.ts'
import { feePrices } from './fee-prices.ts'
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

export type BooksRead =
  | {
      readonly kind: 'read'
      /** The last block that is booked now. */
      readonly through: Block
      readonly events: readonly LiquidationEvent[]
      readonly fund: bigint
      /** There are later events of ours, whose work is not final yet. */
      readonly waits: boolean
      /** The newest final block. */
      readonly final: number
      /** The chain lost blocks that were final: the books begin anew, and rows of blocks that it still has are found again. */
      readonly isNew: boolean
    }
  | { readonly kind: 'nothing'; readonly detail: string }

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
      if (look.kind === 'starkex')
        throw new RangeError(`${subject} tells of no insurance fund, so it has no books here`)
      const found = await readEvents(
        { chain, told, from: positions.from },
        cursor,
        look.insuranceFund,
      )
      const events = found.kind === 'read' ? found.events : []
      const intents = await intentsSince(store, { lane: lane.id, engine: subject }, [
        cursor?.workBefore ?? clock.now(),
        ...events.map(({ block }) => timestamp(Math.max(0, block.time - mostWorkMs))),
      ])
      const liquidator = look.liquidator?.id ?? ''
      const read = await upToFinalWork(found, { chain, intents, liquidator, cursor })
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
          token: feeTokens[chain.kind] ?? '',
          decimals: feeTokenDecimals,
          prices: market === undefined ? [] : await feePrices(world, market),
        },
        collateralDecimals: look.dollar.toString().length - 1,
      }
    },
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

type Told = NonNullable<EngineLiquidation['events']>

async function readEvents(
  {
    chain,
    told,
    from,
  }: {
    readonly chain: Chain
    readonly told: Told
    readonly from: number
  },
  cursor: LedgerCursor | undefined,
  fundNow: bigint,
): Promise<BooksRead> {
  const head = await chain.head()
  const final = head.number - chain.finalityBlocks
  const first = Math.max(0, from - 1)
  const known = cursor && (await chain.block(cursor.block.number))
  const isKept = known?.hash === cursor?.block.hash
  const [after, to] = await Promise.all([
    cursor && isKept ? cursor.block : chain.block(first),
    chain.block(Math.max(0, final)),
  ])
  if (!after || !to || to.number <= after.number)
    return { kind: 'nothing', detail: `no block after ${after?.number ?? first} is final yet` }
  const found = await told(after, to)
  if (found.kind === 'gone') return { kind: 'nothing', detail: 'blocks went while they were read' }
  const { through, events } = found
  const fund = found.insuranceFund ?? cursor?.fund ?? fundNow
  const isNew = cursor !== undefined && !isKept
  return { kind: 'read', through, events, fund, waits: false, final: to.number, isNew }
}

const firstAsked = 100
const mostAsked = 6_400

/** All work of ours on this exchange since the earliest of those times, newest first. */
async function intentsSince(
  { intents }: Pick<Store, 'intents'>,
  { lane, engine }: { readonly lane: string; readonly engine: string },
  times: readonly Timestamp[],
): Promise<readonly Intent[]> {
  const since = Math.min(...times)
  for (let limit = firstAsked; ; limit *= 4) {
    const found = await intents.recent(lane, limit)
    const oldest = found.at(-1)
    const isEnough = found.length < limit || !oldest || oldest.createdAt < since
    if (!isEnough && limit < mostAsked) continue
    return found.filter(
      ({ action, createdAt }) =>
        action.kind === 'liquidate' && action.engine === engine && createdAt >= since,
    )
  }
}

/** Events of ours wait for their work: what it cost is known when the lane is done with it. */
async function upToFinalWork(
  read: BooksRead,
  {
    chain,
    intents,
    liquidator,
    cursor,
  }: {
    readonly chain: Chain
    readonly intents: readonly Intent[]
    readonly liquidator: string
    readonly cursor: LedgerCursor | undefined
  },
): Promise<BooksRead> {
  if (read.kind === 'nothing') return read
  const done = new Set(
    intents.flatMap(({ state }) => (state.kind === 'settled' ? [state.hash] : [])),
  )
  const open = intents.filter(({ state }) => state.kind !== 'settled' && state.kind !== 'failed')
  const early = read.events.find(
    ({ block, transaction, ...event }) =>
      event.kind === 'liquidated' &&
      event.liquidator === liquidator &&
      !done.has(transaction) &&
      open.some(({ createdAt }) => createdAt <= block.time + mostClockApartMs),
  )
  if (!early) return read
  const number = early.block.number - 1
  const through = await chain.block(number)
  if (!through || number <= (cursor?.block.number ?? -1))
    return { kind: 'nothing', detail: `work in block ${early.block.number} is not final yet` }
  const events = read.events.filter(({ block }) => block.number <= number)
  return { ...read, through, events, fund: cursor?.fund ?? read.fund, waits: true }
}

/** Between our clock and the blocks'. */
const mostClockApartMs = 60_000

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
  const { through, events, waits } = read
  const since = cursor?.workBefore ?? now
  const work = intents.filter((intent) => isBookable(intent, through.number))
  const hashes = new Set(events.map(({ transaction }) => transaction))
  const rows = bookRows({
    ...view,
    events,
    // Older work was booked already; it is here where an event of this time is of it.
    intents: work.filter((intent) => intent.createdAt >= since || isIn(intent, hashes)),
  })
  const next: LedgerCursor = {
    block: { number: through.number, hash: through.hash },
    blockAt: through.time,
    workBefore: workDoneBefore(
      intents.filter(({ createdAt }) => createdAt >= since),
      { block: through.number, now },
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
        ...(read.isNew ? ['began anew: blocks that were final are gone'] : []),
        `up to block ${through.number} of ${read.final}`,
        `${rows.length} rows`,
        ...(waits ? ['what comes next waits for its work to be final'] : []),
      ].join('; '),
    },
    recorded: { rows: rows.map(({ id, kind }) => ({ id, kind })) },
  }
}

function isIn({ state }: Intent, hashes: ReadonlySet<string>): boolean {
  const hash = state.kind === 'settled' || state.kind === 'failed' ? state.hash : undefined
  return hash !== undefined && hashes.has(hash)
}

/** As many as people look at: a quarter of a year. */
const mostDays = 92

function fundDays(
  cursor: LedgerCursor | undefined,
  day: string,
  balance: bigint,
): LedgerCursor['fundDays'] {
  const before = (cursor?.fundDays ?? []).filter((one) => one.day !== day)
  return [...before, { day, balance }].slice(-mostDays)
}
