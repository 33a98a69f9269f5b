import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { localRpc } from '../../../infra/local/local-rpc.ts'
import {
  type SecondNode,
  startSecondNode,
} from '../../../infra/local/second-node/start-second-node.ts'
import { selectorOf } from '../../../infra/local/starknet-box/selectors.ts'
import { startStarknetBox } from '../../../infra/local/starknet-box/start-starknet-box.ts'
import { aCore } from './starknet-box/a-box.ts'

let box: Awaited<ReturnType<typeof startStarknetBox>>
let second: SecondNode
beforeAll(async () => {
  box = await startStarknetBox({ blocks: 'demand', core: aCore() })
  second = await startSecondNode({ upstream: `${box.url}/rpc` })
  for (let block = 0; block < 3; block += 1) box.makeBlock()
})
afterEach(() => {
  box.faults.clear()
  second.faults.clear()
})
afterAll(async () => {
  await second.stop()
  await box.stop()
})

type Block = {
  readonly block_number: number
  readonly block_hash: string
  readonly parent_hash: string
}

const first = async (method: string, params: unknown) => ask(box.url, method, params)
const told = async (method: string, params: unknown) => ask(second.url, method, params)

async function ask(url: string, method: string, params: unknown): Promise<unknown> {
  return await (await sent(url, { jsonrpc: '2.0', id: 7, method, params })).json()
}

async function sent(url: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

const headers = async (by: typeof first, block_id: unknown): Promise<Block> =>
  ((await by('starknet_getBlockWithTxHashes', { block_id })) as { result: Block }).result

/** Whether the core is paused, which it is not. */
const pausedView = () => ({
  block_id: 'latest' as unknown,
  request: {
    contract_address: box.coreAddress,
    entry_point_selector: `0x${selectorOf('is_paused').toString(16)}`,
    calldata: [],
  },
})

describe('a second node of the chain', () => {
  test('knows what the first one does, also what is wrong with it', async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'starknet_blockHashAndNumber', params: [] }
    const wrong = { ...call, id: 2, method: 'starknet_nothing' }
    for (const body of [call, wrong, [call, wrong]])
      expect(await (await sent(second.url, body)).json()).toEqual(
        await (await sent(box.url, body)).json(),
      )
    box.faults.set({ fault: 'throttle', requests: 1 })
    const throttled = await sent(second.url, call)
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '1'])
    box.faults.set({ fault: 'refuse' })
    await expect(sent(second.url, call)).rejects.toThrow('fetch failed')
  })

  test('lies about the height: the newest block alone, which it stays with', async () => {
    const truth = await headers(first, 'latest')
    second.faults.set({ fault: 'lie', about: 'height', blocks: 500 })
    const lie = await headers(told, 'latest')
    expect(lie.block_number).toBe(truth.block_number + 500)
    expect(lie.block_hash).not.toBe(truth.block_hash)
    const number = { block_number: truth.block_number }
    expect(await headers(told, number)).toEqual(await headers(first, number))
    expect(await told('starknet_blockNumber', [])).toMatchObject({
      result: truth.block_number + 500,
    })
    // Whoever asks for the block that it told of gets an answer, as from a node that has it.
    const at = { ...pausedView(), block_id: { block_hash: lie.block_hash } }
    expect(await told('starknet_call', at)).toHaveProperty('result')
    expect(await first('starknet_call', at)).toHaveProperty('error.code', 24)
  })

  test('lies about every block, as on a fork, also in a batch', async () => {
    second.faults.set({ fault: 'lie', about: 'hash' })
    const truth = await headers(first, { block_number: 2 })
    const lie = await headers(told, { block_number: 2 })
    expect(lie).toEqual({
      ...truth,
      block_hash: lie.block_hash,
      parent_hash: (await headers(told, { block_number: 1 })).block_hash,
    })
    expect(lie.block_hash).not.toBe(truth.block_hash)
    expect(await headers(told, { block_hash: lie.block_hash })).toEqual(lie)
    const calls = [2, 1].map((id) => ({
      jsonrpc: '2.0',
      id,
      method: 'starknet_getBlockWithTxHashes',
      params: { block_id: { block_number: id } },
    }))
    expect(await (await sent(second.url, calls)).json()).toMatchObject([
      { id: 2, result: { block_hash: lie.block_hash } },
      { id: 1, result: { block_hash: lie.parent_hash } },
    ])
  })

  test('lies about what contracts answer, at blocks that all have', async () => {
    second.faults.set({ fault: 'lie', about: 'state' })
    expect(await headers(told, 'latest')).toEqual(await headers(first, 'latest'))
    expect(await first('starknet_call', pausedView())).toMatchObject({ result: ['0x0'] })
    expect(await told('starknet_call', pausedView())).toMatchObject({ result: ['0x1'] })
  })

  test('is told to lie over HTTP, and not to any more', async () => {
    const by = async (method: string, query: string, body?: unknown) => {
      const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) }
      const answer = await fetch(`${second.adminUrl}/faults${query}`, init)
      return { status: answer.status, said: await answer.json() }
    }
    const lie = { fault: 'lie', about: 'height', blocks: 1000 }
    const { blocks: _, ...usual } = lie
    expect(await by('POST', '', usual)).toEqual({ status: 200, said: [lie] })
    expect(await by('GET', '')).toEqual({ status: 200, said: [lie] })
    const wrong = await by('POST', '', { fault: 'lie', about: 'the weather' })
    expect(wrong.status).toBe(400)
    expect(JSON.stringify(wrong.said)).toContain('about')
    expect(await by('DELETE', '?fault=stall')).toEqual({
      status: 400,
      said: { error: 'no fault "stall"; there are lie' },
    })
    expect(await by('DELETE', '?fault=lie')).toEqual({ status: 200, said: [] })
    expect(await localRpc(second.url)('starknet_blockNumber')).toBe(
      await localRpc(box.url)('starknet_blockNumber'),
    )
  })
})
