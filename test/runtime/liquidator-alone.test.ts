import { describe, expect, test } from 'vitest'

import type { Account } from '../../lib/domain/margin/account.ts'
import { checkLiquidators } from '../../lib/runtime/check-liquidators.ts'
import type { World } from '../../lib/runtime/compose.ts'
import { JobNotHereError, jobsAskedFor } from '../../lib/runtime/jobs-asked-for.ts'
import { NetworkFileError, parseNetwork } from '../../lib/runtime/network-file.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { sender } from './a-network.ts'

/** A file as short as the README's: an exchange that is there, an account of one's own, and no oracle. */
const file = `network: liquidator
store: { kind: memory, file: state.json }
chains:
  ethereum:
    kind: evm
    rpc: ['http://127.0.0.1:8545']
    chainId: 31337
    blockSeconds: 1
    finalityBlocks: 10
    account: { address: '${sender}', key: 'file:key' }
engines:
  exchange:
    kind: evm-engine
    chain: ethereum
    address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c24'
    liquidation: { leastRewardUsd: 1 }
markets:
  BTC-USD: { engines: { exchange: {} } }
jobs:
  index-positions: { everySeconds: 2 }
  liquidate: { everySeconds: 2 }
  keep-books: { everySeconds: 60 }
`

function read(change: (text: string) => string = (text) => text): Network {
  return parseNetwork(change(file), 'liquidator.yml', { venueNames: ['kraken'] })
}

describe('the network file of a liquidator', () => {
  test('needs no oracle, no source of prices, and no job that is not theirs', () => {
    const { oracles, markets, jobs } = read()
    expect([oracles, markets['BTC-USD' as keyof typeof markets]?.sources]).toEqual([[], []])
    expect(Object.keys(jobs)).toEqual(['index-positions', 'liquidate', 'keep-books'])
  })

  test.each([
    [
      'without an account',
      (text: string) => text.replace(/ {4}account: .*\n/, ''),
      'expected an account, since liquidate sends to exchange',
    ],
    [
      'that says nowhere how far liquidations may go',
      (text: string) => text.replace(/ {4}liquidation: .*\n/, ''),
      'expected an engine with `liquidation`',
    ],
    [
      'with one source only',
      (text: string) => text.replace('BTC-USD: {', 'BTC-USD: { sources: [kraken:BTC-USD],'),
      'expected at least two sources',
    ],
    [
      'with an oracle that has nothing to price',
      (text: string) => `${text}oracles: [{ name: one, keys: { evm: file:oracle } }]\n`,
      'expected at least two sources',
    ],
  ])('%s says what is missing', (_what, change, expected) => {
    expect(() => read(change)).toThrow(NetworkFileError)
    expect(() => read(change)).toThrow(expected)
  })
})

describe('the jobs that are asked for', () => {
  test('of a liquidator bring along what they are of no use without, as far as the file has it', () => {
    expect(jobsAskedFor(read(), ['liquidate'])).toEqual([
      'liquidate',
      'index-positions',
      'keep-books',
    ])
    expect(jobsAskedFor(read(), ['keep-books'])).toEqual(['keep-books'])
    expect(jobsAskedFor(read(), 'all')).toBe('all')
  })

  test('are an error where the file has them not', () => {
    expect(() => jobsAskedFor(read(), ['push-prices'])).toThrow(JobNotHereError)
    expect(() => jobsAskedFor(read(), ['push-prices'])).toThrow(
      'the network file has no push-prices under jobs, so it does not run; add it there',
    )
  })
})

describe('our own account on the exchange', () => {
  const mark = {
    // 100 USD.
    price: 100n * 10n ** 18n,
    fundingIndex: 0n,
    initialMarginBps: 500n,
    maintenanceMarginBps: 250n,
    penaltyBps: 100n,
  }

  async function checked(
    account: Partial<Account>,
    marks: Record<string, unknown> = { btc: mark },
  ): Promise<readonly string[]> {
    const look = {
      kind: 'evm-engine',
      liquidator: { id: sender, collateral: 0n, holdings: [], ...account },
      book: { marks, unit: 10n ** 30n },
      dollar: 1_000_000n,
    }
    const ports = {
      engines: { exchange: { liquidation: { look: async () => Promise.resolve(look) } } },
    }
    return await checkLiquidators({ network: read(), ports } as unknown as World)
  }

  /** A whole coin held long. */
  const held = [{ asset: 'btc', balance: 10n ** 18n, fundingIndex: 0n }]

  test('with collateral, and margin for more than it holds, is fit to liquidate', async () => {
    expect(await checked({ collateral: 1n })).toEqual([])
    // 100 USD of the coin less 94 owed for it are 6, and 5 are needed.
    expect(await checked({ collateral: -94_000_000n, holdings: held })).toEqual([])
  })

  test('without collateral is told so, and what to do', async () => {
    expect(await checked({})).toEqual([
      `engines.exchange: account ${sender} has no collateral on the exchange; liquidations hand it their positions, so deposit collateral for it`,
    ])
  })

  test('without margin to spare is told what it has and what it needs', async () => {
    expect(await checked({ collateral: -96_000_000n, holdings: held })).toEqual([
      `engines.exchange: account ${sender} is worth 4.00 USD and its positions need 5.00 as initial margin, so it can take none over; liquidations hand it their positions, so deposit collateral for it, or close some of them`,
    ])
  })

  test('is not judged by prices that are too old', async () => {
    expect(await checked({ collateral: -96_000_000n, holdings: held }, {})).toEqual([])
  })
})
