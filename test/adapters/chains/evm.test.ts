import * as fc from 'fast-check'
import {
  encodeErrorResult,
  numberToHex,
  parseAbi,
  parseTransaction,
  recoverTransactionAddress,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { UnfitTransactionError, UnknownAccountError } from '../../../lib/adapters/chains/errors.ts'
import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import { type EvmFee, FeeCapError } from '../../../lib/domain/fee.ts'
import type { Call } from '../../../lib/domain/transaction.ts'
import { anvil } from './anvil.ts'
import { anvilSecret, evmKey, otherAnvilSecret, wallClock } from './keys.ts'

const chainId = 31337
const key = evmKey(anvilSecret)
const account = key.address

/** Gives back what it is called with as revert data; succeeds without any. */
const mirror = '0x00000000000000000000000000000000000c0de1'
const mirrorCode = '0x3615600c57365f5f37365ffd5b00'

const own = parseAbi(['error TooOld(uint64 round)'])
const errors = parseAbi(['error Error(string)', 'error Panic(uint256)'])

function callMirror(data: `0x${string}`): Call {
  return { kind: 'evm', to: mirror, data }
}
const quiet = callMirror('0x')
const fee: EvmFee = {
  kind: 'evm',
  gas: 60_000n,
  maxFeePerGas: 20_000_000_000n,
  maxPriorityFeePerGas: 1_000_000_000n,
}

describe('signing', () => {
  const chain = evmChain({
    name: 'local',
    blockSeconds: 1,
    finalityBlocks: 1,
    rpcUrls: [],
    chainId,
    keys: [key],
    clock: wallClock,
  })

  test('gives the very bytes and hash of viem’s own signer, each time the same', async () => {
    const price = fc.bigInt(1n, 2n ** 40n)
    const input = fc.record({
      nonce: fc.nat(),
      gas: fc.bigInt(21_000n, 30_000_000n),
      tip: price,
      above: price,
      data: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    })
    const law = fc.asyncProperty(input, async ({ nonce, gas, tip, above, data }) => {
      const prices = { gas, maxFeePerGas: tip + above, maxPriorityFeePerGas: tip }
      const calls = [callMirror(`0x${data}`)]
      const signed = await chain.sign(account, { calls, nonce, fee: { kind: 'evm', ...prices } })
      const theirs = await privateKeyToAccount(anvilSecret).signTransaction({
        type: 'eip1559',
        chainId,
        nonce,
        to: mirror,
        data: `0x${data}`,
        ...prices,
      })
      expect(signed.bytes).toBe(theirs)
      expect(await chain.sign(account, { calls, nonce, fee: { kind: 'evm', ...prices } })).toEqual(
        signed,
      )
    })
    await fc.assert(law, { numRuns: 30 })
  })

  test('is by the account that was asked for, however its address is written', async () => {
    const { bytes } = await chain.sign(account.toLowerCase(), { calls: [quiet], nonce: 3, fee })
    const sent = bytes as `0x02${string}`
    expect(await recoverTransactionAddress({ serializedTransaction: sent })).toBe(account)
    expect(parseTransaction(sent)).toMatchObject({ chainId, nonce: 3, gas: fee.gas })
  })

  test('refuses an account without key, two calls, and another chain’s call', async () => {
    const nobody = chain.sign(mirror, { calls: [quiet], nonce: 0, fee })
    await expect(nobody).rejects.toThrow(UnknownAccountError)
    const two = chain.sign(account, { calls: [quiet, quiet], nonce: 0, fee })
    await expect(two).rejects.toThrow(UnfitTransactionError)
    const foreign: Call = { kind: 'starknet', to: '0x1', entrypoint: 'price_tick', calldata: [] }
    const other = chain.sign(account, { calls: [foreign], nonce: 0, fee })
    await expect(other).rejects.toThrow(UnfitTransactionError)
  })

  test('refuses what could cost more than the cap, and takes the cap itself', async () => {
    const feeCap = fee.gas * fee.maxFeePerGas
    const options = {
      name: 'local',
      blockSeconds: 1,
      finalityBlocks: 1,
      rpcUrls: [],
      chainId,
      keys: [key],
      clock: wallClock,
    }
    const capped = evmChain({ ...options, feeCap: feeCap - 1n })
    await expect(capped.sign(account, { calls: [quiet], nonce: 0, fee })).rejects.toThrow(
      FeeCapError,
    )
    const fits = evmChain({ ...options, feeCap })
    await expect(fits.sign(account, { calls: [quiet], nonce: 0, fee })).resolves.toMatchObject({
      fee,
    })
  })
})

describe('replacing', () => {
  const chain = evmChain({
    name: 'local',
    blockSeconds: 1,
    finalityBlocks: 1,
    rpcUrls: [],
    chainId,
    keys: [],
    clock: wallClock,
  })
  const fees = fc
    .record({
      gas: fc.bigInt(21_000n, 30_000_000n),
      tip: fc.bigInt(0n, 2n ** 50n),
      above: fc.bigInt(0n, 2n ** 50n),
    })
    .map(({ gas, tip, above }): EvmFee => ({
      kind: 'evm',
      gas,
      maxFeePerGas: tip + above,
      maxPriorityFeePerGas: tip,
    }))

  test('offers what the strictest pool asks, at least the market, and stays valid', () => {
    fc.assert(
      fc.property(fees, fees, (old, market) => {
        const bumped = chain.bump(old, market) as EvmFee
        // A pool with a price bump of 12.5 % compares in thousandths, and geth wants strictly more on both.
        for (const field of ['maxFeePerGas', 'maxPriorityFeePerGas'] as const) {
          expect(bumped[field] * 1000n >= old[field] * 1125n).toBe(true)
          expect(bumped[field] > old[field]).toBe(true)
          expect(bumped[field] >= market[field]).toBe(true)
        }
        expect(bumped.gas >= old.gas && bumped.gas >= market.gas).toBe(true)
        expect(bumped.maxPriorityFeePerGas <= bumped.maxFeePerGas).toBe(true)
      }),
    )
  })

  test('offers no more than that', () => {
    const old = { ...fee, maxFeePerGas: 800n, maxPriorityFeePerGas: 80n }
    const market = { ...fee, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n }
    expect(chain.bump(old, market)).toEqual({
      ...old,
      maxFeePerGas: 900n,
      maxPriorityFeePerGas: 90n,
    })
  })
})

describe('on a real node', () => {
  let node: Awaited<ReturnType<typeof anvil>>
  beforeAll(async () => {
    node = await anvil(['--no-mining'])
  })
  afterAll(async () => node.stop())
  beforeEach(async () => {
    await node.rpc('anvil_reset')
    await node.rpc('anvil_setCode', mirror, mirrorCode)
  })

  const open = (keys = [key]) =>
    evmChain({
      name: 'local',
      blockSeconds: 1,
      finalityBlocks: 1,
      rpcUrls: [node.url],
      chainId,
      keys,
      clock: wallClock,
      decodeRevert: (data) => (data.startsWith('0x1234') ? 'Ours()' : undefined),
    })
  const mine = async () => node.rpc('evm_mine')

  test('is asked at the start whether it is the right chain, and whether accounts can pay', async () => {
    expect(await open().check()).toEqual([])
    expect(await open([evmKey(`0x${'42'.repeat(32)}`)]).check()).toEqual([
      expect.stringMatching(
        /^account 0x[0-9a-fA-F]{40} has nothing to pay fees with; send it some$/,
      ),
    ])
    const mainnet = {
      name: 'x',
      blockSeconds: 12,
      finalityBlocks: 1,
      rpcUrls: [node.url],
      chainId: 1,
      keys: [key],
    }
    expect(await evmChain({ ...mainnet, clock: wallClock }).check()).toEqual([
      `the node ${new URL(node.url).host} is on chain ${chainId}, the network file says 1; name a node of that chain`,
    ])
  })

  test('a transaction goes from unknown to pending to included, and repeating it is success', async () => {
    const chain = open()
    const simulated = await chain.simulate(account, [quiet])
    if (simulated.kind !== 'ok') throw new Error(simulated.reason)
    const { pending } = await chain.nonce(account)
    const signed = await chain.sign(account, { calls: [quiet], nonce: pending, fee: simulated.fee })
    expect(await chain.status(signed.hash)).toEqual({ kind: 'unknown' })
    expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'accepted' })
    expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'known' })
    expect(await chain.status(signed.hash)).toEqual({ kind: 'pending' })
    expect(await chain.nonce(account)).toEqual({ latest: 0, pending: 1 })
    await mine()
    const before = 10n ** 22n
    const included = await chain.status(signed.hash)
    if (included.kind !== 'included') throw new Error(`it is ${included.kind}`)
    expect(included).toMatchObject({ outcome: 'succeeded', reason: undefined, final: false })
    expect(included.block).toEqual(await chain.head())
    expect(included.block).toEqual(await chain.block(1))
    // What it cost is exactly what the account lacks.
    expect(before - (await chain.balance(account))).toBe(included.feePaid)
    expect(await chain.nonce(account)).toEqual({ latest: 1, pending: 1 })
    expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'known' })
  })

  test('what a simulation offers is valid and covers the gas', async () => {
    const simulated = await open().simulate(account, [quiet])
    if (simulated.kind !== 'ok' || simulated.fee.kind !== 'evm') throw new Error('no EVM fee')
    const latest = (await node.rpc('eth_getBlockByNumber', 'latest', false)) as Record<
      string,
      string
    >
    const base = BigInt(latest['baseFeePerGas'] ?? 0)
    const tip = BigInt(String(await node.rpc('eth_maxPriorityFeePerGas')))
    const gas = BigInt(String(await node.rpc('eth_estimateGas', { from: account, to: mirror })))
    expect(simulated.fee.maxFeePerGas).toBe(base * 2n + tip)
    expect(simulated.fee.maxPriorityFeePerGas).toBe(tip)
    expect(simulated.fee.gas >= gas).toBe(true)
  })

  test('a replacement that the pool finds too cheap is refused, a bumped one taken, and the loser forgotten', async () => {
    const chain = open()
    const first = await chain.sign(account, { calls: [quiet], nonce: 0, fee })
    await chain.broadcast(first.bytes)
    const little = { ...fee, maxFeePerGas: fee.maxFeePerGas - 1n }
    const cheap = await chain.sign(account, { calls: [quiet], nonce: 0, fee: little })
    expect(await chain.broadcast(cheap.bytes)).toMatchObject({
      kind: 'refused',
      why: 'underpriced',
    })
    const bumped = await chain.sign(account, {
      calls: [quiet],
      nonce: 0,
      fee: chain.bump(fee, fee),
    })
    expect(await chain.broadcast(bumped.bytes)).toEqual({ kind: 'accepted' })
    await mine()
    expect(await chain.status(bumped.hash)).toMatchObject({ kind: 'included' })
    expect(await chain.status(first.hash)).toEqual({ kind: 'unknown' })
    expect(await chain.broadcast(first.bytes)).toMatchObject({
      kind: 'refused',
      why: 'nonce-too-low',
    })
  })

  test('what the node refuses says why', async () => {
    const poor = evmKey(generatePrivateKey())
    const chain = open([key, poor])
    const unfunded = await chain.sign(poor.address, { calls: [quiet], nonce: 0, fee })
    expect(await chain.broadcast(unfunded.bytes)).toMatchObject({ kind: 'refused', why: 'funds' })
    const tiny = await chain.sign(account, {
      calls: [quiet],
      nonce: 0,
      fee: { ...fee, gas: 1_000n },
    })
    expect(await chain.broadcast(tiny.bytes)).toMatchObject({ kind: 'refused', why: 'invalid' })
    expect(await chain.broadcast('0x02')).toMatchObject({ kind: 'refused', why: 'invalid' })
    const foreign = evmChain({
      name: 'x',
      blockSeconds: 1,
      finalityBlocks: 1,
      rpcUrls: [node.url],
      chainId: 5,
      keys: [key],
      clock: wallClock,
    })
    const elsewhere = await foreign.sign(account, { calls: [quiet], nonce: 0, fee })
    expect(await chain.broadcast(elsewhere.bytes)).toMatchObject({
      kind: 'refused',
      why: 'invalid',
    })
  })

  test.each([
    [
      'a reason',
      encodeErrorResult({ abi: errors, errorName: 'Error', args: ['too late'] }),
      'too late',
    ],
    ['a panic', encodeErrorResult({ abi: errors, errorName: 'Panic', args: [17n] }), 'Panic(17)'],
    ['an error of our contracts', '0x12345678' as const, 'Ours()'],
    [
      'an error that nobody knows',
      encodeErrorResult({ abi: own, args: [9n] }),
      `unknown error ${encodeErrorResult({ abi: own, args: [9n] })}`,
    ],
  ])('a revert with %s is told before and after', async (_, data, reason) => {
    const chain = open()
    const calls = [callMirror(data)]
    expect(await chain.simulate(account, calls)).toEqual({ kind: 'reverted', reason })
    const signed = await chain.sign(account, { calls, nonce: 0, fee })
    expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'accepted' })
    await mine()
    expect(await chain.status(signed.hash)).toMatchObject({
      kind: 'included',
      outcome: 'reverted',
      reason,
    })
    expect(await chain.nonce(account)).toEqual({ latest: 1, pending: 1 })
  })

  test('a block that is not there is undefined', async () => {
    expect(await open().block(99)).toBeUndefined()
  })

  test('a block that a reorganisation replaced has another hash', async () => {
    const chain = open()
    await mine()
    const lost = await chain.block(1)
    await node.rpc('anvil_rollback', 1)
    await node.rpc('evm_setNextBlockTimestamp', numberToHex(4_000_000_000))
    await mine()
    const now = await chain.block(1)
    expect(now?.number).toBe(lost?.number)
    expect(now?.hash).not.toBe(lost?.hash)
    expect(now?.time).toBe(4_000_000_000_000)
  })

  test('another account’s transaction is no concern of ours', async () => {
    const other = evmKey(otherAnvilSecret)
    const chain = open([other])
    const signed = await chain.sign(other.address, { calls: [quiet], nonce: 0, fee })
    await chain.broadcast(signed.bytes)
    await mine()
    expect(await chain.nonce(account)).toEqual({ latest: 0, pending: 0 })
  })
})
