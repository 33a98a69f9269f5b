import { expect, test } from 'vitest'

import { accountFor, accountsOf } from '../../lib/runtime/network/accounts.ts'
import type { NetworkChain } from '../../lib/runtime/network/schema.ts'

function account(path: string) {
  return { address: `0x${path.length}` as const, key: { kind: 'file', path } as const }
}

const shared = {
  kind: 'starknet',
  chainId: '0x1',
  blockSeconds: 2,
  finalityBlocks: 30,
} as const
const rpc: NetworkChain['rpc'] = []

test('one account does all of a chain’s work where no other is named', () => {
  const chain: NetworkChain = { ...shared, rpc, account: account('all'), lanes: {}, retiring: [] }
  expect(accountsOf(chain)).toEqual([
    {
      path: ['account'],
      account: account('all'),
      tasks: ['prices', 'funding', 'liquidation', 'deleverage', 'settlement', 'uptime'],
    },
  ])
})

test('an account of its own does one kind of work, and no other does that', () => {
  const lanes = { liquidation: account('liquidator'), prices: account('pusher!') }
  const chain: NetworkChain = { ...shared, rpc, account: account('all'), lanes, retiring: [] }
  expect(accountsOf(chain).map(({ path, tasks }) => [path.join('.'), tasks.join()])).toEqual([
    ['account', 'funding,deleverage,settlement,uptime'],
    ['lanes.prices', 'prices'],
    ['lanes.liquidation', 'liquidation'],
  ])
  expect(accountFor(chain, 'prices')?.account).toEqual(lanes.prices)
  expect(accountFor(chain, 'funding')?.account).toEqual(account('all'))
})

test('work without an account is done by nobody', () => {
  const chain: NetworkChain = {
    ...shared,
    rpc,
    lanes: { funding: account('funder') },
    retiring: [],
  }
  expect(accountFor(chain, 'prices')).toBeUndefined()
})

test('an account that others have followed gets no new work, and keeps its lane', () => {
  const retiring = [account('old'), account('older')]
  const chain: NetworkChain = { ...shared, rpc, account: account('all'), lanes: {}, retiring }
  expect(accountsOf(chain).map(({ path, tasks }) => [path.join('.'), tasks.join()])).toEqual([
    ['account', 'prices,funding,liquidation,deleverage,settlement,uptime'],
    ['retiring.0', ''],
    ['retiring.1', ''],
  ])
  expect(accountFor({ ...shared, rpc, lanes: {}, retiring }, 'prices')).toBeUndefined()
})
