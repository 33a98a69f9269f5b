import type { Account } from '../margin/account.ts'
import { placeIn } from './account-rows.ts'
import type { FlatBook } from './flat-book.ts'
import { boundOf } from './row-scan.ts'
import type { ScanMarks, Worths } from './scan-marks.ts'
import { openHeap, type TopHeap } from './top-heap.ts'

/** Who holds what of a book, by asset and side, so that the first by some score are found without a look at all accounts. */
export type Holders = {
  /** The account has this row from now on, or none. */
  readonly place: (account: Account, slot: number | undefined) => void
  /** The account is gone, and its row will be nobody's. */
  readonly forget: (id: string, slot: number | undefined) => void
  /** Takes the marks and the score that all that follows goes by. */
  readonly mark: (marks: ScanMarks, score: HolderScore) => void
  /** Of those with a row, the holders of one side by the most that their score may be, the largest first. */
  readonly promising: (asset: string, isLong: boolean) => Iterable<Promising>
  /** The same by their names. */
  readonly named: (asset: string, isLong: boolean) => Iterable<Promising>
  /** Accounts without a row: whatever they hold, they must be asked about. */
  readonly rowless: () => Iterable<string>
}

export type Promising = { readonly id: string; readonly most: number }

/** What the rows tell of a holding, in collateral. */
export type HeldBy = {
  readonly isLong: boolean
  /** Below zero for a short, and off by less than one and some roundings. */
  readonly worth: number
  /** No number where it is not known. */
  readonly cost: number
  /** The least that its account may be worth. */
  readonly least: number
}

/** A bound of a score, that the exact one never exceeds; minus infinity for those who have none. Equal names are the same bound. */
export type HolderScore = { readonly name: string; readonly most: (held: HeldBy) => number }

type Side = {
  readonly heap: TopHeap
  /** By which marks and score its keys are. */
  keyed: number
  /** Its entries by their accounts' names, as they were when it was last asked, and which of them changed since. */
  sorted: readonly number[] | undefined
  readonly changed: Set<number>
}

const none: Worths = {
  prices: new Float64Array(0),
  values: new Float64Array(0),
  discounts: new Float64Array(0),
}

/** Holders as entries of the book's rows; it must be told of each change of a row, before one is dropped and after one is put. */
export function openHolders({ rows, columns, memory }: FlatBook): Holders {
  const places = { at: new Uint32Array(0) }
  const sides = new Map<string, readonly [Side, Side]>()
  const sideOfColumn: Side[] = []
  const rowless = new Set<string>()
  let costs = new Float64Array(0)
  let worths = none
  let score: HolderScore = { name: '', most: () => 0 }
  let marked = 0

  function grow(): void {
    if (costs.length >= rows.entries) return
    const length = Math.max(rows.entries, 2 * costs.length)
    const [at, longer] = [new Uint32Array(length), new Float64Array(length)]
    at.set(places.at)
    longer.set(costs)
    places.at = at
    costs = longer
  }

  function sideOf(asset: string, isLong: boolean): Side {
    let both = sides.get(asset)
    if (!both) {
      both = [newSide(), newSide()]
      sides.set(asset, both)
    }
    return both[isLong ? 0 : 1]
  }

  function newSide(): Side {
    return { heap: openHeap(places), keyed: -1, sorted: undefined, changed: new Set() }
  }

  /** Infinity where only the exact rule can say it. */
  function mostOf(entry: number): number {
    const { doubles, halves } = memory.views
    const { prices, values, discounts } = worths
    const slot = rows.slotAt(entry)
    const { holdings, firstSlot, firstEntry, constantsAt, balancesAt, columnsAt } =
      rows.chunkAt(slot)
    const constant = doubles[constantsAt / 8 + slot - firstSlot] ?? Number.NaN
    const first = placeIn({ holdings, firstSlot }, slot, 0)
    let value = constant
    let size = Math.abs(constant)
    let worth = 0
    for (let place = first; place < first + 2 * holdings; place += 2) {
      const column = halves[columnsAt / 2 + place] ?? 0
      const balance = doubles[balancesAt / 8 + place] ?? Number.NaN
      // A column that is newer than the marks.
      if (column >= prices.length) return Infinity
      const price = prices[column] ?? Number.NaN
      if (Number.isNaN(price)) return -Infinity
      if (firstEntry + place === entry) worth = balance * price
      const term = balance * (values[column] ?? Number.NaN)
      const discount = Math.abs(balance) * (discounts[column] ?? Number.NaN)
      value += term - discount
      size += Math.abs(term) + discount
    }
    const { share, units } = boundOf(2 * holdings)
    const least = value - share * size - units
    const isLong = (doubles[balancesAt / 8 + entry - firstEntry] ?? 0) > 0
    const most = score.most({ isLong, worth, cost: costs[entry] ?? Number.NaN, least })
    return Number.isNaN(most) ? Infinity : most
  }

  /** Those whose names were sorted are a long run, and new ones come behind it. */
  function sortedIn(side: Side): readonly number[] {
    const { changed, heap } = side
    const kept = side.sorted ? side.sorted.filter((entry) => !changed.has(entry)) : heap.items()
    const added = side.sorted ? [...changed].filter((entry) => heap.has(entry)) : []
    const names = [...kept, ...added]
      .map((entry) => ({ entry, id: rows.idAt(rows.slotAt(entry)) }))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    changed.clear()
    side.sorted = names.map(({ entry }) => entry)
    return side.sorted
  }

  return {
    place: (account, slot) => {
      if (slot === undefined) {
        rowless.add(account.id)
        return
      }
      grow()
      const chunk = rows.chunkAt(slot)
      for (const [at, { asset, balance, cost }] of account.holdings.entries()) {
        const place = placeIn(chunk, slot, at)
        const entry = chunk.firstEntry + place
        const side = sideOf(asset, balance >= 0n)
        sideOfColumn[memory.views.halves[chunk.columnsAt / 2 + place] ?? 0] = side
        costs[entry] = cost === undefined ? Number.NaN : Number(cost)
        side.heap.add(entry, side.keyed === marked ? mostOf(entry) : 0)
        if (side.sorted) side.changed.add(entry)
      }
    },
    forget: (id, slot) => {
      rowless.delete(id)
      if (slot === undefined) return
      const chunk = rows.chunkAt(slot)
      for (let at = 0; at < chunk.holdings; at++) {
        const place = placeIn(chunk, slot, at)
        const side = sideOfColumn[memory.views.halves[chunk.columnsAt / 2 + place] ?? 0]
        side?.heap.drop(chunk.firstEntry + place)
        if (side?.sorted) side.changed.add(chunk.firstEntry + place)
      }
    },
    mark: (marks, next) => {
      const before = worths
      worths = columns.worths(marks)
      if (next.name === score.name && isSame(before, worths)) return
      score = next
      marked += 1
    },
    *promising(asset, isLong) {
      const side = sideOf(asset, isLong)
      if (side.keyed !== marked) side.heap.rekey(mostOf)
      side.keyed = marked
      for (const { item, key } of side.heap.descending()) {
        if (key === -Infinity) return
        yield { id: rows.idAt(rows.slotAt(item)), most: key }
      }
    },
    *named(asset, isLong) {
      for (const entry of sortedIn(sideOf(asset, isLong))) {
        const most = mostOf(entry)
        if (most > -Infinity) yield { id: rows.idAt(rows.slotAt(entry)), most }
      }
    },
    rowless: () => rowless,
  }
}

/** Columns that are new change nobody's score but those that were never reckoned. */
function isSame(before: Worths, now: Worths): boolean {
  return (['prices', 'values', 'discounts'] as const).every((name) =>
    before[name].every((value, at) => Object.is(value, now[name][at])),
  )
}
