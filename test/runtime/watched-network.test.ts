import { describe, expect, test } from 'vitest'

import { timestamp } from '../../lib/domain/time.ts'
import { NetworkFileError, parseNetwork } from '../../lib/runtime/network-file.ts'
import { openSecrets } from '../../lib/runtime/secrets.ts'
import { composeWatched } from '../../lib/runtime/world/watched.ts'
import { nothingBefore, realClock } from '../adapters/watched/places.ts'

const base = `network: test
store: { kind: memory }
chains: {}
engines: {}
markets:
  BTC-USD: { sources: [coinbase:BTC-USD, kraken:BTC-USD, okx:BTC-USDT-PERP] }
legs:
  USDT-USD: { sources: [coinbase:USDT-USD, kraken:USDT-USD, bitstamp:USDT-USD] }
jobs: {}
alerts:
  channels:
    log: { kind: terminal }
  routes: { critical: [log] }
`
const dydx = `kind: dydx-v4
    nodes: ['http://127.0.0.1:1/lcd', 'http://127.0.0.1:1/other']
    indexer: http://127.0.0.1:1
    markets: [BTC-USD, ETH-USD]`
const opStack = `kind: op-stack
    rpc: ['http://127.0.0.1:1/l2']
    l1Rpc: ['http://127.0.0.1:1/l1', 'http://127.0.0.1:1/again']
    portal: '0xbEb5Fc579115071764c7423A4f12eDde41f106Ed'`
const arbitrum = `kind: arbitrum
    rpc: ['http://127.0.0.1:1/l2']
    l1Rpc: ['http://127.0.0.1:1/l1']
    bridge: '0x8315177aB297bA92A06054cE80a67Ed4DBd7ed3a'
    timelock: '0xE6841D92B0C345144506576eC13ECf5103aC7f49'`
const marks = `kind: exchange-marks
    exchange: paradex
    baseUrl: http://127.0.0.1:1
    markets: { BTC-USD: BTC-USD-PERP }`

const read = (system: string) =>
  parseNetwork(`${base}watched:\n  theirs:\n    ${system}\n`, 'test.yml', {
    venueNames: ['coinbase', 'kraken', 'okx', 'bitstamp'],
  })

function problem(system: string): string {
  try {
    read(system)
  } catch (error) {
    if (error instanceof NetworkFileError) return error.message
    throw error
  }
  return 'none'
}

/** The looks of a system of which nothing answers. */
async function looked(system: string) {
  const secrets = openSecrets({ directory: '.' })
  const network = read(system)
  const { theirs } = await composeWatched({ network, secrets, clock: realClock, cutOff: undefined })
  return theirs?.look(nothingBefore, timestamp(Date.now() + 5_000))
}

describe('a system that is only watched', () => {
  test('is looked at through the places that the file names, two of one host by their order', async () => {
    const sight = await looked(dydx)
    expect(sight?.heads.map(({ chain, place }) => [chain, place])).toEqual([
      ['chain', '127.0.0.1:1'],
      ['chain', '127.0.0.1:1 (2)'],
      ['indexer', '127.0.0.1:1'],
    ])
    const other = await looked(opStack)
    expect(other?.heads.map(({ chain, place }) => [chain, place])).toEqual([
      ['l2', '127.0.0.1:1'],
      ['l1', '127.0.0.1:1'],
      ['l1', '127.0.0.1:1 (2)'],
    ])
    const third = await looked(arbitrum)
    expect(third?.heads.map(({ chain, place }) => [chain, place])).toEqual([
      ['l2', '127.0.0.1:1'],
      ['l1', '127.0.0.1:1'],
    ])
  })

  test('is asked for its marks at the address that the file names', async () => {
    const sight = await looked(marks)
    expect(sight?.unseen[0]?.reason).toMatch(/^127\.0\.0\.1:1\/markets/)
  })

  test.each([
    [dydx, 'BTC-USD, ETH-USD', '', 'markets'],
    [dydx, 'BTC-USD, ETH-USD', 'btc', 'expected a ticker such as BTC-USD'],
    [
      dydx,
      "['http://127.0.0.1:1/lcd', 'http://127.0.0.1:1/other']",
      '[]',
      'expected at least one node',
    ],
    [opStack, '0xbEb5Fc579115071764c7423A4f12eDde41f106Ed', '0x12', 'expected an Ethereum address'],
    [
      arbitrum,
      '0x8315177aB297bA92A06054cE80a67Ed4DBd7ed3a',
      '0x12',
      'expected an Ethereum address',
    ],
    [arbitrum, '0xE6841D92B0C345144506576eC13ECf5103aC7f49', '', 'expected an Ethereum address'],
    [marks, 'paradex', 'ftx', 'exchange'],
    [marks, '{ BTC-USD: BTC-USD-PERP }', '{}', 'expected at least one market'],
    [marks, '{ BTC-USD: ', '{ ETH-USD: ', 'expected a market or a leg of this file'],
    [marks, 'exchange-marks', 'exchange', 'expected kind '],
    [marks, 'paradex', 'paradex\n    rpc: []', 'expected only'],
  ])('is refused where the file says of it what cannot be', (system, from, to, reason) => {
    expect(system).toContain(from)
    expect(problem(system)).toBe('none')
    expect(problem(system.replace(from, to))).toContain(reason)
  })

  test('may have a mark of a market that is none of ours where three other exchanges have it too', () => {
    const others = ['extended', 'dydx-v4', 'hyperliquid'].map(
      (exchange) => `
  ${exchange}: { kind: exchange-marks, exchange: ${exchange}, markets: { DOGE-USD: DOGE } }`,
    )
    const own = marks.replace('BTC-USD: ', 'DOGE-USD: ')
    expect(problem(`${own}${others.join('')}`)).toBe('none')
    expect(problem(`${own}${others.slice(1).join('')}`)).toContain(
      'expected a market or a leg of this file, or 3 other exchanges under `watched` with the same market',
    )
    // The same exchange watched twice is one.
    const twice = others[1]?.replace('dydx-v4:', 'again:') ?? ''
    expect(problem(`${own}${others.slice(1).join('')}${twice}`)).toContain('or 3 other exchanges')
  })

  test('may have the mark of a leg, too', () => {
    expect(problem(marks.replace('BTC-USD: ', 'USDT-USD: '))).toBe('none')
  })

  test('has the accounts of dYdX’s own deployment unless it names others', () => {
    const own = `${dydx}
    insuranceFund: { account: dydx1c7ptc87hkd54e3r7zjy92q29xkq7t79w64slrq, denom: ibc/AB }`
    expect(problem(own)).toBe('none')
    expect(problem(own.replace('dydx1c7', 'dydx1b7'))).toContain('expected a bech32 address')
  })
})
