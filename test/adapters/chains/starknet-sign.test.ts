import * as fc from 'fast-check'
import { ec, hash, transaction } from 'starknet'
import { describe, expect, test } from 'vitest'

import { UnfitTransactionError, UnknownAccountError } from '../../../lib/adapters/chains/errors.ts'
import { FeeCapError, type StarknetFee } from '../../../lib/domain/fee.ts'
import type { Call } from '../../../lib/domain/transaction.ts'
import { account, chainId, fee, open, quiet, secret } from './starknet-samples.ts'

const felt = fc.bigInt(0n, 2n ** 251n).map((value) => `0x${value.toString(16)}` as const)
const bound = fc.record({
  maxAmount: fc.bigInt(0n, 2n ** 64n - 1n),
  maxPricePerUnit: fc.bigInt(0n, 2n ** 128n - 1n),
})
const fees = fc.record({
  kind: fc.constant('starknet' as const),
  tip: fc.bigInt(0n, 2n ** 64n - 1n),
  l1Gas: bound,
  l2Gas: bound,
  l1DataGas: bound,
})

describe('signing', () => {
  const calls = fc.array(
    fc.record({
      kind: fc.constant('starknet' as const),
      to: felt,
      entrypoint: fc.constantFrom('price_tick', 'funding_tick', 'transfer'),
      calldata: fc.array(felt, { maxLength: 8 }),
    }),
    { maxLength: 4 },
  )

  test('gives the hash, calldata and signature of starknet.js, each time the same', async () => {
    const chain = open()
    const law = fc.asyncProperty(calls, fc.nat(), fees, async (made, nonce, offered) => {
      const signed = await chain.sign(account, { calls: made, nonce, fee: offered })
      const calldata = transaction.getExecuteCalldata(
        made.map(({ to, ...call }) => ({ ...call, contractAddress: to })),
        '1',
      )
      const theirs = hash.calculateInvokeTransactionHash({
        senderAddress: account,
        version: '0x3',
        compiledCalldata: calldata,
        chainId,
        nonce,
        accountDeploymentData: [],
        nonceDataAvailabilityMode: 0,
        feeDataAvailabilityMode: 0,
        resourceBounds: {
          l1_gas: theirBound(offered.l1Gas),
          l2_gas: theirBound(offered.l2Gas),
          l1_data_gas: theirBound(offered.l1DataGas),
        },
        tip: offered.tip,
        paymasterData: [],
      })
      expect(BigInt(signed.hash)).toBe(BigInt(theirs))
      const sent = JSON.parse(signed.bytes) as { calldata: string[]; signature: string[] }
      expect(sent.calldata.map(BigInt)).toEqual(calldata.map(BigInt))
      const { r, s } = ec.starkCurve.sign(theirs, secret)
      expect(sent.signature.map(BigInt)).toEqual([r, s])
      expect(await chain.sign(account, { calls: made, nonce, fee: offered })).toEqual(signed)
    })
    await fc.assert(law, { numRuns: 30 })
  })

  test('is by the account that was asked for, however its address is written', async () => {
    const chain = open()
    const asked = { calls: [quiet], nonce: 3, fee }
    const short = `0x${account.slice(3).toUpperCase()}`
    expect(await chain.sign(short, asked)).toEqual(await chain.sign(account, asked))
  })

  test('refuses an account without key, too many calls, and another chain’s', async () => {
    const chain = open()
    const sign = async (of: string, made: readonly Call[]) =>
      chain.sign(of, { calls: made, nonce: 0, fee })
    await expect(sign('0x5', [quiet])).rejects.toThrow(UnknownAccountError)
    await expect(sign('somebody', [quiet])).rejects.toThrow(UnknownAccountError)
    await expect(sign(account, [{ kind: 'evm', to: '0x5', data: '0x' }])).rejects.toThrow(
      UnfitTransactionError,
    )
    // The gateways' limit is 5000 felts; each of these takes four, and their number one.
    await expect(sign(account, Array<Call>(1_250).fill(quiet))).rejects.toThrow('5001 felts')
    await expect(sign(account, Array<Call>(1_249).fill(quiet))).resolves.toMatchObject({ fee })
  })

  test('refuses what could cost more than the cap, tip included, and takes the cap itself', async () => {
    const most = 1_000n * (100n + 100n) + 10n * 11n
    const asked = { calls: [quiet], nonce: 0, fee }
    await expect(open(undefined, most - 1n).sign(account, asked)).rejects.toThrow(FeeCapError)
    await expect(open(undefined, most).sign(account, asked)).resolves.toMatchObject({ fee })
  })
})

function theirBound({ maxAmount, maxPricePerUnit }: StarknetFee['l2Gas']) {
  return { max_amount: maxAmount, max_price_per_unit: maxPricePerUnit }
}

describe('replacing', () => {
  const chain = open()

  test('offers what the pool asks on both fields, at least the market, and covers as much', () => {
    fc.assert(
      fc.property(fees, fees, (old, market) => {
        const bumped = chain.bump(old, market) as StarknetFee
        const pairs = [
          [bumped.tip, old.tip, market.tip],
          [bumped.l2Gas.maxPricePerUnit, old.l2Gas.maxPricePerUnit, market.l2Gas.maxPricePerUnit],
        ] as const
        for (const [now, before, usual] of pairs) {
          // The pool compares with what is there plus a tenth, rounded up.
          expect(now * 10n >= before * 11n).toBe(true)
          expect(now > before && now >= usual).toBe(true)
        }
        for (const field of ['l1Gas', 'l2Gas', 'l1DataGas'] as const)
          for (const other of [old, market]) {
            expect(bumped[field].maxAmount >= other[field].maxAmount).toBe(true)
            expect(bumped[field].maxPricePerUnit >= other[field].maxPricePerUnit).toBe(true)
          }
      }),
    )
  })

  test('offers no more than that', () => {
    const nothing = { maxAmount: 0n, maxPricePerUnit: 0n }
    const market = { ...fee, tip: 0n, l1Gas: nothing, l2Gas: nothing, l1DataGas: nothing }
    expect(chain.bump(fee, market)).toEqual({
      ...fee,
      tip: 110n,
      l2Gas: { maxAmount: 1_000n, maxPricePerUnit: 110n },
    })
  })
})
