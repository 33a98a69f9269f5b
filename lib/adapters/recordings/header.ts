import {
  type ColumnMap,
  type ColumnRole,
  optionalColumns,
  ownColumns,
} from './recording-columns.ts'

/** At which place of a row each role stands; -1 where the file does not have it. */
export type Places = Readonly<Record<ColumnRole, number>> & { readonly count: number }

/** Where a file's first line, its header or its first row, says that columns stand; or all that is wrong with it. */
export function placesIn(
  firstLine: string,
  map: ColumnMap,
  /** The file is of one source alone, and says not which. */
  isOfOne: boolean,
): Places | readonly string[] {
  const cells = firstLine.split(',')
  const columns = map.isByPlace ? cells.map((_, at) => `#${at + 1}`) : cells
  const place = (role: ColumnRole): number => {
    const name = map.names[role]
    return name === undefined ? -1 : columns.indexOf(name)
  }
  const problems = [
    ...unlikely(cells, map),
    ...repeated(columns),
    ...missing(columns, map, isOfOne),
    ...(map.isByPlace ? [] : unknown(columns, map)),
    ...(isOfOne ? namesBeside(columns, map) : []),
  ]
  if (problems.length > 0) return problems
  return {
    count: columns.length,
    time: place('time'),
    recv: place('recv'),
    venue: place('venue'),
    symbol: place('symbol'),
    price: place('price'),
    bid: place('bid'),
    ask: place('ask'),
    volume: place('volume'),
    open: place('open'),
    high: place('high'),
    low: place('low'),
    side: place('side'),
  }
}

/** What a file of another kind looks like: said beside what is missing, for that alone tells few what to do. */
function unlikely(cells: readonly string[], { isByPlace }: ColumnMap): readonly string[] {
  const [only = ''] = cells
  if (cells.length === 1 && /[;\t|]/.test(only))
    return ['has no comma: cells are separated by commas, and numbers have a point']
  return !isByPlace && cells.some((cell) => /^\d+(\.\d*)?$/.test(cell))
    ? [
        'has numbers and no names: where a file has no header, name columns by their place, as price=#5',
      ]
    : []
}

function repeated(columns: readonly string[]): readonly string[] {
  const twice = [...new Set(columns.filter((name, at) => columns.indexOf(name) !== at))]
  return twice.map((name) => `the header has the column "${name}" twice`)
}

function missing(columns: readonly string[], map: ColumnMap, isOfOne: boolean): readonly string[] {
  const isOwn = map === ownColumns
  const named = Object.entries(map.names) as readonly (readonly [ColumnRole, string])[]
  const lost = named
    .filter(([role]) => !isOwn || !optionalColumns.includes(role))
    .filter(([role]) => !isOfOne || (role !== 'venue' && role !== 'symbol'))
    .filter(([, name]) => !columns.includes(name))
    .map(([, name]) => name)
  const needed: readonly (readonly [boolean, string])[] = [
    [map.names.time !== undefined || map.names.recv !== undefined, 'a time (ts_ms=…)'],
    [isOfOne || map.names.venue !== undefined || map.venue !== undefined, 'a venue'],
    [isOfOne || map.names.symbol !== undefined || map.symbol !== undefined, 'a symbol'],
    [
      map.names.price !== undefined || (map.names.bid ?? map.names.ask) !== undefined,
      'a price, or bid and ask',
    ],
  ]
  const unmapped = needed.filter(([isThere]) => !isThere).map(([, what]) => what)
  return [
    ...(lost.length > 0
      ? [`the ${map.isByPlace ? 'first line' : 'header'} has no column ${lost.join(', ')}`]
      : []),
    ...unmapped.map((what) => `nothing says which column is ${what}`),
  ]
}

function unknown(columns: readonly string[], map: ColumnMap): readonly string[] {
  const known = new Set([...Object.values(map.names), ...map.ignored])
  const lost = columns.filter((name) => !known.has(name))
  return lost.length === 0
    ? []
    : [
        `the header has unknown columns ${lost.map((name) => `"${name}"`).join(', ')}: map them with --columns, or name them there as ignore=…`,
      ]
}

function namesBeside(columns: readonly string[], map: ColumnMap): readonly string[] {
  const beside = [map.names.venue, map.names.symbol].filter(
    (name) => name !== undefined && columns.includes(name),
  )
  return beside.length === 0
    ? []
    : [`the file is given as one source’s, but has a column ${beside.join(' and ')} of its own`]
}
