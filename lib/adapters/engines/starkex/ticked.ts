import type { Timestamp } from '../../../domain/time.ts'
import type { BatchInfo } from '../../starkex-feeder.ts'
import { mostBatches } from './batch-chain.ts'
import { type Batch, type Done, executedIn } from './executed-in.ts'

/** What the ticks before a transaction made of the exchange. */
export type Ticked = {
  /** By asset; what no tick was seen of is not in it. */
  readonly prices: ReadonlyMap<bigint, bigint>
  /** A tick could not be read, so that no price of before it is one now. */
  readonly isLost: boolean
  /** The exchange's own. */
  readonly time: Timestamp | undefined
}

const unticked: Ticked = { prices: new Map(), isLost: false, time: undefined }

/** By batches before the first of these, as far as these do not say by themselves what is asked of them. */
export async function tickedBefore(
  first: Batch | undefined,
  done: readonly Done[],
  {
    read,
    from,
    engine,
  }: {
    readonly read: (id: number) => Promise<BatchInfo | undefined>
    readonly from: number
    readonly engine: string
  },
): Promise<Ticked> {
  const wanted = unsaid(done)
  let id = first?.read.previousId ?? -1
  let found = unticked
  for (
    let looked = 0;
    looked < mostBatches && id >= from && !isEnough(found, wanted);
    looked += 1
  ) {
    const info = await read(id)
    if (!info) break
    const earlier = executedIn({ id, read: info }, engine).reduce(tickedBy, unticked)
    found = {
      prices: new Map([...(found.isLost ? [] : earlier.prices), ...found.prices]),
      isLost: found.isLost || earlier.isLost,
      time: found.time ?? earlier.time,
    }
    id = info.previousId
  }
  return found
}

/** What is liquidated or deleveraged before a tick in these batches says its price, and whether anything is before the time is said. */
function unsaid(done: readonly Done[]): {
  readonly assets: ReadonlySet<bigint>
  readonly isTimeless: boolean
} {
  let ticked = unticked
  let isTimeless = false
  const assets = new Set<bigint>()
  for (const one of done) {
    ticked = tickedBy(ticked, one)
    const asset = assetOf(one.transaction)
    if (asset === undefined) continue
    if (!ticked.prices.has(asset) && !ticked.isLost) assets.add(asset)
    isTimeless ||= ticked.time === undefined
  }
  return { assets, isTimeless }
}

function isEnough(found: Ticked, { assets, isTimeless }: ReturnType<typeof unsaid>): boolean {
  if (isTimeless && found.time === undefined) return false
  return found.isLost || [...assets].every((asset) => found.prices.has(asset))
}

export function tickedBy(before: Ticked, { transaction }: Done): Ticked {
  switch (transaction.type) {
    case 'ORACLE_PRICES_TICK': {
      const told = transaction.prices.map(({ assetId, price }) => [assetId, price] as const)
      return { ...before, prices: new Map([...before.prices, ...told]), time: transaction.at }
    }
    case 'unread':
      return { ...before, prices: new Map(), isLost: true }
    case 'FUNDING_TICK':
      return { ...before, time: transaction.at }
    case 'LIQUIDATE':
    case 'DELEVERAGE':
      return before
  }
}

export function assetOf(transaction: Done['transaction']): bigint | undefined {
  if (transaction.type === 'LIQUIDATE') return transaction.order.syntheticAsset
  return transaction.type === 'DELEVERAGE' ? transaction.asset : undefined
}
