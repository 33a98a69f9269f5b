import * as z from 'zod/mini'

import { timestamp, type Timestamp } from '../../domain/time.ts'

/** Something that happened on a chain, as far as later looks need it. */
export type ChainRow = {
  /** Its block. */
  readonly position: number
  /** Its place among others of that block. */
  readonly index: number
  readonly at: Timestamp
  readonly name: string
  readonly values: readonly string[]
}

/**
 * What earlier looks remembered, and what a scan brought: of the blocks that it read, only what it found there is left. Of each
 * name the newest so many.
 */
export function remembered(
  text: string | undefined,
  {
    ranges,
    rows,
  }: {
    readonly ranges: readonly { readonly from: number; readonly through: number }[]
    readonly rows: readonly ChainRow[]
  },
  most: (name: string) => number,
): readonly ChainRow[] {
  const isReadAgain = ({ position }: ChainRow) =>
    ranges.some(({ from, through }) => from <= position && position <= through)
  const all = [...readRows(text).filter((row) => !isReadAgain(row)), ...rows].toSorted(inOrder)
  const left = new Map<string, number>()
  return all
    .toReversed()
    .filter(({ name }) => {
      const room = left.get(name) ?? most(name)
      left.set(name, room - 1)
      return room > 0
    })
    .toReversed()
}

/** For the next look's cursor. */
export function rowsText(rows: readonly ChainRow[]): string {
  return JSON.stringify(
    rows.map(({ position, index, at, name, values }) => [position, index, at, name, ...values]),
  )
}

const Rows = z.array(z.tuple([z.number(), z.number(), z.number(), z.string()], z.string()))

/** None where the text is not ours. */
function readRows(text: string | undefined): readonly ChainRow[] {
  const read = Rows.safeParse(parsed(text))
  if (!read.success) return []
  return read.data.map(([position, index, at, name, ...values]) => ({
    position,
    index,
    at: timestamp(at),
    name,
    values,
  }))
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '[]')
  } catch {
    return undefined
  }
}

function inOrder(one: ChainRow, other: ChainRow): number {
  return one.position - other.position || one.index - other.index
}
