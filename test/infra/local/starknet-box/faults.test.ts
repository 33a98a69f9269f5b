import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { RunningStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { ask, nonceOf, post, send, signed, startBox, statusOf, taken } from './box-rpc.ts'

let box: RunningStarknetBox
beforeEach(async () => {
  box = (await startBox()).box
})
afterEach(async () => box.stop())

async function admin(method: string, path: string, body?: string) {
  const sent = body === undefined ? { method } : { method, body }
  const answer = await fetch(`${box.adminUrl}${path}`, sent)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const chainId = { jsonrpc: '2.0', id: 7, method: 'starknet_chainId' }

describe('faults of the pool', () => {
  test('an evicted transaction is unknown, and may come again', async () => {
    const hash = await taken(box, { nonce: 0 })
    const other = await taken(box, { nonce: 0, account: 1 })
    box.faults.set({ fault: 'evict', hash })
    expect(await statusOf(box, hash)).toBe('error 29')
    expect(await statusOf(box, other)).toBe('PRE_CONFIRMED')
    expect(await taken(box, { nonce: 0 })).toBe(hash)
    box.faults.set({ fault: 'evict' })
    expect(await statusOf(box, other)).toBe('error 29')
  })

  test('a full pool takes nothing', async () => {
    box.faults.set({ fault: 'pool-full' })
    expect((await send(box, { nonce: 0 })).error).toMatchObject({
      code: 63,
      data: 'The mempool is full.',
    })
    box.faults.clear('pool-full')
    await taken(box, { nonce: 0 })
  })

  test('a stalled sequencer that does nothing at all leaves what it was sent where it is', async () => {
    box.faults.set({ fault: 'stall', preConfirmed: 'stops' })
    const hash = await taken(box, { nonce: 0 })
    expect(await statusOf(box, hash)).toBe('RECEIVED')
    expect(await nonceOf(box, 'pre_confirmed')).toBe(0)
    box.faults.clear()
    expect(await statusOf(box, hash)).toBe('PRE_CONFIRMED')
  })

  test('a stall is a stall where each transaction has a block of its own', async () => {
    const { box: eager } = await startBox({ blocks: 'transaction' })
    const first = await taken(eager, { nonce: 0 })
    expect(await statusOf(eager, first)).toBe('ACCEPTED_ON_L2')
    eager.faults.set({ fault: 'stall' })
    const second = await taken(eager, { nonce: 1 })
    expect(await statusOf(eager, second)).toBe('PRE_CONFIRMED')
    await eager.stop()
  })
})

describe('faults of the connection', () => {
  test('an answer is lost, and the transaction is not', async () => {
    const wire = await signed(box, { nonce: 0 })
    box.faults.set({ fault: 'drop-answer', requests: 1 })
    await expect(ask(box, 'starknet_addInvokeTransaction', [wire])).rejects.toThrow('fetch failed')
    const again = await ask(box, 'starknet_addInvokeTransaction', [wire])
    expect(again.error?.code).toBe(59)
    expect(box.faults.list()).toEqual([])
  })

  test('so many requests are throttled, by HTTP or by JSON-RPC', async () => {
    box.faults.set({ fault: 'throttle', requests: 1 })
    const refused = await post(box.url, chainId)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    box.faults.set({ fault: 'throttle', answer: 'rpc', requests: 1 })
    const answer = await post(box.url, [chainId])
    expect(await answer.json()).toEqual([
      { jsonrpc: '2.0', id: 7, error: { code: -32005, message: 'Request rate limit exceeded' } },
    ])
    expect((await post(box.url, chainId)).status).toBe(200)
  })

  test('connections are refused, and the admin is not', async () => {
    box.faults.set({ fault: 'refuse' })
    await expect(post(box.url, chainId)).rejects.toThrow('fetch failed')
    await fetch(`${box.adminUrl}/faults?fault=refuse`, { method: 'DELETE' })
    expect((await post(box.url, chainId)).status).toBe(200)
  })

  test('an answer is slow', async () => {
    box.faults.set({ fault: 'slow', ms: 60_000 })
    const impatient = fetch(box.url, { method: 'POST', signal: AbortSignal.timeout(50) })
    await expect(impatient).rejects.toThrow(/timeout/)
  })
})

describe('faults of what is told', () => {
  test('a node that lags tells of old blocks, and knows nothing of the pool', async () => {
    const old = await taken(box, { nonce: 0 })
    box.makeBlock()
    const hash = await taken(box, { nonce: 1 })
    box.makeBlock()
    await taken(box, { nonce: 2 })
    box.faults.set({ fault: 'lag', blocks: 1 })
    expect((await ask(box, 'starknet_blockNumber')).result).toBe(1)
    expect(await statusOf(box, old)).toBe('ACCEPTED_ON_L2')
    expect(await statusOf(box, hash)).toBe('error 29')
    expect([await nonceOf(box, 'latest'), await nonceOf(box, 'pre_confirmed')]).toEqual([1, 1])
    box.faults.clear()
    expect([await nonceOf(box, 'latest'), await nonceOf(box, 'pre_confirmed')]).toEqual([2, 3])
  })

  test('a node that lies tells of nonces that are not', async () => {
    box.faults.set({ fault: 'wrong-nonce', by: 4 })
    expect(await nonceOf(box, 'latest')).toBe(4)
    box.faults.set({ fault: 'wrong-nonce', by: -4 })
    expect(await nonceOf(box, 'latest')).toBe(0)
  })
})

describe('the admin', () => {
  test('switches faults on and off, and says which are on', async () => {
    await admin('POST', '/faults', '{"fault":"lag","blocks":2}')
    const { body } = await admin('POST', '/faults', '{"fault":"pool-full"}')
    expect(body).toEqual([{ fault: 'lag', blocks: 2 }, { fault: 'pool-full' }])
    expect((await admin('GET', '/faults')).body).toEqual(body)
    const left = await admin('DELETE', '/faults?fault=lag')
    expect(left.body).toEqual([{ fault: 'pool-full' }])
    expect((await admin('DELETE', '/faults')).body).toEqual([])
  })

  test('makes blocks, moves the clock, and takes blocks to L1', async () => {
    const before = await admin('GET', '/')
    const made = await admin('POST', '/block', '{"count":3}')
    expect(made.body).toMatchObject({ block_number: 3, l1_accepted: -1, pool: [] })
    const now = Number(before.body['now'])
    const moved = await admin('POST', '/time', '{"advanceSeconds":60}')
    expect(moved.body).toMatchObject({ now: now + 60 })
    expect((await admin('POST', '/block')).body).toMatchObject({ block_timestamp: now + 60 })
    expect((await admin('POST', '/l1-accept')).body).toMatchObject({ l1_accepted: 4 })
    const priced = await admin('POST', '/gas-price', '{"l2Gas":"9000000000"}')
    expect(priced.body).toMatchObject({ gas_prices: { l2Gas: '9000000000' } })
  })

  test.each([
    ['POST', '/faults', '{"fault":"lag"}', /blocks/],
    ['POST', '/faults', '{"fault":"earthquake"}', /fault/],
    ['POST', '/faults', 'nonsense', /not JSON/],
    ['POST', '/faults', '{"fault":"reorg","blocks":5}', /genesis/],
    ['DELETE', '/faults?fault=earthquake', undefined, /Invalid option/],
    ['POST', '/time', '{"advanceSeconds":-5}', />0/],
  ])('complains of %s %s %s', async (method, path, sent, complaint) => {
    const { status, body } = await admin(method, path, sent)
    expect(status).toBe(400)
    expect(body['error']).toMatch(complaint)
  })

  test('says what is not there', async () => {
    expect(await admin('GET', '/nothing')).toEqual({
      status: 404,
      body: { error: 'there is no GET /nothing here' },
    })
  })
})
