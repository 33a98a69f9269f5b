import type {
  Deleveraged,
  LiquidationEvent,
  LiquidationEvents,
  Liquidated,
} from '../../../domain/liquidation/liquidation-event.ts'
import type { Market } from '../../../domain/market.ts'
import type { BlockId } from '../../../domain/positions/account-event.ts'
import type { StarkexTransaction } from '../../../domain/starkex/transaction.ts'
import type { StarkexFeeder } from '../../starkex-feeder.ts'
import { feltHex } from '../../starknet-felt.ts'
import { batchBlock } from './batch-blocks.ts'
import { batchesBetween, infoOf, lastWithin } from './batch-chain.ts'
import type { StarkexExchange } from './exchange.ts'
import { type Batch, type Done, executedIn } from './executed-in.ts'
import { assetOf, tickedBefore, tickedBy, type Ticked } from './ticked.ts'

/**
 * Liquidations and deleverages of a StarkEx exchange, as its batches executed them. A transaction says for how much cash, and
 * the mark is what the last price tick before it said, also of an earlier batch: what no tick names keeps its price. No batch
 * before `from` is read.
 */
export function starkexLiquidationEvents(
  { engine, listings }: Pick<StarkexExchange, 'engine' | 'listings'>,
  feeder: Pick<StarkexFeeder, 'info'>,
  from: number,
): (after: BlockId, to: BlockId) => Promise<LiquidationEvents> {
  const listed = new Map([...listings.values()].map((one) => [BigInt(one.assetId), one.market]))
  const read = async (id: number) => infoOf(feeder, id)

  return async (after, to) => {
    const end = await lastWithin(read, after, to)
    const batches =
      end === undefined
        ? undefined
        : await batchesBetween({ read, link: read }, after, { end, from })
    const last = batches?.at(-1)
    if (!batches || !last) return { kind: 'gone' }
    const through = { ...batchBlock(last.id, last.read), time: last.read.createdAt }
    if (through.number === to.number && through.hash !== to.hash) return { kind: 'gone' }
    const done = batches.flatMap((batch) => executedIn(batch, engine))
    const before = await tickedBefore(batches[0], done, { read, from, engine })
    return {
      kind: 'events',
      through,
      events: eventsOf(done, before, listed),
      insuranceFund: undefined,
      batch: { id: last.id, nextTransaction: nextAfter(batches) },
    }
  }
}

function nextAfter(batches: readonly Batch[]): number {
  return batches
    .flatMap(({ read }) => read.transactions)
    .reduce((next, { id }) => Math.max(next, id + 1), 0)
}

function eventsOf(
  done: readonly Done[],
  before: Ticked,
  listed: ReadonlyMap<bigint, Market>,
): readonly LiquidationEvent[] {
  let ticked = before
  const events: LiquidationEvent[] = []
  for (const one of done) {
    ticked = tickedBy(ticked, one)
    const event = eventOf(one, ticked, listed)
    if (event) events.push(event)
  }
  return events
}

function eventOf(
  done: Done,
  { prices, time }: Ticked,
  listed: ReadonlyMap<bigint, Market>,
): LiquidationEvent | undefined {
  const { batch, id, place, transaction } = done
  const asset = assetOf(transaction)
  if (asset === undefined) return undefined
  const happened = {
    block: { ...batchBlock(batch.id, batch.read), time: batch.read.createdAt },
    batch: batch.id,
    transaction: `0x${id.toString(16)}`,
    place,
    ...(time !== undefined && { at: time }),
    asset: feltHex(asset),
    market: listed.get(asset),
  } as const
  const price = prices.get(asset)
  if (transaction.type === 'LIQUIDATE') return { ...happened, ...liquidated(transaction, price) }
  if (transaction.type === 'DELEVERAGE') return { ...happened, ...deleveraged(transaction, price) }
  return undefined
}

type Of<Type extends StarkexTransaction['type']> = Extract<StarkexTransaction, { type: Type }>
type Told = 'block' | 'batch' | 'transaction' | 'place' | 'at' | 'asset' | 'market'

/** The account pays what it gets less than the mark, and the liquidator's order a fee of that to the exchange. */
function liquidated(
  { liquidated: account, order, ...actual }: Of<'LIQUIDATE'>,
  price: bigint | undefined,
): Omit<Liquidated, Told> {
  const { actualSynthetic: size, actualCollateral: paid, actualFee: exchangeFee } = actual
  const [base, cash] = order.isBuying ? [-size, paid] : [size, -paid]
  const penalty = price === undefined ? undefined : marked(base, price) - cash
  return {
    kind: 'liquidated',
    account: String(account),
    liquidator: String(order.position),
    base,
    cash,
    price,
    penalty,
    reward: penalty === undefined ? undefined : penalty - exchangeFee,
    exchangeFee,
    cover: 0n,
  }
}

function deleveraged(
  { deleveraged: account, deleverager, isDeleveragerBuying, ...of }: Of<'DELEVERAGE'>,
  price: bigint | undefined,
): Omit<Deleveraged, Told> {
  const { synthetic: size, collateral: paid } = of
  const [base, cash] = isDeleveragerBuying ? [-size, paid] : [size, -paid]
  return {
    kind: 'deleveraged',
    account: String(account),
    counterparty: String(deleverager),
    base,
    cash,
    loss: price === undefined ? undefined : cash - marked(base, price),
  }
}

/** What an account would get by the mark for so much, rounded down. */
function marked(base: bigint, price: bigint): bigint {
  return (-base * price) >> 32n
}
