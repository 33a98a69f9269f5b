import { decode, encode } from '../../domain/exact-text.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Clock } from '../../ports.ts'
import { maxItemBytes, RowTooLargeError } from './item-size.ts'
import { pack } from './packed.ts'
import { isExpired } from './retention.ts'
import type { Key } from './table.ts'

/** The content as text, so that nobody holds an object that is in the store. */
export type MemoryRow = {
  readonly pk: string
  readonly sk: string
  readonly content: string
  readonly expiresAt: Timestamp | undefined
}

export type MemoryChange =
  | { readonly kind: 'put'; readonly row: MemoryRow }
  | { readonly kind: 'remove'; readonly key: Key }

/** A table in memory. Each operation is one step: nothing is awaited inside it. */
export type MemoryRows = {
  /** Undefined where it has expired. */
  get(key: Key): unknown
  /** Also where it has expired: most rows stand in the way of another for as long as they are there. */
  stored(key: Key): unknown
  put(
    key: Key,
    content: unknown,
    options?: {
      readonly expiresAt?: Timestamp | undefined
      /** The real table has it in a blob where it is. */
      readonly mayBeLarge?: boolean
    },
  ): void
  remove(key: Key): void
  /** In the order of their sort keys, without the expired. */
  partition(pk: string, order: 'ascending' | 'descending'): Iterable<unknown>
  /** Everything that is not long expired. */
  all(): readonly MemoryRow[]
}

/** DynamoDB deletes within a few days of expiry. */
const deletedAfterMs = 2 * 24 * 60 * 60_000

export function memoryRows(
  clock: Clock,
  rows: readonly MemoryRow[],
  /** Told of each change, before it can be seen. */
  onChange: (change: MemoryChange) => void = () => undefined,
): MemoryRows {
  const table = new Map<string, Map<string, MemoryRow>>()

  function set(row: MemoryRow): void {
    const partition = table.get(row.pk) ?? new Map<string, MemoryRow>()
    table.set(row.pk, partition.set(row.sk, row))
  }

  for (const row of rows) set(row)

  return {
    get({ pk, sk }) {
      const row = table.get(pk)?.get(sk)
      return row && isLive(row, clock.now()) ? decode(row.content) : undefined
    },

    stored({ pk, sk }) {
      const row = table.get(pk)?.get(sk)
      return row && decode(row.content)
    },

    put(key, content, { expiresAt, mayBeLarge = false } = {}) {
      const text = encode(content)
      if (!mayBeLarge) checkPackedSize(key, text)
      const row = { ...key, content: text, expiresAt }
      onChange({ kind: 'put', row })
      set(row)
    },

    remove({ pk, sk }) {
      if (!table.get(pk)?.has(sk)) return
      onChange({ kind: 'remove', key: { pk, sk } })
      table.get(pk)?.delete(sk)
    },

    *partition(pk, order) {
      const found = (table.get(pk) ?? new Map<string, MemoryRow>()).values()
      const live = [...found].filter((row) => isLive(row, clock.now()))
      const sign = order === 'ascending' ? 1 : -1
      for (const row of live.toSorted((one, other) => (one.sk < other.sk ? -sign : sign)))
        yield decode(row.content)
    },

    all() {
      const horizon = clock.now() - deletedAfterMs
      const kept = table.values().flatMap((partition) => partition.values())
      return kept.filter((row) => (row.expiresAt ?? Infinity) > horizon).toArray()
    },
  }
}

function isLive({ expiresAt }: MemoryRow, now: Timestamp): boolean {
  return !isExpired(expiresAt, now)
}

/** What the real table would refuse is refused here too; only rows that might be are packed to find out. */
function checkPackedSize(key: Key, text: string): void {
  if (text.length <= maxItemBytes) return
  const size = pack(JSON.parse(text)).byteLength
  if (size > maxItemBytes) throw new RowTooLargeError(key, size)
}
