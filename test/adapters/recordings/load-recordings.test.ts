import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import {
  type LoadOptions,
  loadRecordings,
} from '../../../lib/adapters/recordings/load-recordings.ts'
import type { RecordingInput } from '../../../lib/adapters/recordings/read-recording.ts'
import { ownListing } from '../../../lib/adapters/recordings/recorded-names.ts'
import { parseColumns } from '../../../lib/adapters/recordings/recording-columns.ts'
import { RecordingError } from '../../../lib/adapters/recordings/recording-error.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { fingerprint } from '../../../lib/domain/fingerprint.ts'
import { gapsOf } from '../../../lib/domain/recorded/gaps.ts'
import { decimalAt, floatAt, textAt } from '../../../lib/domain/recorded/price-column.ts'

const first = 1_678_492_800_000
const minute = 60_000
const header = 'ts_ms,venue,symbol,price,bid,ask,volume'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recordings-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('prices', () => {
  test.each([
    ['20000.10', '20000.1'],
    ['20000', '20000'],
    ['100', '100'],
    ['0.00001200', '0.000012'],
    ['1e-5', '0.00001'],
    ['1.50E+2', '150'],
    ['007.5', '7.5'],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['9007199254740993', '9007199254740993'],
    ['26034.12345678901234', '26034.12345678901234'],
    ['0.0000000000000000000000012', '0.0000000000000000000000012'],
  ])('%s stays exactly what it is', async (written, expected) => {
    const [series] = await load([bar(0, `kraken,XBT/USD,${written},,,1`)])
    if (!series) throw new Error('it has one')
    expect(textAt(series.last, 0)).toBe(expected)
    expect(decimalAt(series.last, 0)?.toFixed()).toBe(new Decimal(written).toFixed())
    expect(floatAt(series.last, 0)).toBe(Number(written))
  })

  test('of any digits are kept, and stand for the same tuple as their text', async () => {
    const digits = fc
      .tuple(fc.bigInt({ min: 1n, max: 10n ** 20n }), fc.nat(20))
      .map(([mantissa, places]) => new Decimal(`${mantissa}e-${places}`))
    await fc.assert(
      fc.asyncProperty(fc.array(digits, { minLength: 3, maxLength: 3 }), async (three) => {
        const [bid, ask, last] = three.map((one) => one.toFixed())
        const [series] = await load([bar(0, `kraken,XBT/USD,${last},${bid},${ask},1`)])
        if (!series) throw new Error('it has one')
        const read = [series.bid, series.ask, series.last].map((one) => textAt(one, 0))
        expect(read).toEqual([bid, ask, last])
        expect((series.tuple[0] ?? 0).toString(36)).toBe(fingerprint(`${bid} ${ask} ${last}`))
      }),
      { numRuns: 200 },
    )
  })

  test('a side that is not there is no price, and stands for itself in the tuple', async () => {
    const [series] = await load([bar(0, 'coinbase,BTC-USD,,100.5,,')])
    if (!series) throw new Error('it has one')
    expect(decimalAt(series.ask, 0)).toBeUndefined()
    expect(decimalAt(series.last, 0)).toBeUndefined()
    expect((series.tuple[0] ?? 0).toString(36)).toBe(fingerprint('100.5 - -'))
  })
})

describe('what is wrong with a recording is named by file and line', () => {
  const good = bar(0, 'kraken,XBT/USD,20000,,,1')
  test.each<readonly [string, readonly string[], number, string]>([
    [
      'a second bar of one minute',
      [good, good],
      3,
      'is a second bar of kraken XBT/USD at 1678492800000; the first is in line 2',
    ],
    [
      'time that goes back',
      [bar(1, 'kraken,XBT/USD,1,,,1'), good],
      3,
      'time goes back from 1678492860000 to 1678492800000 for kraken XBT/USD',
    ],
    ['a volume that is no number', [bar(0, 'kraken,XBT/USD,1,,,many')], 2, 'volume is "many"'],
    ['a negative volume', [bar(0, 'kraken,XBT/USD,1,,,-1')], 2, 'volume is "-1"'],
    ['a quoted cell', [bar(0, 'kraken,XBT/USD,"1",,,1')], 2, 'price is ""1""'],
    [
      'a venue in quotes',
      [bar(0, '"kraken",XBT/USD,1,,,1')],
      2,
      'venue is ""kraken"", not a plain',
    ],
    ['a quote that never ends', [bar(0, 'kraken,"XBT/USD,1,,,1')], 2, 'symbol is ""XBT/USD", not'],
    [
      'a space before a name',
      [bar(0, ' kraken,XBT/USD,1,,,1')],
      2,
      'venue is " kraken", not a plain',
    ],
    [
      'no price at all',
      [good, bar(1, 'kraken,XBT/USD,,,,1')],
      3,
      'has no price, and no bid or ask',
    ],
    ['no venue', [bar(0, ',XBT/USD,1,,,1')], 2, 'has no venue'],
    ['no symbol', [bar(0, 'kraken,,1,,,1')], 2, 'has no symbol'],
    ['a price that ends in its point', [bar(0, 'kraken,XBT/USD,1.,,,1')], 2, 'price is "1."'],
    [
      'digits beyond all venues',
      [bar(0, `kraken,XBT/USD,${'1'.repeat(41)},,,1`)],
      2,
      'not a price above zero',
    ],
    [
      'microseconds',
      ['1678492800000000,kraken,XBT/USD,1,,,1'],
      2,
      'ts_ms is "1678492800000000", not a time in unix milliseconds',
    ],
  ])('%s', async (_, rows, line, text) => {
    const file = await record(rows)
    const loading = loadRecordings([{ file }])
    await expect(loading).rejects.toThrow(RecordingError)
    await expect(loading).rejects.toThrow(`${file}, line ${line}: `)
    await expect(loading).rejects.toThrow(text)
  })

  test('a name in another encoding than UTF-8, in each of its lines', async () => {
    const file = join(folder, 'latin.csv')
    const rows = [bar(0, 'kräken,XBT/USD,1,,,1'), bar(1, 'kräken,XBT/USD,1,,,1')]
    await writeFile(file, [header, ...rows].join('\n'), 'latin1')
    const loading = loadRecordings([{ file }])
    await expect(loading).rejects.toMatchObject({ problems: [{ line: 2 }, { line: 3 }] })
    await expect(loading).rejects.toThrow('cells are UTF-8')
  })

  test('a file in UTF-16', async () => {
    const file = join(folder, 'utf16.csv')
    await writeFile(file, `\uFEFF${header}\n${good}\n`, 'utf16le')
    await expect(loadRecordings([{ file }])).rejects.toThrow(`${file}, line 1: is not UTF-8`)
  })

  test('a row of the future', async () => {
    const file = await record([good, bar(5, 'kraken,XBT/USD,1,,,1')])
    await expect(loadRecordings([{ file, notAfter: first + minute }])).rejects.toThrow(
      'line 3: is of the future: it is known from 2023-03-11T00:05:00.000Z on, and now it is 2023-03-11T00:01:00.000Z',
    )
  })

  test('a venue’s time well after it was received, but not one that honest clocks may differ by', async () => {
    const ticks = `${header},side,recv_ms`
    const near = `${first + 5_000},kraken,XBT/USD,1,,,1,buy,${first}`
    const far = `${first + 5_001},kraken,XBT/USD,1,,,1,buy,${first}`
    const file = await record([near, far], ticks)
    const loading = loadRecordings([{ file }])
    await expect(loading).rejects.toMatchObject({ problems: [{ line: 3 }] })
    await expect(loading).rejects.toThrow('5.001 s after it was received')
  })

  test('a side that is neither, among ticks', async () => {
    const file = await record([`${first},kraken,XBT/USD,1,,,1,up`], `${header},side`)
    await expect(loadRecordings([{ file }])).rejects.toThrow('side is "up"')
  })

  test('columns that nobody knows, that are there twice, and that are not there', async () => {
    const odd = await record([], `${header},trades,qav`)
    await expect(loadRecordings([{ file: odd }])).rejects.toThrow(
      'line 1: the header has unknown columns "trades", "qav"',
    )
    const twice = await record([], `${header},bid`)
    await expect(loadRecordings([{ file: twice }])).rejects.toThrow('the column "bid" twice')
    const few = await record([], 'ts_ms,venue,price')
    await expect(loadRecordings([{ file: few }])).rejects.toThrow(
      'the header has no column symbol, bid, ask, volume',
    )
  })

  test('a gzip that is cut off, after the last line that could be read', async () => {
    const rows = Array.from({ length: 30_000 }, (_, at) => bar(at, `kraken,XBT/USD,${at + 1},,,1`))
    const whole = gzipSync([header, ...rows].join('\n'))
    const file = join(folder, 'cut.csv.gz')
    await writeFile(file, whole.subarray(0, whole.length / 2))
    const loading = loadRecordings([{ file }])
    await expect(loading).rejects.toThrow(RecordingError)
    await expect(loading).rejects.toThrow(
      /cut\.csv\.gz, line \d+: the gzip is cut off after this line/,
    )
  })

  test('all of it at once, up to twenty a file, and of every file', async () => {
    const [few, many] = [await record(bad(3)), await record(bad(30))]
    const failure = await loadRecordings([{ file: few }, { file: many }]).catch(
      (error: unknown) => error,
    )
    if (!(failure instanceof RecordingError)) throw failure
    expect(failure.problems.filter(({ file }) => file === few).map(({ line }) => line)).toEqual([
      2, 3, 4,
    ])
    expect(failure.problems.filter(({ file }) => file === many)).toHaveLength(20)
    expect(failure.message).toContain('and more, which are not listed')
  })
})

describe('gaps', () => {
  test('are told with their line and never filled', async () => {
    const minutes = [0, 1, 2, 7, 8, 10]
    const [series] = await load(minutes.map((at) => bar(at, 'kraken,XBT/USD,1,,,1')))
    if (!series) throw new Error('it has one')
    expect(series.length).toBe(6)
    expect(gapsOf(series, 10)).toEqual({
      all: 2,
      longest: [
        { line: 5, from: first + 2 * minute, to: first + 7 * minute },
        { line: 7, from: first + 8 * minute, to: first + 10 * minute },
      ],
    })
    expect(gapsOf(series, 1)).toMatchObject({ all: 2, longest: [{ line: 5 }] })
  })
})

describe('a file of another kind', () => {
  test('is read by the columns that it is said to have, in the unit that is said', async () => {
    const columns = parseColumns(
      'open_s=start,bar_ms:=60000,price=close,venue:=kraken,symbol:=XBT/USD,ignore=count',
    )
    const rows = ['start,close,count', `${first / 1000},100.5,7`, `${first / 1000 + 60},101,8`]
    const [series] = await loadText(rows, { columns })
    expect(series?.venue).toBe('kraken')
    // A bar can be known when it has ended.
    expect([...(series?.knownAt.slice(0, 2) ?? [])]).toEqual([first + minute, first + 2 * minute])
  })

  test.each([
    ['ts_us', `${first}999`],
    ['ts_ns', `${first}999999`],
    ['ts_iso', '2023-03-11T00:00:00Z'],
    ['ts_iso', '2023-03-11 00:00:00.000999Z'],
  ])('knows its time by %s=time', async (unit, written) => {
    const columns = parseColumns(`${unit}=time,price=p,venue:=kraken,symbol:=XBT/USD`)
    const [series] = await loadText(['time,p', `${written},1`], { columns })
    expect(series?.knownAt[0]).toBe(first)
  })

  test.each(['', '\uFEFF'])('is read by places where it has no header: "%s"', async (mark) => {
    const columns = parseColumns('open_us=#1,bar_ms:=60000,price=#5,volume=#6')
    const source = { venue: 'binance', symbol: 'BTC-USDT' }
    const rows = [
      `${mark}${first}000,1,4,1,2.5,0.1,9,no`,
      `${first + minute}000,2,5,2,3.5,0.2,8,yes`,
    ]
    const [series] = await loadText(rows, { columns, source }, { listingOf: ownListing })
    if (!series) throw new Error('it has one')
    expect(Array.from(series.knownAt.slice(0, 2))).toEqual([first + minute, first + 2 * minute])
    expect([0, 1].map((at) => textAt(series.last, at))).toEqual(['2.5', '3.5'])
    expect(Array.from(series.line.slice(0, 2))).toEqual([1, 2])
  })

  test('may be of trades that have no side, where it is said to be', async () => {
    const source = { venue: 'kraken', symbol: 'BTC-USD' }
    const rows = [`${first / 1000},20000.5,0.1`, `${first / 1000},20001,0.2`]
    const columns = parseColumns('ts_s=#1,price=#2,volume=#3,rows:=ticks')
    const [series] = await loadText(rows, { columns, source }, { listingOf: ownListing })
    expect(series).toMatchObject({ length: 2, isBars: false })
    const bars = parseColumns('ts_s=#1,price=#2,volume=#3')
    await expect(
      loadText(rows, { columns: bars, source }, { listingOf: ownListing }),
    ).rejects.toThrow('(trades have a side, or rows:=ticks in --columns)')
  })

  test('is refused by places that it does not have, and where it has a header after all', async () => {
    const columns = parseColumns('ts_s=#1,price=#7')
    const source = { venue: 'kraken', symbol: 'BTC-USD' }
    await expect(loadText(['1,2,3'], { columns, source })).rejects.toThrow(
      'line 1: the first line has no column #7',
    )
    const near = parseColumns('ts_s=#1,price=#2')
    await expect(loadText(['time,close', '1,2'], { columns: near, source })).rejects.toThrow(
      'line 1: #1 is "time", not a time in whole unix seconds',
    )
    await expect(loadText(['1,2', '2,3,4'], { columns: near, source })).rejects.toThrow(
      'line 2: has 3 values for 2 columns',
    )
  })

  test('says what it looks like', async () => {
    await expect(loadText([`${first},1,2`], {})).rejects.toThrow(
      'line 1: has numbers and no names: where a file has no header, name columns by their place, as price=#5',
    )
    await expect(loadText(['time;price', `${first};1`], {})).rejects.toThrow(
      'line 1: has no comma: cells are separated by commas, and numbers have a point',
    )
  })

  test('may begin with the mark of UTF-8, as spreadsheets write it', async () => {
    const series = await loadText([`\uFEFF${header}`, bar(0, 'kraken,XBT/USD,20000,,,1')], {})
    expect(series.map(({ length }) => length)).toEqual([1])
  })

  test('refuses a time without a zone, and one in another unit than is said', async () => {
    const iso = parseColumns('ts_iso=time,price=p,venue:=kraken,symbol:=XBT/USD')
    await expect(loadText(['time,p', '2023-03-11T00:00:00,1'], { columns: iso })).rejects.toThrow(
      'not a time in UTC such as',
    )
    const seconds = parseColumns('ts_s=time,price=p,venue:=kraken,symbol:=XBT/USD')
    await expect(loadText(['time,p', `${first},1`], { columns: seconds })).rejects.toThrow(
      'not a time in whole unix seconds',
    )
  })

  test('may be of one source as a whole, and then has no columns for it', async () => {
    const columns = parseColumns('ts_ms=time,price=p')
    const source = { venue: 'kraken', symbol: 'BTC-USD' }
    const options = { listingOf: ownListing }
    const [series] = await loadText(['time,p', `${first},1`], { columns, source }, options)
    expect(series).toMatchObject({ venue: 'kraken', instrument: { base: 'BTC', quote: 'USD' } })
    const file = await record([])
    await expect(loadRecordings([{ file, source }])).rejects.toThrow(
      'the file is given as one source’s, but has a column venue and symbol of its own',
    )
  })

  test.each([
    ['price', 'maps no column'],
    ['what=price', 'maps no column'],
    ['price=a,price=b', 'price is mapped twice'],
    ['open_ms=t,price=p', 'go together'],
    ['ts_ms=t,bar_ms:=60000', 'go together'],
    ['open_ms=t,bar_ms:=1m', 'go together'],
    ['ts_ms=t,price=p,rows:=bars', 'maps no column'],
    ['open_ms=t,bar_ms:=60000,price=p,rows:=ticks', 'ticks are no bars'],
    ['ts_ms=#1,price=close', 'all by their place (#5) where a file has no header'],
    ['ts_ms=#0,price=#1', 'all by their place (#5) where a file has no header'],
  ])('is not read by %s', (text, why) => {
    expect(() => parseColumns(text)).toThrow(why)
  })

  test('says what nothing maps', async () => {
    const columns = parseColumns('price=p')
    await expect(loadText(['p', '1'], { columns })).rejects.toMatchObject({
      problems: [
        { text: 'nothing says which column is a time (ts_ms=…)' },
        { text: 'nothing says which column is a venue' },
        { text: 'nothing says which column is a symbol' },
      ],
    })
  })
})

describe('a bid above its ask', () => {
  test('is counted with the lines of the first ones, exactly, and kept as it is', async () => {
    const file = await record([
      bar(0, 'kraken,XBT/USD,1,2,1,1'),
      bar(1, 'kraken,XBT/USD,1,1.0,1,1'),
      bar(2, 'kraken,XBT/USD,1,1.00000000000000000002,1.00000000000000000001,1'),
      bar(3, 'kraken,XBT/USD,1,0.1000,0.2,1'),
      bar(4, 'kraken,XBT/USD,1,10,9.99,1'),
      bar(5, 'kraken,XBT/USD,1,10,,1'),
    ])
    const { series, files } = await loadRecordings([{ file }])
    expect(files).toMatchObject([{ rows: 6, crossed: { all: 3, lines: [2, 4, 6] } }])
    expect(series[0]?.length).toBe(6)
  })

  test('of what nobody asks for is not counted, and of very many the first ten are listed', async () => {
    const many = Array.from({ length: 12 }, (_, at) => bar(at, 'kraken,XBT/USD,1,2,1,1'))
    const file = await record([bar(0, 'bitmex,XBTUSD,1,2,1,1'), ...many])
    const { files } = await loadRecordings([{ file }])
    expect(files).toMatchObject([
      { crossed: { all: 12, lines: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12] } },
    ])
  })
})

describe('several files', () => {
  test('of one market go on where the one before ended, and no earlier', async () => {
    const one = await record([bar(0, 'kraken,XBT/USD,1,,,1')])
    const two = await record([bar(1, 'kraken,XBT/USD,2,,,1')])
    const { series, files } = await loadRecordings([{ file: one }, { file: two }])
    expect(series.map(({ length }) => length)).toEqual([2])
    expect(files.map(({ from }) => from)).toEqual([first, first + minute])
    await expect(loadRecordings([{ file: two }, { file: one }])).rejects.toThrow('time goes back')
  })

  test('tell what nobody asks for, and leave out what is after the end', async () => {
    const file = await record([
      bar(0, 'kraken,XBT/USD,1,,,1'),
      bar(0, 'bitmex,XBTUSD,1,,,1'),
      bar(2, 'kraken,XBT/USD,3,,,1'),
    ])
    const { series, files } = await loadRecordings([{ file }], { to: first + minute })
    expect(series.map(({ length }) => length)).toEqual([1])
    expect(files).toMatchObject([{ rows: 3, unused: ['bitmex XBTUSD'] }])
  })
})

test('lines are the same wherever the reads of a file cut them', async () => {
  // Two megabytes and lines of changing length, with the line ends of either kind.
  const rows = Array.from({ length: 40_000 }, (_, at) =>
    bar(at, `kraken,XBT/USD,${'9'.repeat((at % 12) + 1)}.${at},,,${at}`),
  )
  const plain = await load(rows)
  const file = join(folder, 'windows.csv')
  await writeFile(file, [header, ...rows].join('\r\n'))
  const { series } = await loadRecordings([{ file }])
  expect(series[0]?.length).toBe(rows.length)
  for (const at of [0, 1, 17_000, 23_456, 39_999]) {
    const expected = new Decimal(`${'9'.repeat((at % 12) + 1)}.${at}`).toFixed()
    expect(series[0] && textAt(series[0].last, at)).toBe(expected)
    expect(plain[0] && textAt(plain[0].last, at)).toBe(expected)
    expect(series[0]?.line[at]).toBe(at + 2)
  }
})

function bad(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => bar(at, 'kraken,XBT/USD,none,,,1'))
}

function bar(minutes: number, rest: string): string {
  return `${first + minutes * minute},${rest}`
}

let files = 0

async function record(rows: readonly string[], head = header): Promise<string> {
  files += 1
  const file = join(folder, `${files}.csv`)
  await writeFile(file, [head, ...rows, ''].join('\n'))
  return file
}

async function load(rows: readonly string[]) {
  return (await loadRecordings([{ file: await record(rows) }])).series
}

async function loadText(
  [head = '', ...rows]: readonly string[],
  input: Omit<RecordingInput, 'file'>,
  options: LoadOptions = {},
) {
  const file = await record(rows, head)
  return (await loadRecordings([{ ...input, file }], options)).series
}
