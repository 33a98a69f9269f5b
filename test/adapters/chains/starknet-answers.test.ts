import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import {
  ChainUnavailableError,
  UnfitTransactionError,
} from '../../../lib/adapters/chains/errors.ts'
import { type Script, scriptedNode } from './scripted-node.ts'
import { account, chainId, fee, open, quiet } from './starknet-samples.ts'

describe('what a node answers', () => {
  let node: Awaited<ReturnType<typeof scriptedNode>>
  beforeAll(async () => {
    node = await scriptedNode(probed)
  })
  afterAll(async () => node.stop())

  test.each([
    ['a hash it has', { code: 59, message: 'Duplicate' }, { kind: 'known' }],
    ['too few resources', { code: 53, message: 'x' }, { why: 'underpriced' }],
    ['a replacement that offers too little', { code: 64, message: 'x' }, { why: 'underpriced' }],
    ['less than its least fee', { code: 65, message: 'x' }, { why: 'underpriced' }],
    ['an empty account', { code: 54, message: 'x' }, { why: 'funds' }],
    ['what the account does not pass', { code: 55, message: 'x', data: 'bad' }, { why: 'invalid' }],
    ['a class that nobody has declared', { code: 28, message: 'x' }, { why: 'invalid' }],
    [
      'an account that somebody else deployed',
      { code: -1, message: 'Deployment failed: contract already deployed at address 0x05' },
      { why: 'nonce-too-low' },
    ],
    [
      'the same in the words of another node',
      { code: 55, message: 'x', data: 'Requested 0x05 is unavailable for deployment.' },
      { why: 'nonce-too-low' },
    ],
    [
      'an account that is not there yet',
      { code: 55, message: 'x', data: 'Requested contract address 0x05 is not deployed.' },
      { why: 'nonce-too-high' },
    ],
    ['an account that is none', { code: 58, message: 'x' }, { why: 'invalid' }],
    ['an old version', { code: 61, message: 'x' }, { why: 'invalid' }],
    ['JSON it cannot read', { code: -32602, message: 'x' }, { why: 'invalid' }],
    [
      'a second one of that nonce',
      { code: 52, message: 'x', data: 'DuplicateNonce' },
      { why: 'duplicate-nonce' },
    ],
  ])('about %s is understood', async (_, error, meaning) => {
    node.say(refusing(error))
    expect(await open(node.url).broadcast((await signed()).bytes)).toMatchObject(meaning)
  })

  test.each([
    [{ code: 52, message: 'x' }, '0x4', 'nonce-too-low'],
    [{ code: 52, message: 'x' }, '0x2', 'nonce-too-high'],
    [{ code: 55, message: 'x', data: 'Invalid transaction nonce' }, '0x4', 'nonce-too-low'],
  ])('about a nonce is told apart by the account’s own: %o, %s', async (error, next, why) => {
    node.say(refusing(error, next))
    expect(await open(node.url).broadcast((await signed()).bytes)).toMatchObject({
      kind: 'refused',
      why,
    })
  })

  test('about a nonce that these very bytes have used is success', async () => {
    node.say(refusing({ code: 52, message: 'x' }, '0x4', 'ACCEPTED_ON_L2'))
    expect(await open(node.url).broadcast((await signed()).bytes)).toEqual({ kind: 'known' })
    node.say(refusing({ code: 52, message: 'x' }, '0x4', 'REJECTED'))
    expect(await open(node.url).broadcast((await signed()).bytes)).toMatchObject({
      why: 'nonce-too-low',
    })
  })

  test('of two nodes, one of which refuses, is what the other one says', async () => {
    const other = await scriptedNode(probed)
    onTestFinished(async () => other.stop())
    const { bytes, hash } = await signed()
    const chain = open([node.url, other.url])
    const taken: Script = () => ({ result: { transaction_hash: hash } })
    node.say(refusing({ code: 52, message: 'x' }, '0x4'))
    other.say(taken)
    expect(await chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    other.say(refusing({ code: 59, message: 'Duplicate' }))
    expect(await chain.broadcast(bytes)).toEqual({ kind: 'known' })
    // Which side the nonce is wrong on is looked up only where nobody gives a better reason.
    other.say(refusing({ code: 54, message: 'x' }, '0x4'))
    expect(await chain.broadcast(bytes)).toMatchObject({ why: 'nonce-too-low' })
  })

  test('about something else, or about a nonce that is right, is its own trouble', async () => {
    const { bytes } = await signed()
    for (const code of [52, 63, -32603, -32601]) {
      node.say(refusing({ code, message: 'x' }))
      await expect(open(node.url).broadcast(bytes)).rejects.toThrow(ChainUnavailableError)
    }
  })

  test('is not believed where it took another transaction than was sent', async () => {
    const { bytes, hash: ours } = await signed()
    node.say(() => ({ result: { transaction_hash: `0x${ours.slice(2).padStart(64, '0')}` } }))
    expect(await open(node.url).broadcast(bytes)).toEqual({ kind: 'accepted' })
    node.say(() => ({ result: { transaction_hash: '0x123' } }))
    await expect(open(node.url).broadcast(bytes)).rejects.toThrow(ChainUnavailableError)
    await expect(open(node.url).broadcast('{}')).rejects.toThrow(UnfitTransactionError)
  })

  test('about a transaction in a block is read whole, and final when L1 has it', async () => {
    const block = { number: 5, hash: '0xab', time: 1_800_000_000_000 }
    const answers = {
      starknet_getTransactionReceipt: receipt,
      starknet_getBlockWithTxHashes: header,
    }
    node.say(following(answers))
    const included = { kind: 'included', block, outcome: 'succeeded', feePaid: 15n, final: false }
    expect(await open(node.url).status('0x1')).toEqual({ ...included, reason: undefined })
    const settled = { ...receipt, finality_status: 'ACCEPTED_ON_L1' }
    node.say(following({ ...answers, starknet_getTransactionReceipt: settled }))
    expect(await open(node.url).status('0x1')).toMatchObject({ ...included, final: true })
    const reverted = {
      ...receipt,
      execution_status: 'REVERTED',
      revert_reason: "Error in x:\n0x41 ('A').\n",
    }
    node.say(following({ ...answers, starknet_getTransactionReceipt: reverted }))
    expect(await open(node.url).status('0x1')).toMatchObject({ outcome: 'reverted', reason: 'A' })
  })

  test.each([
    [undefined, 'unknown'],
    ['REJECTED', 'unknown'],
    ['RECEIVED', 'pending'],
    ['CANDIDATE', 'pending'],
    ['PRE_CONFIRMED', 'pending'],
  ])('about a transaction in no block is its status: %s is %s', async (status, kind) => {
    node.say(
      following(
        status === undefined
          ? {}
          : { starknet_getTransactionStatus: { finality_status: status, failure_reason: null } },
      ),
    )
    expect(await open(node.url).status('0x1')).toEqual({ kind })
  })

  test('about a transaction in the block being built, or in one just replaced, is pending', async () => {
    const { block_hash: _, ...building } = receipt
    node.say(
      following({
        starknet_getTransactionReceipt: { ...building, finality_status: 'PRE_CONFIRMED' },
      }),
    )
    expect(await open(node.url).status('0x1')).toEqual({ kind: 'pending' })
    node.say((method) =>
      method === 'starknet_getTransactionReceipt'
        ? { result: receipt }
        : { error: { code: 24, message: 'Block not found' } },
    )
    await expect(open(node.url).status('0x1')).rejects.toThrow(ChainUnavailableError)
    node.say((method) => {
      if (method === 'starknet_getTransactionReceipt') return { result: receipt }
      if (method === 'starknet_getTransactionStatus') return unknownHash
      return { error: { code: 24, message: 'Block not found' } }
    })
    expect(await open(node.url).status('0x1')).toEqual({ kind: 'pending' })
  })

  test('to an estimate becomes half more gas, twice the prices, and the usual tip', async () => {
    node.say(estimating(['0x9', '0x1', '0x5', '0x4']))
    expect(await open(node.url).simulate(account, [quiet])).toEqual({
      kind: 'ok',
      fee: {
        kind: 'starknet',
        tip: 4n,
        l1Gas: { maxAmount: 0n, maxPricePerUnit: 6n },
        l2Gas: { maxAmount: 152n, maxPricePerUnit: 20n },
        l1DataGas: { maxAmount: 192n, maxPricePerUnit: 2n },
      },
    })
    // 1.1e9 and half of it would be more than gateways take.
    node.say(estimating([], { l2_gas_consumed: '0x4190ab00' }))
    expect(await open(node.url).simulate(account, [quiet])).toMatchObject({
      fee: { tip: 0n, l2Gas: { maxAmount: 1_210_000_000n } },
    })
  })

  test('to an estimate that cannot begin is its own trouble', async () => {
    node.say((method, params) =>
      method === 'starknet_estimateFee'
        ? { error: { code: 41, message: 'x', data: { execution_error: 'nonce is invalid.' } } }
        : estimating([])(method, params),
    )
    await expect(open(node.url).simulate(account, [quiet])).rejects.toThrow(ChainUnavailableError)
  })

  test('for an account that is not deployed is nonce 0', async () => {
    node.say(() => ({ error: { code: 20, message: 'Contract not found' } }))
    expect(await open(node.url).nonce(account)).toEqual({ latest: 0, pending: 0 })
    node.say(() => ({ error: { code: 24, message: 'Block not found' } }))
    await expect(open(node.url).nonce(account)).rejects.toThrow(ChainUnavailableError)
  })

  test('for a balance beyond 128 bits is both halves', async () => {
    node.say(() => ({ result: ['0x5', '0x2'] }))
    expect(await open(node.url).balance(account)).toBe(2n ** 129n + 5n)
  })
})

/** Which chain it is on, and its newest block. */
const probed = (method: string, params: unknown) => {
  if (method === 'starknet_chainId') return { result: chainId }
  const newest = JSON.stringify(params) === '{"block_id":"latest"}'
  if (method === 'starknet_getBlockWithTxHashes' && newest) return { result: header }
  return undefined
}

const unknownHash = { error: { code: 29, message: 'Transaction hash not found' } }

const signed = async () => open().sign(account, { calls: [quiet], nonce: 3, fee })

/** The pool refuses with `error`; the account's next nonce is `next`; the status of the hash is `status`. */
const refusing =
  (error: object, next = '0x3', status?: string): Script =>
  (method) => {
    if (method === 'starknet_getNonce') return { result: next }
    if (method === 'starknet_getTransactionStatus')
      return status === undefined ? unknownHash : { result: { finality_status: status } }
    return { error }
  }

const receipt = {
  finality_status: 'ACCEPTED_ON_L2',
  execution_status: 'SUCCEEDED',
  actual_fee: { amount: '0x0F', unit: 'FRI' },
  block_hash: '0x00AB',
  block_number: 5,
}
const header = { block_number: 5, block_hash: '0xab', timestamp: 1_800_000_000, more: {} }
const following =
  (answers: Readonly<Record<string, unknown>>): Script =>
  (method) =>
    method in answers ? { result: answers[method] } : unknownHash

const estimate = {
  l1_gas_consumed: '0x0',
  l1_gas_price: '0x3',
  l2_gas_consumed: '0x65',
  l2_gas_price: '0xA',
  l1_data_gas_consumed: '0x80',
  l1_data_gas_price: '0x1',
  overall_fee: '0x99',
  unit: 'FRI',
}
const estimating =
  (tips: readonly string[], more: object = {}): Script =>
  (method) => {
    if (method === 'starknet_getNonce') return { result: '0x3' }
    if (method === 'starknet_getBlockWithTxs')
      return {
        result: { transactions: [{ type: 'L1_HANDLER' }, ...tips.map((tip) => ({ tip }))] },
      }
    return { result: [{ ...estimate, ...more }] }
  }
