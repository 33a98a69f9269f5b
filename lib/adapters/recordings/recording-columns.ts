/** What a column of a recording holds. */
export type ColumnRole =
  | 'time'
  | 'recv'
  | 'venue'
  | 'symbol'
  | 'price'
  | 'bid'
  | 'ask'
  | 'volume'
  | 'open'
  | 'high'
  | 'low'
  | 'side'

export type TimeUnit = 'ms' | 's' | 'us' | 'ns' | 'iso'

/** Which of a file's columns are read, and as what. Nothing of it is guessed from what the columns hold. */
export type ColumnMap = {
  /** By role, the name in the header; or `#5` for the fifth column of a file that has no header. */
  readonly names: Partial<Readonly<Record<ColumnRole, string>>>
  /** The file has no header: its first line is a row. */
  readonly isByPlace: boolean
  readonly timeUnit: TimeUnit
  readonly recvUnit: TimeUnit
  /** Added to `time` where it is a bar's beginning: a bar can be known at its end only. */
  readonly barMs: number
  /** Rows are trades or quotes, of which several may have one time; else that is so where they have a side. */
  readonly isTicks: boolean
  readonly venue?: string
  readonly symbol?: string
  /** Columns that are there and not read. */
  readonly ignored: readonly string[]
}

/** The recordings' own header. */
export const ownColumns: ColumnMap = {
  names: {
    time: 'ts_ms',
    recv: 'recv_ms',
    venue: 'venue',
    symbol: 'symbol',
    price: 'price',
    bid: 'bid',
    ask: 'ask',
    volume: 'volume',
    open: 'open',
    high: 'high',
    low: 'low',
    side: 'side',
  },
  isByPlace: false,
  timeUnit: 'ms',
  recvUnit: 'ms',
  barMs: 0,
  isTicks: false,
  ignored: [],
}

/** Of the own header these may be absent. */
export const optionalColumns: readonly ColumnRole[] = ['recv', 'open', 'high', 'low', 'side']

/**
 * Reads `ts_ms=time,price=close,bid=b,venue:=kraken,symbol:=BTC-USD,ignore=trades`: what we call it, then the file's own name, or after
 * `:=` one value for all rows. The time says its unit: ts_ms, ts_s, ts_us, ts_ns or ts_iso; open_ms and so on where it is the bar's
 * beginning, with `bar_ms:=60000`. Of a file without a header columns are named by their place, all of them: `ts_us=#1,price=#5`;
 * the others are not read. Trades without a side are told from bars by `rows:=ticks`.
 */
export function parseColumns(text: string): ColumnMap {
  const names: Partial<Record<ColumnRole, string>> = {}
  const fixed: Partial<Record<'venue' | 'symbol' | 'bar_ms' | 'rows', string>> = {}
  const ignored: string[] = []
  const units: { time?: TimeUnit; recv?: TimeUnit } = {}
  let isBarStart = false
  for (const part of text.split(',')) {
    const [, key = '', sign, value = ''] = /^([a-z_]+)(:?=)(.+)$/.exec(part.trim()) ?? []
    const [, kind, unit] = /^(ts|open|recv)_(ms|s|us|ns|iso)$/.exec(key) ?? []
    const role = kind === 'recv' ? 'recv' : kind === undefined ? roleOf(key) : 'time'
    if (sign === ':=' && (key === 'venue' || key === 'symbol' || key === 'bar_ms'))
      fixed[key] = value
    else if (part.trim() === 'rows:=ticks') fixed.rows = value
    else if (sign === '=' && key === 'ignore') ignored.push(value)
    else if (sign !== '=' || role === undefined) throw new ColumnsError(part)
    else if (names[role] !== undefined)
      throw new ColumnsError(part, `${role} is mapped twice; each column is read once`)
    else {
      names[role] = value
      if (unit !== undefined && (role === 'time' || role === 'recv')) units[role] = unit as TimeUnit
      isBarStart ||= kind === 'open'
    }
  }
  const { venue, symbol } = fixed
  const isTicks = fixed.rows !== undefined
  if (isTicks && isBarStart)
    throw new ColumnsError(text, 'ticks are no bars, and have no beginning')
  return {
    names,
    isByPlace: isByPlace([...Object.values(names), ...ignored], text),
    timeUnit: units.time ?? 'ms',
    recvUnit: units.recv ?? 'ms',
    barMs: barOf(fixed.bar_ms, { isBarStart, text }),
    isTicks,
    ...(venue !== undefined && { venue }),
    ...(symbol !== undefined && { symbol }),
    ignored,
  }
}

function isByPlace(columns: readonly string[], text: string): boolean {
  const placed = columns.filter((name) => /^#[1-9]\d{0,2}$/.test(name))
  if (placed.length > 0 && placed.length < columns.length)
    throw new ColumnsError(
      text,
      'columns are named by the header’s words, or all by their place (#5) where a file has no header',
    )
  return placed.length > 0
}

function barOf(
  bar: string | undefined,
  { isBarStart, text }: { readonly isBarStart: boolean; readonly text: string },
): number {
  if (!isBarStart && bar === undefined) return 0
  const isLength = bar !== undefined && /^[1-9]\d{0,9}$/.test(bar)
  if (isBarStart && isLength) return Number(bar)
  throw new ColumnsError(
    text,
    'a time that is a bar’s beginning (open_ms=…) and the bar’s length (bar_ms:=60000) go together',
  )
}

const roles: readonly ColumnRole[] = [
  'venue',
  'symbol',
  'price',
  'bid',
  'ask',
  'volume',
  'open',
  'high',
  'low',
  'side',
]

function roleOf(key: string): ColumnRole | undefined {
  return roles.find((role) => role === key)
}

/** The mapping of columns cannot be read. */
export class ColumnsError extends Error {
  override readonly name = 'ColumnsError'

  constructor(part: string, why?: string) {
    super(
      `"${part}" maps no column: ${
        why ??
        'expected such as ts_ms=time, open_s=start, recv_ms=seen, price=close, price=#5, venue:=kraken, rows:=ticks or ignore=trades'
      }`,
    )
  }
}
