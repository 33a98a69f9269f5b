import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { RunningStarknetBox } from '../../../../infra/local/starknet-box/start-starknet-box.ts'
import { ask, nonceOf, send, signed, startBox, statusOf, taken } from './box-rpc.ts'

let box: RunningStarknetBox
let clock: Awaited<ReturnType<typeof startBox>>['clock']
beforeEach(async () => {
  const started = await startBox()
  box = started.box
  clock = started.clock
})
afterEach(async () => box.stop())

const gfri = 10n ** 9n

/** The hashes of the newest block, in its order. */
async function newestBlock(): Promise<readonly string[]> {
  const { result } = await ask(box, 'starknet_getBlockWithTxHashes', ['latest'])
  return (result as { transactions: string[] }).transactions
}

describe('what the pool takes', () => {
  test('a transaction waits for its block, seen only in the block being built', async () => {
    const hash = await taken(box, { nonce: 0 })
    expect(await statusOf(box, hash)).toBe('PRE_CONFIRMED')
    expect(await nonceOf(box, 'latest')).toBe(0)
    expect(await nonceOf(box, 'pre_confirmed')).toBe(1)
    box.makeBlock()
    expect(await statusOf(box, hash)).toBe('ACCEPTED_ON_L2')
    expect(await nonceOf(box, 'latest')).toBe(1)
    expect(await newestBlock()).toEqual([hash])
  })

  test('the same transaction twice is a duplicate in the pool, and an old nonce in a block', async () => {
    await taken(box, { nonce: 0 })
    expect((await send(box, { nonce: 0 })).error?.code).toBe(59)
    box.makeBlock()
    const { error } = await send(box, { nonce: 0 })
    const address = box.accounts[0]?.address.slice(2).padStart(64, '0')
    expect(error).toEqual({
      code: 52,
      message: 'Invalid transaction nonce',
      data: `Invalid transaction nonce of contract at address 0x${address}. Account nonce: 1; got: 0.`,
    })
  })

  test('a nonce may be 200 ahead and no more, and waits until the gap is closed', async () => {
    expect((await send(box, { nonce: 201 })).error?.code).toBe(52)
    const far = await taken(box, { nonce: 200 })
    const second = await taken(box, { nonce: 1 })
    box.makeBlock()
    expect(await statusOf(box, second)).toBe('RECEIVED')
    const first = await taken(box, { nonce: 0 })
    box.makeBlock()
    expect(await newestBlock()).toEqual([first, second])
    expect(await statusOf(box, far)).toBe('RECEIVED')
  })

  test.each([
    { tip: 109n, l2Price: 110n * gfri, code: 64 },
    { tip: 110n, l2Price: 109n * gfri, code: 64 },
    { tip: 110n, l2Price: 110n * gfri, code: undefined },
  ])('a replacement of tip 100 and price 100 by $tip and $l2Price', async ({ code, ...offer }) => {
    const old = await taken(box, { nonce: 0, tip: 100n, l2Price: 100n * gfri })
    const { error } = await send(box, { nonce: 0, ...offer })
    expect(error?.code).toBe(code)
    expect(await statusOf(box, old)).toBe(code === undefined ? 'error 29' : 'PRE_CONFIRMED')
  })

  test('a tenth is rounded up', async () => {
    await taken(box, { nonce: 0, tip: 1n })
    expect((await send(box, { nonce: 0, tip: 1n, l2Price: 10n ** 12n })).error?.code).toBe(64)
    expect((await send(box, { nonce: 0, tip: 2n, l2Price: 10n ** 12n })).error).toBeUndefined()
  })

  test('five minutes after it came a transaction is forgotten', async () => {
    const hash = await taken(box, { nonce: 1 })
    clock.advance(300)
    expect(await statusOf(box, hash)).toBe('RECEIVED')
    clock.advance(1)
    expect(await statusOf(box, hash)).toBe('error 29')
  })

  test('the highest tip comes first, but never before the account’s own earlier nonces', async () => {
    const modest = await taken(box, { nonce: 0, tip: 5n })
    const generous = await taken(box, { nonce: 0, tip: 50n, account: 1 })
    const late = await taken(box, { nonce: 1, tip: 500n })
    box.makeBlock()
    expect(await newestBlock()).toEqual([generous, modest, late])
  })

  test('who offers less than the price of the day waits until it falls', async () => {
    const hash = await taken(box, { nonce: 0, l2Price: 10n * gfri })
    box.setGasPrices({ l2Gas: 20n * gfri })
    expect((await send(box, { nonce: 0, account: 1, l2Price: 10n * gfri })).error?.code).toBe(53)
    box.makeBlock()
    expect(await statusOf(box, hash)).toBe('RECEIVED')
    box.setGasPrices({ l2Gas: 8n * gfri })
    box.makeBlock()
    expect(await statusOf(box, hash)).toBe('ACCEPTED_ON_L2')
  })
})

describe('what the gateway refuses', () => {
  test.each([
    { what: 'a price below the least', sending: { l2Price: 8n * gfri - 1n }, code: 65 },
    { what: 'less gas than validation takes', sending: { l2Amount: 1_000n }, code: 53 },
    { what: 'more than the account has', sending: { l2Price: 10n ** 20n }, code: 54 },
    { what: 'more gas than one transaction may have', sending: { l2Amount: 10n ** 10n }, code: 63 },
  ])('$what: error $code', async ({ sending, code }) => {
    expect((await send(box, { nonce: 0, ...sending })).error?.code).toBe(code)
  })

  test('a signature that is not the account’s, in the words of a real node', async () => {
    const wire = await signed(box, { nonce: 0 })
    const forged = { ...wire, tip: '0x7' }
    const { error } = await ask(box, 'starknet_addInvokeTransaction', [forged])
    expect(error).toMatchObject({ code: 55, message: 'Account validation failed' })
    expect(error?.data).toMatch(
      /^The `validate` entry point panicked with:\nError in contract \(contract address: 0x[0-9a-f]{64}, class hash: 0x[0-9a-f]{64}, selector: 0x0162da33a4585851fe8d3af3c2a9c60b557814e221e0d4f30ff0b2189d9c7775\):\n0x4163636f756e743a20696e76616c6964207369676e6174757265 \('Account: invalid signature'\)\.\n$/,
    )
  })

  test('an account that does not exist, an old version, and something else altogether', async () => {
    const wire = await signed(box, { nonce: 0 })
    const add = async (transaction: unknown) =>
      (await ask(box, 'starknet_addInvokeTransaction', [transaction])).error
    const nobody = await add({ ...wire, sender_address: '0x1234' })
    expect(nobody).toMatchObject({
      code: 55,
      data: expect.stringMatching(/is not deployed/) as string,
    })
    const query = await add({ ...wire, version: '0x100000000000000000000000000000003' })
    expect(query?.code).toBe(61)
    expect(await add({ type: 'INVOKE' })).toMatchObject({
      code: -32602,
      message: expect.stringMatching(/version/) as string,
    })
    const declared = await ask(box, 'starknet_addDeclareTransaction', [{}])
    expect(declared.error).toMatchObject({
      code: 63,
      data: expect.stringMatching(/declared/) as string,
    })
  })

  test('calldata of more than 5000 felts', async () => {
    const wire = await signed(box, { nonce: 0 })
    const calldata = Array.from({ length: 5_001 }, () => '0x0')
    const { error } = await ask(box, 'starknet_addInvokeTransaction', [{ ...wire, calldata }])
    expect(error).toMatchObject({ code: 63, data: expect.stringMatching(/5001 exceeds/) as string })
  })
})
