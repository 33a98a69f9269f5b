import { mostRows, type ScanMemory } from './scan-memory.ts'

/**
 * Rows of accounts that have the same number of holdings. Two neighbours make a block: both first balances, both second ones
 * and so on, so that one instruction works on two accounts. Columns stand as balances do.
 */
export type Chunk = {
  readonly holdings: number
  /** Even. */
  readonly rows: number
  /** Rows are numbered through all chunks, and so are holdings. */
  readonly firstSlot: number
  readonly firstEntry: number
  readonly constantsAt: number
  readonly balancesAt: number
  readonly columnsAt: number
}

/** One account as the scan reckons with it: constant + Σ balance · factor of the column. */
export type Row = {
  readonly constant: number
  readonly balances: readonly number[]
  readonly columns: readonly number[]
}

export type AccountRows = {
  readonly chunks: readonly Chunk[]
  readonly slots: number
  readonly entries: number
  /** Its account must have none yet. */
  readonly put: (id: string, row: Row) => number
  readonly drop: (id: string) => void
  readonly slotOf: (id: string) => number | undefined
  readonly idAt: (slot: number) => string
  readonly chunkAt: (slot: number) => Chunk
  /** Whose row an entry stands in. */
  readonly slotAt: (entry: number) => number
}

/** Chunks begin at multiples of this many slots and entries, so that the chunk of either is found by its number. */
const slotsInStep = 64

/** What stands in a row of nobody: surely safe, since column 0 is no asset and its factor is zero. */
const plenty = 2 ** 900

export function openRows(memory: ScanMemory): AccountRows {
  const chunks: Chunk[] = []
  const chunkOfStep: Chunk[] = []
  const chunkOfEntries: Chunk[] = []
  const free = new Map<number, number[]>()
  const slotOf = new Map<string, number>()
  const ids: string[] = []
  let entries = 0

  function chunkAt(slot: number): Chunk {
    const chunk = chunkOfStep[Math.floor(slot / slotsInStep)]
    if (!chunk) throw new RangeError(`the scan has no row ${slot}`)
    return chunk
  }

  /** As many rows as its group has, so that small groups stay small. */
  function addChunk(holdings: number): readonly number[] {
    const has = chunks.reduce((sum, one) => (one.holdings === holdings ? sum + one.rows : sum), 0)
    const rows = Math.min(mostRows, Math.max(slotsInStep, has))
    const at = memory.reserve(rows * (8 + holdings * 10))
    const balancesAt = at + rows * 8
    const chunk: Chunk = {
      holdings,
      rows,
      firstSlot: ids.length,
      firstEntry: entries,
      constantsAt: at,
      balancesAt,
      columnsAt: balancesAt + rows * holdings * 8,
    }
    chunks.push(chunk)
    for (let step = 0; step < rows / slotsInStep; step++) chunkOfStep.push(chunk)
    for (let step = 0; step < (rows * holdings) / slotsInStep; step++) chunkOfEntries.push(chunk)
    const slots = Array.from({ length: rows }, (_, row) => chunk.firstSlot + rows - 1 - row)
    for (let row = 0; row < rows; row++) ids.push('')
    entries += rows * holdings
    memory.views.doubles.fill(plenty, at / 8, at / 8 + rows)
    return slots
  }

  function write(slot: number, { constant, balances, columns }: Row): void {
    const { doubles, halves } = memory.views
    const chunk = chunkAt(slot)
    doubles[chunk.constantsAt / 8 + slot - chunk.firstSlot] = constant
    for (let holding = 0; holding < chunk.holdings; holding++) {
      const place = placeIn(chunk, slot, holding)
      doubles[chunk.balancesAt / 8 + place] = balances[holding] ?? 0
      halves[chunk.columnsAt / 2 + place] = columns[holding] ?? 0
    }
  }

  return {
    chunks,
    get slots() {
      return ids.length
    },
    get entries() {
      return entries
    },
    put: (id, row) => {
      const holdings = row.balances.length
      const group = free.get(holdings) ?? []
      free.set(holdings, group)
      if (group.length === 0) group.push(...addChunk(holdings))
      const slot = group.pop() ?? 0
      ids[slot] = id
      slotOf.set(id, slot)
      write(slot, row)
      return slot
    },
    drop: (id) => {
      const slot = slotOf.get(id)
      if (slot === undefined) return
      slotOf.delete(id)
      ids[slot] = ''
      write(slot, { constant: plenty, balances: [], columns: [] })
      free.get(chunkAt(slot).holdings)?.push(slot)
    },
    slotOf: (id) => slotOf.get(id),
    idAt: (slot) => ids[slot] ?? '',
    chunkAt,
    slotAt: (entry) => {
      const chunk = chunkOfEntries[Math.floor(entry / slotsInStep)]
      if (!chunk) throw new RangeError(`the scan has no entry ${entry}`)
      const place = entry - chunk.firstEntry
      const block = Math.floor(place / (2 * chunk.holdings))
      return chunk.firstSlot + 2 * block + (place % 2)
    },
  }
}

/** Where in its chunk's balances, columns and entries a holding stands. */
export function placeIn(
  chunk: Pick<Chunk, 'holdings' | 'firstSlot'>,
  slot: number,
  holding: number,
): number {
  const row = slot - chunk.firstSlot
  return (row - (row % 2)) * chunk.holdings + 2 * holding + (row % 2)
}
