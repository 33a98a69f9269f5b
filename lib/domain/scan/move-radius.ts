import { placeIn } from './account-rows.ts'
import { openQueues } from './bucket-queues.ts'
import type { FlatBook } from './flat-book.ts'
import { openHotList } from './hot-list.ts'
import { bucketsEach, openMoveColumns } from './move-columns.ts'
import { boundOf } from './row-scan.ts'
import { factorsAt } from './scan-memory.ts'

/** Which accounts must be looked at again, since a factor moved further than they were proved to bear. */
export type MoveRadius = {
  /** The row is somebody's now, or another account's. */
  readonly place: (slot: number) => void
  /** The row will be nobody's. */
  readonly forget: (slot: number) => void
  /** Of the rows that must be looked at, those that are not surely safe; undefined where they are too many. */
  readonly found: () => readonly number[] | undefined
  /** How many rows were looked at by the last `found`. */
  readonly looked: () => number
}

/** Where more than one account in so many must be looked at, a scan of all is as fast. */
const oneIn = 256

/** However few accounts there are. */
const leastTurn = 256

/** Accounts that bear less are looked at each time rather than moved from bucket to bucket. */
const leastRadius = 2

/** Covers, in buckets, all roundings of places and radii: they are below 2^-30 within the range of a column. */
const slack = 2 ** -10

/**
 * An account whose margin exceeds its bound by e at some time, with Σ |b|·u = g over its holdings (u is one bucket of the
 * holding's column), bears a move of λ = e / g buckets against it in all columns at once: its margin falls by at most λ·g.
 * So before it can be liquidatable, at least one of its holdings' columns must have moved by λ. Each holding stands in the
 * bucket where its column would be then, rounded towards now; who is in a bucket that a column reaches is looked at. New
 * accounts, and those that bear next to nothing, are in the hot list, which is looked at each time. No more than some
 * accounts are looked at in one go, so that after a crash, and at the beginning, accounts come to their buckets little by little.
 */
export function openMoveRadius({ rows, columns, memory }: FlatBook): MoveRadius {
  const queues = openQueues()
  const moves = openMoveColumns()
  const hot = openHotList()
  /** For each column: all buckets from here on are empty. */
  const tops: number[] = []
  let owners = new Uint32Array(0)
  let looked = 0

  function grow(): void {
    moves.grow(columns.count)
    while (tops.length < columns.count) tops.push(0)
    queues.grow(columns.count * bucketsEach, rows.entries)
    if (owners.length >= rows.entries) return
    const longer = new Uint32Array(Math.max(rows.entries, 2 * owners.length))
    longer.set(owners)
    owners = longer
  }

  function heat(slot: number): void {
    const chunk = rows.chunkAt(slot)
    for (let holding = 0; holding < chunk.holdings; holding++)
      queues.unlink(chunk.firstEntry + placeIn(chunk, slot, holding))
    hot.add(slot)
  }

  /** Empties the buckets that a column has reached, or all where it has left its range; stops at so many hot accounts. */
  function reach(column: number, most: number): void {
    const factor = memory.views.doubles[factorsAt / 8 + column] ?? Number.NaN
    const isInRange = moves.isInRange(column, factor)
    const down = isInRange ? Math.floor(moves.placeOf(column, factor)) : 0
    let top = tops[column] ?? 0
    while (top > down) {
      const item = queues.first(column * bucketsEach + top - 1)
      if (item < 0) top -= 1
      else if (hot.size > most) break
      else heat(owners[item] ?? 0)
    }
    tops[column] = top
    if (!isInRange && top === 0) moves.rebase(column, factor)
  }

  /** Whether the account may be below its requirement. If it bears a move, its holdings go to their buckets. */
  function isDoubtful(slot: number): boolean {
    const { doubles, halves } = memory.views
    const chunk = rows.chunkAt(slot)
    let margin = doubles[chunk.constantsAt / 8 + slot - chunk.firstSlot] ?? Number.NaN
    let size = Math.abs(margin)
    let perBucket = 0
    for (let holding = 0; holding < chunk.holdings; holding++) {
      const place = placeIn(chunk, slot, holding)
      const column = halves[chunk.columnsAt / 2 + place] ?? 0
      const balance = doubles[chunk.balancesAt / 8 + place] ?? Number.NaN
      const term = balance * (doubles[factorsAt / 8 + column] ?? Number.NaN)
      margin += term
      size += Math.abs(term)
      perBucket += Math.abs(balance) * moves.unitOf(column)
    }
    const { share, units } = boundOf(chunk.holdings)
    const bound = share * size + units
    if (!(margin > bound)) return true
    cool(slot, (margin - bound) / perBucket - slack)
    return false
  }

  /** Most of those that are looked at stay hot: nothing is made for them. */
  function cool(slot: number, radius: number): void {
    if (!(radius >= leastRadius)) return
    const { doubles, halves } = memory.views
    const chunk = rows.chunkAt(slot)
    const first = placeIn(chunk, slot, 0)
    const end = first + 2 * chunk.holdings
    const columnAt = (place: number) => halves[chunk.columnsAt / 2 + place] ?? 0
    const factorOf = (column: number) => doubles[factorsAt / 8 + column] ?? Number.NaN
    for (let place = first; place < end; place += 2) {
      const column = columnAt(place)
      if (!moves.isInRange(column, factorOf(column))) return
    }
    hot.drop(slot)
    for (let place = first; place < end; place += 2) {
      const column = columnAt(place)
      const bucket = Math.max(0, Math.floor(moves.placeOf(column, factorOf(column)) - radius))
      const item = chunk.firstEntry + place
      owners[item] = slot
      queues.link(item, column * bucketsEach + bucket)
      tops[column] = Math.max(tops[column] ?? 0, bucket + 1)
    }
  }

  return {
    place: (slot) => hot.add(slot),
    forget: (slot) => {
      heat(slot)
      hot.drop(slot)
    },
    found: () => {
      grow()
      const most = Math.max(leastTurn, Math.floor(rows.slots / oneIn))
      for (let column = 2; column < columns.count; column++) reach(column, most)
      const isAll = hot.size <= most
      looked = Math.min(hot.size, most)
      const found: number[] = []
      hot.turn(most, (slot) => {
        if (isDoubtful(slot)) found.push(slot)
      })
      return isAll ? found : undefined
    },
    looked: () => looked,
  }
}
