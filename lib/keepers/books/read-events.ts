import type { BatchReach, LiquidationEvent } from '../../domain/liquidation/liquidation-event.ts'
import type { LedgerCursor } from '../../domain/pnl/ledger-row.ts'
import type { Block } from '../../domain/transaction.ts'
import type { Chain, CountedBatches, EngineLiquidation } from '../../ports.ts'

export type BooksRead =
  | {
      readonly kind: 'read'
      /** The last block that is booked now, and on StarkEx the batch that stands for it. */
      readonly through: Block
      readonly batch?: BatchReach
      readonly events: readonly LiquidationEvent[]
      /** Undefined where the exchange tells of none. */
      readonly fund: bigint | undefined
      /** There are later events of ours, whose work is not final yet. */
      readonly waits: boolean
      /** The newest final block. */
      readonly final: number
      /**
       * The chain lost blocks that were final: the books begin anew, or with the last batch that is still one, and rows that are
       * there already are found again.
       */
      readonly isNew: boolean
    }
  | { readonly kind: 'nothing'; readonly detail: string }

/** Where an exchange's events are: in the blocks of its chain, or in batches. */
export type BooksPlace = {
  readonly unit: 'block' | 'batch'
  /** The newest block that is final. */
  readonly final: () => Promise<Block | undefined>
  /** The block of that number, or the last batch up to it. */
  readonly at: (number: number) => Promise<Block | undefined>
  /** Before the first one that is read. */
  readonly first: () => Promise<Block | undefined>
  /** Where to go on when the last block that was booked is gone; `instead` is what the place has of its number. */
  readonly restart: (instead: Block | undefined) => Promise<Block | undefined>
}

export function booksPlace(
  chain: Pick<Chain, 'head' | 'block' | 'finalityBlocks'>,
  batches: CountedBatches | undefined,
  from: number,
): BooksPlace {
  const before = Math.max(0, from - 1)
  if (batches)
    return {
      unit: 'batch',
      final: async () => batches.newest(),
      at: async (number) => batches.upTo(number),
      first: async () => batches.upTo(before),
      // Only the newest are ever aborted, so that what is before them is booked.
      restart: async (instead) => Promise.resolve(instead),
    }
  const first = async () => chain.block(before)
  return {
    unit: 'block',
    async final() {
      const head = await chain.head()
      return chain.block(Math.max(0, head.number - chain.finalityBlocks))
    },
    at: async (number) => chain.block(number),
    first,
    restart: first,
  }
}

/** The last block that is booked, or the one before all. */
export type BooksStart = { readonly after: Block; readonly isNew: boolean }

export async function startOf(
  place: BooksPlace,
  cursor: LedgerCursor | undefined,
): Promise<BooksStart | undefined> {
  const known = cursor && (await place.at(cursor.block.number))
  const isNew = cursor !== undefined && known?.hash !== cursor.block.hash
  const after = isNew ? await place.restart(known) : (known ?? (await place.first()))
  return after && { after, isNew }
}

/** What happened after the start, up to a block or an earlier one. */
export async function readUpTo(
  {
    place,
    told,
    cursor,
    fundNow,
  }: {
    readonly place: Pick<BooksPlace, 'unit'>
    readonly told: NonNullable<EngineLiquidation['events']>
    readonly cursor: LedgerCursor | undefined
    readonly fundNow: bigint | undefined
  },
  start: BooksStart | undefined,
  to: Block | undefined,
): Promise<BooksRead> {
  if (!start || !to || to.number <= start.after.number)
    return { kind: 'nothing', detail: `no later ${place.unit} is final yet` }
  const found = await told(start.after, to)
  if (found.kind === 'gone')
    return { kind: 'nothing', detail: `a ${place.unit} went while it was read` }
  const { through, events, insuranceFund, batch } = found
  return {
    kind: 'read',
    through,
    ...(batch && { batch: reach(batch, start.isNew ? undefined : cursor) }),
    events,
    fund: insuranceFund ?? cursor?.fund ?? fundNow,
    waits: false,
    final: to.number,
    isNew: start.isNew,
  }
}

/** Batches without transactions go no further than those before them. */
function reach(batch: BatchReach, cursor: LedgerCursor | undefined): BatchReach {
  const before = cursor?.batch?.nextTransaction ?? 0
  return { ...batch, nextTransaction: Math.max(batch.nextTransaction, before) }
}
