import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { RunningStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { ask, nonceOf, startBox, statusOf, taken } from './box-rpc.ts'

let box: RunningStarknetBox
let clock: Awaited<ReturnType<typeof startBox>>['clock']
beforeEach(async () => {
  const started = await startBox()
  box = started.box
  clock = started.clock
})
afterEach(async () => box.stop())

type Header = {
  readonly block_number: number
  readonly block_hash: string
  readonly parent_hash: string
  readonly timestamp: number
  readonly status: string
}

async function header(id: unknown): Promise<Header> {
  const { result, error } = await ask(box, 'starknet_getBlockWithTxHashes', [id])
  if (error !== undefined) throw new Error(`error ${error.code}`)
  return result as Header
}

describe('blocks', () => {
  test('follow one another by hash, number and time, also when there is nothing for them', async () => {
    const genesis = await header({ block_number: 0 })
    clock.advance(7)
    box.makeBlock()
    const next = await header('latest')
    expect(next).toMatchObject({
      block_number: 1,
      parent_hash: genesis.block_hash,
      timestamp: genesis.timestamp + 7,
      status: 'ACCEPTED_ON_L2',
    })
    expect(await header({ block_hash: next.block_hash })).toEqual(next)
    expect(await header({ block_number: 1 })).toEqual(next)
    await expect(header({ block_number: 2 })).rejects.toThrow('error 24')
  })

  test('one that is being built has neither hash nor parent, and its receipts no block hash', async () => {
    const hash = await taken(box, { nonce: 0 })
    const open = await ask(box, 'starknet_getBlockWithTxHashes', ['pre_confirmed'])
    expect(open.result).toMatchObject({ block_number: 1, transactions: [hash] })
    expect(open.result).not.toHaveProperty('block_hash')
    expect(open.result).not.toHaveProperty('parent_hash')
    const receipt = await ask(box, 'starknet_getTransactionReceipt', [hash])
    expect(receipt.result).toMatchObject({ finality_status: 'PRE_CONFIRMED', block_number: 1 })
    expect(receipt.result).not.toHaveProperty('block_hash')
  })

  test('are final once L1 has them', async () => {
    await expect(header('l1_accepted')).rejects.toThrow('error 24')
    const hash = await taken(box, { nonce: 0 })
    box.makeBlock()
    box.makeBlock()
    box.acceptOnL1(1)
    expect(await statusOf(box, hash)).toBe('ACCEPTED_ON_L1')
    expect((await header('l1_accepted')).block_number).toBe(1)
    expect((await header('latest')).status).toBe('ACCEPTED_ON_L2')
    expect(() => box.acceptOnL1(0)).toThrow('cannot be the newest on L1')
    expect(() => box.acceptOnL1(9)).toThrow('cannot be the newest on L1')
  })

  test('a fee is paid to the last fri, tip included, also by what reverts', async () => {
    const balance = async () => {
      const request = {
        contract_address: '0x4718f5a0fc34cc1af16a1cdee98ffb20c31f5cd61d6ab07201858f4287c938d',
        entry_point_selector: '0x2e4263afad30923c891518314c3c95dbe830a16874e8abc5777a9a20b54c76e',
        calldata: [box.accounts[0]?.address],
      }
      const { result } = await ask(box, 'starknet_call', [request, 'latest'])
      return BigInt((result as string[])[0] ?? 0)
    }
    const before = await balance()
    const entrypoints = ['unpause']
    const hash = await taken(box, { nonce: 0, tip: 1_000_000_000n, entrypoints })
    box.makeBlock()
    const { result } = await ask(box, 'starknet_getTransactionReceipt', [hash])
    const receipt = result as {
      execution_status: string
      actual_fee: { amount: string; unit: string }
      execution_resources: { l2_gas: number; l1_data_gas: number }
    }
    expect(receipt.execution_status).toBe('REVERTED')
    const { l2_gas, l1_data_gas } = receipt.execution_resources
    const fee = BigInt(l2_gas) * 9_000_000_000n + BigInt(l1_data_gas) * 20_000_000_000n
    expect(BigInt(receipt.actual_fee.amount)).toBe(fee)
    expect(before - (await balance())).toBe(fee)
    expect(await nonceOf(box, 'latest')).toBe(1)
  })

  test('what needs more gas than it may use is undone and pays all of it', async () => {
    const entrypoints = ['pause', 'unpause', 'pause']
    const hash = await taken(box, { nonce: 0, l2Amount: 400_000n, entrypoints })
    box.makeBlock()
    const { result } = await ask(box, 'starknet_getTransactionReceipt', [hash])
    expect(result).toMatchObject({
      execution_status: 'REVERTED',
      revert_reason: expect.stringMatching(
        /^Insufficient max L2Gas: max amount: 400000, actual/,
      ) as string,
      execution_resources: { l2_gas: 400_000 },
    })
  })
})

describe('a reorganisation', () => {
  test('gives other blocks of the same number, with the same transactions where they return', async () => {
    const first = await taken(box, { nonce: 0 })
    const second = await taken(box, { nonce: 1 })
    box.makeBlock()
    const lost = await header('latest')
    box.faults.set({ fault: 'reorg', blocks: 1 })
    expect((await header('latest')).block_number).toBe(0)
    expect(await nonceOf(box, 'latest')).toBe(0)
    await expect(header({ block_hash: lost.block_hash })).rejects.toThrow('error 24')
    expect(await statusOf(box, first)).toBe('PRE_CONFIRMED')
    box.makeBlock()
    const found = await header('latest')
    expect(found.block_number).toBe(1)
    expect(found.block_hash).not.toBe(lost.block_hash)
    expect(await statusOf(box, second)).toBe('ACCEPTED_ON_L2')
  })

  test('may lose the transactions too', async () => {
    const hash = await taken(box, { nonce: 0 })
    box.makeBlock()
    box.faults.set({ fault: 'reorg', blocks: 1, transactions: 'drop' })
    expect(await statusOf(box, hash)).toBe('error 29')
    expect(await nonceOf(box, 'pre_confirmed')).toBe(0)
  })

  test('stops at the genesis and at what L1 has', () => {
    box.makeBlock()
    box.makeBlock()
    expect(() => box.faults.set({ fault: 'reorg', blocks: 3 })).toThrow('the genesis')
    box.acceptOnL1(1)
    expect(() => box.faults.set({ fault: 'reorg', blocks: 2 })).toThrow('on L1 already')
  })
})

describe('a chain that has become long', () => {
  test('keeps every receipt and registration, and the states of its newest thousand blocks', async () => {
    const hash = await taken(box, { nonce: 0, entrypoints: ['pause', 'unpause'] })
    const head = Array.from({ length: 1_100 }, () => box.makeBlock()).at(-1) ?? 0
    expect(await nonceOf(box, { block_number: head - 1_000 })).toBe(1)
    const old = await ask(box, 'starknet_getNonce', [{ block_number: 1 }, box.accounts[0]?.address])
    expect(old.error?.code).toBe(24)
    const receipt = await ask(box, 'starknet_getTransactionReceipt', [hash])
    expect(receipt.result).toMatchObject({ execution_status: 'SUCCEEDED', block_number: 1 })
    const { error } = await ask(box, 'starknet_traceTransaction', [hash])
    expect(error?.code).toBe(10)
    const filter = { address: box.coreAddress, chunk_size: 1_000 }
    const { result } = await ask(box, 'starknet_getEvents', [filter])
    // The operator's two, each market's two, then what the transaction emitted.
    expect((result as { events: object[] }).events).toHaveLength(2 + 2 * 2 + 2)
  })
})
