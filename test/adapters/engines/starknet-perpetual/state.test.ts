import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ChainUnavailableError } from '../../../../lib/adapters/chains/errors.ts'
import { starknetChain } from '../../../../lib/adapters/chains/starknet.ts'
import { StrangeContractError } from '../../../../lib/adapters/engines/starknet-perpetual/errors.ts'
import {
  starknetPerpetual,
  type StarknetPerpetualOptions,
} from '../../../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { selectorOf } from '../../../../lib/adapters/starknet-felt.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import { wallClock } from '../../chains/keys.ts'
import { scriptedNode } from '../../chains/scripted-node.ts'

let node: Awaited<ReturnType<typeof scriptedNode>>
beforeAll(async () => {
  node = await scriptedNode((method) =>
    method === 'starknet_chainId' ? { result: '0x1' } : undefined,
  )
})
afterAll(async () => node.stop())

const head = { block_number: 7, block_hash: '0xB10C', timestamp: 1_800_000_000 }
const missing = { error: { code: 21, message: 'Requested entrypoint does not exist' } }

/** A contract with these views and functions; `views` by name give felts or the text of a panic. */
function contract(
  views: Readonly<Record<string, readonly string[] | string>>,
  functions: Readonly<Record<string, readonly string[]>> = {},
) {
  const asked: string[] = []
  const bySelector = new Map(Object.entries(views).map(([name, said]) => [selectorOf(name), said]))
  const items = Object.entries({ price_tick: [], ...functions }).map(([name, inputs]) => ({
    type: 'function',
    name,
    inputs: inputs.map((input) => ({ name: input, type: 'felt' })),
  }))
  node.say((method, params) => {
    asked.push(method)
    if (method === 'starknet_getBlockWithTxHashes') return { result: head }
    if (method === 'starknet_getClassAt')
      return { result: { abi: JSON.stringify([{ type: 'interface', name: 'I', items }]) } }
    const { request, block_id } = params as {
      request: { entry_point_selector: `0x${string}` }
      block_id: unknown
    }
    expect(block_id).toEqual({ block_hash: '0xb10c' })
    const said = bySelector.get(request.entry_point_selector)
    if (said === undefined) return missing
    if (typeof said !== 'string') return { result: said }
    const error = JSON.stringify([`0x${Buffer.from(said).toString('hex')}`])
    return { error: { code: 40, message: 'Contract error', data: { revert_error: { error } } } }
  })
  return asked
}

const btc = parseMarket('BTC-USD')

function open(other: Partial<StarknetPerpetualOptions> = {}) {
  return starknetPerpetual({
    name: 'core',
    chain: 'starknet',
    account: '0xa',
    address: '0xc0',
    chainId: '0x1',
    listings: [{ market: btc, assetId: '0x1', resolutionFactor: 10n ** 10n }],
    generation: 'detect',
    rpc: starknetChain({
      name: 'starknet',
      rpcUrls: [node.url],
      chainId: '0x1',
      blockSeconds: 2,
      finalityBlocks: 1,
      keys: {},
      clock: wallClock,
    }).rpc,
    curve: starkCurve,
    clock: wallClock,
    ...other,
  })
}

/** Version, ACTIVE, boundary, tier size, quorum 3, resolution factor 1e10; 309032023 at second 5, which is what the contract stores of 11512.34. */
const oldConfig = ['0x1', '0x1', '0x1', '0x1', '0x3', '0x2540be400']
/** A quantum, no token, synthetic. */
const config = [...oldConfig, '0x1', '0x1', '0x0']
const timely = ['0x1', '0x126b7457', '0x5', '0x0']
const everyViews = { is_paused: ['0x0'], get_operator_nonce: ['0x2a'] }
const newViews = { ...everyViews, get_asset_config: config, get_timely_data: timely }
const oldViews = {
  ...everyViews,
  get_synthetic_config: oldConfig,
  get_synthetic_timely_data: timely,
  is_paused: ['0x1'],
}

describe('the state of an exchange', () => {
  test('is read at one block, without asking for its class', async () => {
    const asked = contract(newViews)
    const state = await open().state()
    expect(state).toMatchObject({
      block: { number: 7, hash: '0xb10c', time: 1_800_000_000_000 },
      paused: false,
      sequence: 42n,
      quorum: { 'BTC-USD': 3 },
    })
    const { price, publishedAt } = state.prices['BTC-USD'] ?? {}
    expect(price?.toFixed(2)).toBe('11512.34')
    expect(publishedAt).toBe(5_000)
    expect(asked).not.toContain('starknet_getClassAt')
  })

  test.each([
    ['A', {}],
    ['B', { update_synthetic_asset_risk_factor: [] }],
  ])('of generation %s is found under its own views, once and for all', async (_, functions) => {
    const asked = contract(oldViews, functions)
    const engine = open()
    expect(await engine.state()).toMatchObject({ paused: true, quorum: { 'BTC-USD': 3 } })
    await engine.state()
    expect(asked.filter((method) => method === 'starknet_getClassAt')).toHaveLength(1)
  })

  test('is found again after an upgrade', async () => {
    const engine = open()
    contract(oldViews)
    await engine.state()
    contract(newViews, { get_asset_config: [] })
    expect(await engine.state()).toMatchObject({ paused: false })
    contract(oldViews, { liquidate: ['interest_amount_liquidated'] })
    await expect(engine.state()).rejects.toThrow(StrangeContractError)
  })

  test('of a generation that the network file names is never guessed', async () => {
    const asked = contract(newViews)
    await expect(open({ generation: 'A' }).state()).rejects.toThrow(StrangeContractError)
    expect(asked).not.toContain('starknet_getClassAt')
  })

  test('has no price before the first, and no quorum of what does not exist or is closed', async () => {
    contract({ ...newViews, get_timely_data: ['0x1', '0x0', '0x0', '0x0'] })
    expect(await open().state()).toMatchObject({ prices: {}, quorum: { 'BTC-USD': 3 } })
    for (const word of ['ASSET_NOT_EXISTS', 'SYNTHETIC_NOT_EXISTS']) {
      contract({ ...newViews, get_asset_config: word, get_timely_data: word })
      expect(await open().state()).toMatchObject({ prices: {}, quorum: {} })
    }
    contract({ ...newViews, get_asset_config: config.with(1, '0x2') })
    const closed = await open().state()
    expect(closed.quorum).toEqual({})
    expect(Object.keys(closed.prices)).toEqual(['BTC-USD'])
  })

  test('wants as many reports as the network file, where that is more', async () => {
    contract(newViews)
    expect((await open({ quorum: 2 }).state()).quorum).toEqual({ 'BTC-USD': 3 })
    expect((await open({ quorum: 5 }).state()).quorum).toEqual({ 'BTC-USD': 5 })
  })

  test('that a node does not know is the node’s trouble, not the exchange’s', async () => {
    node.say((method) =>
      method === 'starknet_getBlockWithTxHashes'
        ? { result: head }
        : { error: { code: 24, message: 'Block not found' } },
    )
    await expect(open().state()).rejects.toThrow(ChainUnavailableError)
    contract({ ...newViews, get_asset_config: ['0x1', '0x9'] })
    await expect(open().state()).rejects.toThrow(ChainUnavailableError)
    contract({ ...newViews, is_paused: 'OUT_OF_ORDER' }, { get_asset_config: [] })
    await expect(open().state()).rejects.toThrow('OUT_OF_ORDER')
  })
})
