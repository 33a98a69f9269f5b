import { Account, CallData, RpcProvider } from 'starknet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { hex } from '../../../../infra/local/starknet-box/felt.ts'
import type { RunningStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { btc, eth } from './a-box.ts'
import { priceTickCalldata } from './a-core.ts'
import { selectorOf, startBox } from './box-rpc.ts'

let box: RunningStarknetBox
let provider: RpcProvider
let operator: Account
beforeAll(async () => {
  const started = await startBox({ blocks: 'transaction' })
  box = started.box
  provider = new RpcProvider({ nodeUrl: `${box.url}/rpc` })
  const [first] = box.accounts
  if (first === undefined) throw new Error('a box has accounts')
  operator = new Account({ provider, address: first.address, signer: first.privateKey })
})
afterAll(async () => box.stop())

async function tick(nonce: bigint, assetId: bigint, price: bigint) {
  const { timestamp } = await provider.getBlock('latest')
  const calldata = priceTickCalldata({ nonce, assetId, price, timestamp: BigInt(timestamp) })
  return { contractAddress: box.coreAddress, entrypoint: 'price_tick', calldata: [...calldata] }
}

describe('starknet.js finds a node', () => {
  test('of a version and a chain that it knows', async () => {
    expect(await provider.getSpecVersion()).toBe('0.10.2')
    expect(await provider.getChainId()).toBe('0x534e5f5345504f4c4941')
    expect(await provider.getSyncingStats()).toBe(false)
  })

  test('that estimates, takes and includes a multicall, with its events and its trace', async () => {
    const calls = [await tick(0n, btc, 60_000n * 10n ** 18n), await tick(1n, eth, 10n ** 18n)]
    const estimate = await operator.estimateInvokeFee(calls)
    const { transaction_hash } = await operator.execute(calls)
    const receipt = await provider.waitForTransaction(transaction_hash, { retryInterval: 10 })
    expect(receipt.isSuccess()).toBe(true)
    expect(estimate.overall_fee).toBeGreaterThan(0n)
    const filter = {
      address: box.coreAddress,
      keys: [[selectorOf('PriceTick')]],
      from_block: { block_number: 0 },
      to_block: 'latest' as const,
      chunk_size: 1,
    }
    const first = await provider.getEvents(filter)
    expect(first.events).toMatchObject([
      {
        transaction_hash,
        transaction_index: 0,
        keys: [selectorOf('PriceTick'), hex(btc)],
        // 60000 · 2^28 / 10^6 of 1e-6 USD per smallest unit, a millionth of a coin.
        data: [hex(60_000n << 28n)],
      },
    ])
    const { continuation_token = '' } = first
    const second = await provider.getEvents({ ...filter, continuation_token })
    expect(second.events).toMatchObject([{ keys: [selectorOf('PriceTick'), hex(eth)] }])
    expect(second.continuation_token).toBeUndefined()
    const trace = await provider.getTransactionTrace(transaction_hash)
    expect(trace).toMatchObject({
      execute_invocation: {
        result: ['0x2', '0x0', '0x0'],
        calls: [{ entry_point_selector: selectorOf('price_tick') }, {}],
      },
    })
  })

  test('whose core and accounts have classes that it can read', async () => {
    const { abi } = await provider.getClassAt(box.coreAddress)
    const names = (abi as { name: string }[]).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['price_tick', 'get_asset_config', 'has_role']))
    const reader = new CallData(abi)
    const asset = CallData.compile([hex(btc)])
    const call = { contractAddress: box.coreAddress, calldata: asset }
    const words = await provider.callContract({ ...call, entrypoint: 'get_asset_config' })
    expect(words).toHaveLength(9)
    const config = reader.parse('get_asset_config', words) as Record<string, unknown>
    expect(config).toMatchObject({
      version: 1n,
      status: 1n,
      quorum: 1n,
      resolution_factor: 10n ** 6n,
    })
    const data = await provider.callContract({ ...call, entrypoint: 'get_timely_data' })
    expect(reader.parse('get_timely_data', data)).toMatchObject({ price: 60_000n << 28n })
    const classHash = await provider.getClassHashAt(operator.address)
    expect(await provider.getClass(classHash)).toHaveProperty('abi')
  })

  test('that says why a call would revert, and what one did', async () => {
    const wrong = await tick(9n, btc, 10n ** 18n)
    await expect(operator.estimateInvokeFee([wrong])).rejects.toThrow(
      /INVALID_NONCE: current!=received 2!=9/,
    )
    const [simulated] = await operator
      .simulateTransaction([{ type: 'INVOKE', payload: [wrong] }])
      .then(({ simulated_transactions }) => simulated_transactions)
    expect(JSON.stringify(simulated?.transaction_trace)).toContain('INVALID_NONCE')
  })

  test('whose accounts know their own signatures', async () => {
    const message = {
      types: {
        StarknetDomain: [{ name: 'name', type: 'shortstring' }],
        Note: [{ name: 'n', type: 'felt' }],
      },
      primaryType: 'Note',
      domain: { name: 'box', version: '1', chainId: '1', revision: '1' },
      message: { n: '5' },
    }
    const signature = await operator.signMessage(message)
    expect(await provider.verifyMessageInStarknet(message, signature, operator.address)).toBe(true)
    const other = { ...message, message: { n: '6' } }
    expect(await provider.verifyMessageInStarknet(other, signature, operator.address)).toBe(false)
  })
})
