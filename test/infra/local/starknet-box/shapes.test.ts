import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import type { RunningStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { btc } from './a-box.ts'
import { priceTickCalldata } from './a-core.ts'
import { ask, post, selectorOf, signed, startBox, taken } from './box-rpc.ts'
import { conformance, titled, vectorsOf } from './vectors.ts'

let box: RunningStarknetBox
beforeAll(async () => {
  box = (await startBox()).box
})
afterAll(async () => box.stop())

/** Addresses and classes are each node's own, and the vectors write all numbers as text; everything else must be the same. */
function anonymous(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/(?<=address"?:\s?"?|hash"?:\s?"?)0x[0-9a-f]{50,64}/g, '0x…')
      .replaceAll(/"code":"(\d+)"/g, '"code":$1')
      .replaceAll('"transaction_index":"0"', '"transaction_index":0'),
  )
}

/** Another call than the recorded one differs in these words only. */
function reworded(value: unknown, words: Readonly<Record<string, string>>): unknown {
  const text = Object.entries(words).reduce(
    (before, [ours, theirs]) => before.replaceAll(ours, theirs),
    JSON.stringify(value),
  )
  return JSON.parse(text)
}

function ascii(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex')
}

/** Without its `0x`. */
function selector(name: string): string {
  return selectorOf(name).slice(2)
}

const ErrorShape = z.object({ error: z.unknown() })

function recordedError(name: string): unknown {
  const vector = vectorsOf('error_shape').find((one) => one.case === name)
  return anonymous(ErrorShape.parse(vector?.expect).error)
}

function recordedReason(name: string): unknown {
  const vector = vectorsOf('error_shape').find((one) => one.case === name)
  return anonymous(vector?.expect['revert_reason'])
}

const wrongNonce = { entrypoint: 'funding_tick', calldata: [99n, 0n, 0n] }
const wrongMedian = () => ({
  entrypoint: 'price_tick',
  calldata: priceTickCalldata({
    nonce: 0n,
    assetId: btc,
    price: 100n,
    signedPrice: 101n,
    timestamp: 1_800_000_000n,
  }),
})

type CoreCalled = { readonly entrypoint: string; readonly calldata: readonly bigint[] }

/** One call of the core, as it is sent for estimates: without a signature. */
async function invokeOf({ entrypoint, calldata }: CoreCalled): Promise<object> {
  const wire = await signed(box, { nonce: 0 })
  const call = [
    1n,
    BigInt(box.coreAddress),
    BigInt(selectorOf(entrypoint)),
    BigInt(calldata.length),
  ]
  const felts = [...call, ...calldata].map((felt) => `0x${felt.toString(16)}`)
  return { ...wire, calldata: felts, signature: [] }
}

function request(entrypoint: string, calldata: readonly string[] = []): object {
  return {
    contract_address: box.coreAddress,
    entry_point_selector: selectorOf(entrypoint),
    calldata,
  }
}

async function callError(one: object): Promise<unknown> {
  return anonymous((await ask(box, 'starknet_call', [one, 'latest'])).error)
}

async function estimateError(one: CoreCalled): Promise<unknown> {
  const params = [[await invokeOf(one)], ['SKIP_VALIDATE'], 'latest']
  return anonymous((await ask(box, 'starknet_estimateFee', params)).error)
}

const Simulated = z.tuple([
  z.object({
    transaction_trace: z.object({ execute_invocation: z.object({ revert_reason: z.string() }) }),
  }),
])

async function simulatedReason(one: CoreCalled): Promise<unknown> {
  const flags = ['SKIP_VALIDATE', 'SKIP_FEE_CHARGE']
  const params = ['latest', [await invokeOf(one)], flags]
  const { result } = await ask(box, 'starknet_simulateTransactions', params)
  return anonymous(Simulated.parse(result)[0].transaction_trace.execute_invocation.revert_reason)
}

function rpcRequest(id: number, method: string, params?: unknown): object {
  return { jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) }
}

async function eventsError(filter: object): Promise<number | undefined> {
  return (await ask(box, 'starknet_getEvents', [filter])).error?.code
}

describe.skipIf(conformance === undefined)(titled('errors look as a real node has them'), () => {
  test('of a call', async () => {
    expect(await callError(request('nothing_of_ours'))).toEqual(
      recordedError('call_entry_point_missing'),
    )
    // The recorded calls are of a view on positions, which there are none of here.
    const view = { [selector('get_timely_data')]: selector('get_position_tv_tr') }
    const unread = await callError(request('get_timely_data'))
    expect(reworded(unread, view)).toEqual(recordedError('call_bad_calldata'))
    const text = { [ascii('SYNTHETIC_NOT_EXISTS')]: ascii('POSITION_DOESNT_EXIST') }
    const panic = await callError(request('get_timely_data', ['0x5']))
    expect(reworded(panic, { ...view, ...text })).toEqual(recordedError('call_felt_panic'))
  })

  test('of an estimate', async () => {
    expect(await estimateError(wrongNonce)).toEqual(recordedError('estimate_byte_array_panic'))
    expect(await estimateError(wrongMedian())).toEqual(recordedError('estimate_felt_panic'))
  })

  test('of a simulation', async () => {
    expect(await simulatedReason(wrongNonce)).toEqual(recordedReason('simulate_byte_array_panic'))
    expect(await simulatedReason(wrongMedian())).toEqual(recordedReason('simulate_felt_panic'))
  })

  test('of a receipt', async () => {
    const { box: other } = await startBox({ blocks: 'transaction' })
    const hash = await taken(other, { nonce: 0, entrypoints: ['unpause'] })
    const { result } = await ask(other, 'starknet_getTransactionReceipt', [hash])
    const { revert_reason: reason } = z.object({ revert_reason: z.string() }).parse(result)
    const words = {
      [selector('unpause').padStart(64, '0')]: selector('price_tick').padStart(64, '0'),
      [ascii('NOT_PAUSED')]: ascii('INVALID_MEDIAN'),
      NOT_PAUSED: 'INVALID_MEDIAN',
    }
    const recorded = recordedReason('receipt_felt_panic')
    expect(reworded(anonymous(reason), words)).toBe(recorded)
    await other.stop()
  })
})

describe('JSON-RPC', () => {
  test('answers several requests at once, in their order, each with its own error', async () => {
    const answer = await post(box.url, [
      rpcRequest(1, 'starknet_chainId'),
      rpcRequest(2, 'starknet_getNonce', { block_id: 'latest', contract_address: '0x123' }),
      rpcRequest(3, 'starknet_nope'),
      { jsonrpc: '2.0', method: 'starknet_chainId' },
    ])
    expect(await answer.json()).toEqual([
      { jsonrpc: '2.0', id: 1, result: '0x534e5f5345504f4c4941' },
      { jsonrpc: '2.0', id: 2, error: { code: 20, message: 'Contract not found' } },
      { jsonrpc: '2.0', id: 3, error: { code: -32601, message: 'Method not found' } },
    ])
  })

  test.each([
    ['{', -32700],
    ['[]', -32600],
    ['{"jsonrpc":"1.0","id":1,"method":"starknet_chainId"}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"starknet_getNonce","params":["latest"]}', -32602],
    ['{"jsonrpc":"2.0","id":1,"method":"starknet_getNonce","params":["newest","0x1"]}', -32602],
  ])('%s: error %i', async (body, code) => {
    const answer = await fetch(box.url, { method: 'POST', body })
    expect(await answer.json()).toMatchObject({ error: { code } })
  })

  test('pages of events are limited, and tokens of others refused', async () => {
    expect(await eventsError({ chunk_size: 1025 })).toBe(31)
    expect(await eventsError({ chunk_size: 5, continuation_token: 'zz' })).toBe(33)
    const keys = [Array.from({ length: 257 }, () => '0x1')]
    expect(await eventsError({ chunk_size: 5, keys })).toBe(34)
  })

  test('every registration of the core is an event of the genesis', async () => {
    const filter = {
      address: box.coreAddress,
      keys: [[selectorOf('OracleAdded')], [], []],
      chunk_size: 10,
    }
    const { result } = await ask(box, 'starknet_getEvents', [filter])
    const { events } = result as { events: { block_number: number; data: string[] }[] }
    expect(events.map(({ block_number, data }) => [block_number, data])).toEqual([
      [0, ['0x5445535455534400000000000000000', '0x4f52434c31']],
      [0, ['0x5445535455534400000000000000000', '0x4f52434c31']],
    ])
  })
})
