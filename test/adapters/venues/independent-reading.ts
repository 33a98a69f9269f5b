import { saidBy, type Tree, treeAt, treeOf } from './json-tree.ts'
import type { Sample } from './samples.ts'
import { now } from './samples.ts'

/** What a body says of a sample's instrument: the only quote that may be made of it. Prices as plain decimals. */
export type Said = {
  readonly bid: string | undefined
  readonly ask: string | undefined
  readonly last: string | undefined
  readonly time: number | undefined
  readonly suspended: boolean
}

/** Where one kind of answer has its values, as paths; those that begin with a slash begin at the top. */
type Places = {
  /** What must stand where. */
  readonly says?: Readonly<Record<string, string>>
  /** The list of rows; an answer of one row has none. */
  readonly rows?: string
  /** Where a row has its name, and the name. */
  readonly name?: readonly [path: string, name: string]
  readonly bid: string
  readonly ask: string
  readonly last?: string
  readonly time?: readonly [path: string, unit: keyof typeof units]
}

const units = {
  s: (text: string) => (isWhole(text) ? Number(text) * 1000 : undefined),
  ms: (text: string) => (isWhole(text) ? Number(text) : undefined),
  ns: (text: string) => (isWhole(text) ? Number(BigInt(text) / 1_000_000n) : undefined),
  iso: (text: string) =>
    /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)
      ? Math.floor(new Date(text.replace(/(\.\d{3})\d+/, '$1')).getTime())
      : undefined,
}

function isWhole(text: string): boolean {
  return /^[0-9]{1,20}$/.test(text)
}

const binanceLike: Places = {
  rows: '',
  name: ['symbol', 'BTCUSDT'],
  bid: 'bidPrice',
  ask: 'askPrice',
  last: 'lastPrice',
  time: ['closeTime', 'ms'],
}
const okxLike = { says: { '/code': '0' }, rows: 'data', bid: 'bidPx', ask: 'askPx', last: 'last' }
const bybitLike = { rows: 'result.list', bid: 'bid1Price', ask: 'ask1Price', last: 'lastPrice' }
const bitgetLike: Places = {
  says: { '/code': '00000' },
  rows: 'data',
  name: ['symbol', 'BTCUSDT'],
  bid: 'bidPr',
  ask: 'askPr',
  last: 'lastPr',
  time: ['ts', 'ms'],
}

/** By the samples' titles, out of the venues' documents and not of the code under test. */
const places: Readonly<Record<string, Places>> = {
  binance: binanceLike,
  binanceus: binanceLike,
  'binance-futures': {
    rows: '',
    name: ['symbol', 'BTCUSDT'],
    bid: 'bidPrice',
    ask: 'askPrice',
    time: ['time', 'ms'],
  },
  coinbase: { bid: 'bid', ask: 'ask', last: 'price', time: ['time', 'iso'] },
  kraken: { bid: 'b.0', ask: 'a.0', last: 'c.0' },
  'kraken-futures': {
    says: { '/result': 'success' },
    rows: 'tickers',
    name: ['symbol', 'PF_XBTUSD'],
    bid: 'bid',
    ask: 'ask',
    last: 'last',
    time: ['/serverTime', 'iso'],
  },
  'okx, spot': { ...okxLike, name: ['instId', 'BTC-USDT'], time: ['ts', 'ms'] },
  'okx, swaps': { ...okxLike, name: ['instId', 'BTC-USDT-SWAP'], time: ['ts', 'ms'] },
  'bybit, spot': {
    ...bybitLike,
    says: { '/retCode': '0', '/result.category': 'spot' },
    name: ['symbol', 'BTCUSDT'],
    time: ['/time', 'ms'],
  },
  'bybit, linear': {
    ...bybitLike,
    says: { '/retCode': '0', '/result.category': 'linear' },
    name: ['symbol', 'BTCUSDT'],
    time: ['/time', 'ms'],
  },
  bitstamp: {
    rows: '',
    name: ['pair', 'BTC/USD'],
    bid: 'bid',
    ask: 'ask',
    last: 'last',
    time: ['timestamp', 's'],
  },
  bitfinex: { rows: '', name: ['0', 'tBTCUST'], bid: '1', ask: '3', last: '7' },
  gemini: { bid: 'bid', ask: 'ask', last: 'last' },
  kucoin: {
    says: { '/code': '200000' },
    rows: 'data.ticker',
    name: ['symbol', 'BTC-USDT'],
    bid: 'buy',
    ask: 'sell',
    last: 'last',
    time: ['/data.time', 'ms'],
  },
  'kucoin-futures': {
    says: { '/code': '200000' },
    rows: 'data',
    name: ['symbol', 'XBTUSDTM'],
    bid: 'bestBidPrice',
    ask: 'bestAskPrice',
    last: 'price',
    time: ['ts', 'ns'],
  },
  'gate, spot': {
    rows: '',
    name: ['currency_pair', 'BTC_USDT'],
    bid: 'highest_bid',
    ask: 'lowest_ask',
    last: 'last',
  },
  'gate, futures': {
    rows: '',
    name: ['contract', 'BTC_USDT'],
    bid: 'highest_bid',
    ask: 'lowest_ask',
    last: 'last',
  },
  'crypto-com': {
    says: { '/code': '0' },
    rows: 'result.data',
    name: ['i', 'BTCUSD-PERP'],
    bid: 'b',
    ask: 'k',
    last: 'a',
    time: ['t', 'ms'],
  },
  'bitget, BTC-USDT': bitgetLike,
  'bitget, BTC-USDT-PERP': bitgetLike,
  'htx, spot': {
    says: { '/status': 'ok' },
    rows: 'data',
    name: ['symbol', 'btcusdt'],
    bid: 'bid',
    ask: 'ask',
    last: 'close',
    time: ['/ts', 'ms'],
  },
  'htx, swaps': {
    says: { '/status': 'ok' },
    rows: 'ticks',
    name: ['contract_code', 'BTC-USDT'],
    bid: 'bid.0',
    ask: 'ask.0',
    last: 'close',
    time: ['ts', 'ms'],
  },
  'mexc, spot': binanceLike,
  'mexc, contracts': {
    rows: 'data',
    name: ['symbol', 'BTC_USDT'],
    bid: 'bid1',
    ask: 'ask1',
    last: 'lastPrice',
    time: ['timestamp', 'ms'],
  },
  deribit: {
    rows: '',
    name: ['instrument_name', 'BTC-PERPETUAL'],
    bid: 'best_bid_price',
    ask: 'best_ask_price',
    last: 'last_price',
    time: ['timestamp', 'ms'],
  },
  hyperliquid: { bid: 'impactPxs.0', ask: 'impactPxs.1' },
}

/**
 * Reads a body a second time with nothing of the code under test: another JSON reader, and prices as whole numbers of
 * the last decimal. Undefined where no quote may be made of it. It says nothing of what else a venue must write.
 */
export function independentReading(sample: Sample, body: string): Said | undefined {
  const where = places[sample.title]
  if (!where) throw new Error(`it is not said where "${sample.title}" has its values`)
  const top = treeOf(body)
  if (!top || saysNo(sample, top)) return undefined
  const asSaid = Object.entries(where.says ?? {}).every(
    ([path, text]) => saidBy(treeAt(top, path.slice(1))) === text,
  )
  const [row, ...others] = asSaid ? rowsOf(sample, where, top) : []
  if (!row || others.length > 0) return undefined
  const at = (path: string | undefined): Tree | undefined =>
    path?.startsWith('/')
      ? treeAt(top, path.slice(1))
      : path === undefined
        ? path
        : treeAt(row, path)
  const [bid, ask, last] = [where.bid, where.ask, where.last].map((path) =>
    plainPrice(saidBy(at(path))),
  )
  const suspended = isSuspended(sample, row)
  if (bid && ask && isAbove(bid, ask)) return undefined
  if (!bid && !ask && !last && !suspended) return undefined
  const time = where.time && timeOf(sample, where.time, at)
  if (where.time && (time === undefined || Math.abs(time - now) > 86_400_000)) return undefined
  return { bid, ask, last, time, suspended }
}

/** The venues' own ways to say that something is wrong, beside those that are codes. */
function saysNo({ title }: Sample, top: Tree): boolean {
  switch (title) {
    case 'kraken': {
      const errors = treeAt(top, 'error')
      return errors?.kind !== 'list' || errors.items.length > 0
    }
    case 'gemini':
      return saidBy(treeAt(top, 'result')) === 'error'
    case 'mexc, contracts': {
      const success = treeAt(top, 'success')
      return success?.kind !== 'scalar' || success.text !== 'true'
    }
    case 'deribit':
      return treeAt(top, 'error') !== undefined
    case 'bitfinex':
      return saidBy(treeAt(top, '0')) === 'error'
    default:
      return false
  }
}

function rowsOf({ title }: Sample, where: Places, top: Tree): readonly Tree[] {
  if (title === 'kraken')
    return ['XBTUSD', 'XBTZUSD', 'XXBTUSD', 'XXBTZUSD'].flatMap(
      (key) => treeAt(top, `result.${key}`) ?? [],
    )
  if (title === 'hyperliquid') return coinsOf(top)
  if (title === 'deribit') return named(where, [treeAt(top, 'result')])
  if (where.rows === undefined) return [top]
  const list = treeAt(top, where.rows)
  return list?.kind === 'list' ? named(where, list.items) : []
}

function named({ name }: Places, rows: readonly (Tree | undefined)[]): readonly Tree[] {
  return rows.flatMap((row) =>
    row && name && saidBy(treeAt(row, name[0])) === name[1] ? [row] : [],
  )
}

/** Names and whether they are listed from the one list, prices from the other, by position. */
function coinsOf(top: Tree): readonly Tree[] {
  const [names, numbers] = [treeAt(top, '0.universe'), treeAt(top, '1')]
  if (names?.kind !== 'list' || numbers?.kind !== 'list') return []
  if (names.items.length !== numbers.items.length) return []
  return names.items.flatMap((each, index): readonly Tree[] => {
    if (saidBy(treeAt(each, 'name')) !== 'BTC') return []
    const isDelisted = treeAt(each, 'isDelisted') ?? { kind: 'scalar', text: 'false' }
    const prices = treeAt(numbers.items[index], 'impactPxs') ?? { kind: 'scalar', text: 'null' }
    const members = [
      { key: 'isDelisted', value: isDelisted },
      { key: 'impactPxs', value: prices },
    ]
    return [{ kind: 'object', members }]
  })
}

function isSuspended({ title }: Sample, row: Tree): boolean {
  switch (title) {
    case 'kraken-futures':
      return isTrue(treeAt(row, 'suspended'))
    case 'deribit':
      return saidBy(treeAt(row, 'state')) !== 'open'
    case 'hyperliquid':
      return isTrue(treeAt(row, 'isDelisted'))
    default:
      return false
  }
}

function isTrue(tree: Tree | undefined): boolean {
  return tree?.kind === 'scalar' && tree.text === 'true'
}

function timeOf(
  { title }: Sample,
  [path, unit]: NonNullable<Places['time']>,
  at: (path: string) => Tree | undefined,
): number | undefined {
  const read = (from: string): number | undefined => {
    const text = saidBy(at(from))
    return text === undefined ? undefined : units[unit](text)
  }
  const time = read(path)
  // Bitget leaves a row's own time at 0 where it has none: then the answer's counts.
  return title.startsWith('bitget') && time === 0 ? read('/requestTime') : time
}

const scale = 18n + 999n + 30n

/** The same number without exponent and without zeros that say nothing; undefined where it is no price. */
function plainPrice(text: string | undefined): string | undefined {
  const parts = /^([0-9]{1,30})(?:\.([0-9]{1,30}))?(?:[eE]([+-]?[0-9]{1,3}))?$/.exec(text ?? '')
  if (!parts) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = parts
  const shift = scale - BigInt(fraction.length) + BigInt(exponent)
  const inParts = BigInt(whole + fraction) * 10n ** shift
  if (inParts < 10n ** (scale - 18n) || inParts > 10n ** (scale + 18n)) return undefined
  const digits = inParts.toString().padStart(Number(scale) + 1, '0')
  const decimals = digits.slice(-Number(scale)).replace(/0+$/, '')
  const before = digits.slice(0, -Number(scale))
  return decimals === '' ? before : `${before}.${decimals}`
}

/** Of two plain prices. */
export function isAbove(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => {
    const [whole = '', fraction = ''] = text.split('.')
    return BigInt(whole + fraction.padEnd(1_100, '0'))
  })
  return a !== undefined && b !== undefined && a > b
}
