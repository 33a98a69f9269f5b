/** What was read of a chain's past, in its order. */
export type RangeScan<Row> = {
  readonly rows: readonly Row[]
  /** Of these blocks all is in `rows`, both ends included. */
  readonly ranges: readonly { readonly from: number; readonly through: number }[]
  /** Up to the newest block. What was never read of long ago comes in later scans. */
  readonly isCaughtUp: boolean
  /** For the next scan. */
  readonly cursor: ScanCursor
}

/** All blocks from `from` to `through` have been read. */
export type ScanCursor = {
  readonly from: number
  readonly through: number
  /** How many blocks the node took at once. */
  readonly width?: number
}

export type RangeAnswer<Row> =
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  /** Too many blocks at once, most likely. */
  | { readonly kind: 'refused'; readonly reason: string }

type AskRange<Row> = (low: number, high: number) => Promise<RangeAnswer<Row>>

/** In one look; the rest of a long past is read in later ones. */
const maxQuestions = 6

/**
 * First what is new since the last scan, then a piece of what lies further back, until `oldest`. Where nothing is known yet the
 * newest comes first: how long ago the last one was is what matters. Throws what `ask` throws, and where not even one block is
 * told.
 */
export async function scanRanges<Row>(
  {
    head,
    oldest,
    cursor,
    span,
    overlap,
  }: {
    readonly head: number
    readonly oldest: number
    readonly cursor: ScanCursor | undefined
    /** How many blocks are asked for at once; a node that does not take them is asked for a quarter of that, and so on. */
    readonly span: number
    /** So many blocks are read again each time, for a reorg may have replaced them. */
    readonly overlap: number
  },
  ask: AskRange<Row>,
): Promise<RangeScan<Row>> {
  const known = cursor && stillThere(cursor, head)
  const scan = scanner(ask, { span, width: known?.width })
  const fresh = known
    ? await scan.up(Math.max(0, known.through - overlap), head)
    : { rows: [], ranges: [], through: head }
  const from = known ? Math.min(known.from, Math.max(0, known.through - overlap)) : head + 1
  const past = await scan.down(oldest, from - 1)
  return {
    rows: [...past.rows, ...fresh.rows],
    ranges: [...fresh.ranges, ...past.ranges],
    isCaughtUp: fresh.through >= head,
    cursor: {
      from: past.from ?? from,
      // Where it got no further than before, it begins at the same place again.
      through: Math.max(fresh.through, known?.through ?? 0),
      width: scan.width(),
    },
  }
}

/** A node may be a little behind the one that was asked before; where nothing of it is there, it is another chain. */
function stillThere(cursor: ScanCursor, head: number): ScanCursor | undefined {
  return cursor.from <= head ? { ...cursor, through: Math.min(cursor.through, head) } : undefined
}

export function readCursor(text: string | undefined): ScanCursor | undefined {
  const [, from, through, width] = /^(\d+)-(\d+)(?:\/(\d+))?$/.exec(text ?? '') ?? []
  if (from === undefined || through === undefined) return undefined
  return {
    from: Number(from),
    through: Number(through),
    ...(width !== undefined && { width: Number(width) }),
  }
}

export function cursorText({ from, through, width }: ScanCursor): string {
  return `${from}-${through}${width === undefined ? '' : `/${width}`}`
}

function scanner<Row>(
  ask: AskRange<Row>,
  { span, width: last = span }: { readonly span: number; readonly width: number | undefined },
) {
  let left = maxQuestions
  // Whoever took little once may take more by now; where not, half of that was right.
  let width = Math.min(span, last * 2)
  let shrinkBy = last < span ? 2 : 4

  /** Undefined where nothing is left to ask with. */
  async function range(from: number, most: number, isDown: boolean) {
    while (left > 0) {
      left -= 1
      const size = Math.min(width, most)
      const [low, high] = isDown ? [from - size + 1, from] : [from, from + size - 1]
      const answer = await ask(low, high)
      if (answer.kind === 'rows') return { rows: answer.rows, from: low, through: high }
      if (size === 1) throw new RangeRefusedError(low, answer.reason)
      width = Math.max(1, Math.floor(size / shrinkBy))
      shrinkBy = 4
    }
    return undefined
  }

  return {
    width: () => width,
    /** From one block up to another, as far as it may go. */
    async up(from: number, to: number) {
      const rows: Row[] = []
      let through = from - 1
      while (through < to) {
        const part = await range(through + 1, to - through, false)
        if (!part) break
        rows.push(...part.rows)
        ;({ through } = part)
      }
      return { rows, through, ranges: through >= from ? [{ from, through }] : [] }
    },
    /** From one block down to another, as far as it may go. */
    async down(to: number, from: number) {
      const parts: (readonly Row[])[] = []
      let low: number | undefined
      for (let next = from; next >= to && left > 0;) {
        const part = await range(next, next - to + 1, true)
        if (!part) break
        parts.unshift(part.rows)
        low = part.from
        next = part.from - 1
      }
      const ranges = low === undefined ? [] : [{ from: low, through: from }]
      return { rows: parts.flat(), from: low, ranges }
    },
  }
}

/** A node that will not even tell of one block. */
export class RangeRefusedError extends Error {
  override readonly name = 'RangeRefusedError'

  constructor(block: number, reason: string) {
    super(`the node does not tell what happened in block ${block}: ${reason}`)
  }
}
