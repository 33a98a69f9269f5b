import { keccak256, sha256 } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { LostBlobError } from '../../../lib/adapters/chains/evm-blobs.ts'
import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import type { Fee } from '../../../lib/domain/fee.ts'
import type { Call } from '../../../lib/domain/transaction.ts'
import type { BlobSidecar } from '../../../lib/ports.ts'
import { generatorOfCurve, zeroOfCurve, zeroSidecar } from '../kzg/constant-blobs.ts'
import { warmKzg } from '../settlement/warm-kzg.ts'
import { anvil } from './anvil.ts'
import { anvilSecret, evmKey, wallClock } from './keys.ts'

const key = evmKey(anvilSecret)
const account = key.address
const hash = `0x01${sha256(zeroOfCurve).slice(4)}` as const
const calls: readonly Call[] = [{ kind: 'evm', to: account, data: '0x', blobs: [hash] }]

let node: Awaited<ReturnType<typeof anvil>>
const kept = new Map<string, BlobSidecar>()

beforeAll(async () => {
  node = await anvil(['--hardfork', 'osaka'])
  await warmKzg(node)
})
afterAll(async () => node.stop())
beforeEach(() => kept.clear())

function chain() {
  return evmChain({
    name: 'l1',
    rpcUrls: [node.url],
    chainId: 31_337,
    blockSeconds: 12,
    finalityBlocks: 2,
    keys: [key],
    clock: wallClock,
    sidecars: { read: async (name) => Promise.resolve(kept.get(name)) },
  })
}

async function ready() {
  const l1 = chain()
  const simulated = await l1.simulate(account, calls)
  if (simulated.kind !== 'ok') throw new Error(simulated.reason)
  const { latest } = await l1.nonce(account)
  return { l1, fee: simulated.fee, nonce: latest }
}

const signed = async ({ l1, nonce }: Awaited<ReturnType<typeof ready>>, fee: Fee) =>
  l1.sign(account, { calls, nonce, fee })

describe('a transaction with a blob', () => {
  test('offers a price for it, and is in a block for what that and its gas cost', async () => {
    kept.set(hash, zeroSidecar)
    const it = await ready()
    expect(it.fee).toMatchObject({ blobs: { gas: 131_072n } })
    const { bytes, hash: name } = await signed(it, it.fee)
    expect(keccak256(bytes as `0x${string}`)).toBe(name)
    // Its blob is not in what a row has to keep.
    expect(bytes.length).toBeLessThan(1_000)
    expect(await it.l1.broadcast(bytes)).toEqual({ kind: 'accepted' })
    expect(await it.l1.broadcast(bytes)).toMatchObject({ kind: 'known' })
    // The node makes its block when it has answered.
    await expect.poll(async () => (await it.l1.status(name)).kind).toBe('included')
    const status = await it.l1.status(name)
    const receipt = (await node.rpc('eth_getTransactionReceipt', name)) as Record<string, string>
    const paid =
      BigInt(receipt['gasUsed'] ?? 0) * BigInt(receipt['effectiveGasPrice'] ?? 0) +
      131_072n * BigInt(receipt['blobGasPrice'] ?? 0)
    expect(receipt['type']).toBe('0x3')
    expect(status).toMatchObject({ kind: 'included', outcome: 'succeeded', feePaid: paid })
    expect(paid).toBeLessThanOrEqual(it.l1.mostOf(it.fee))
  })

  test('is replaced at its nonce by the same for twice as much', async () => {
    kept.set(hash, zeroSidecar)
    await node.rpc('evm_setAutomine', false)
    const it = await ready()
    const first = await signed(it, it.fee)
    expect(await it.l1.broadcast(first.bytes)).toEqual({ kind: 'accepted' })
    const second = await signed(it, it.l1.bump(it.fee, it.fee))
    expect(await it.l1.broadcast(second.bytes)).toEqual({ kind: 'accepted' })
    await node.rpc('evm_mine')
    await node.rpc('evm_setAutomine', true)
    expect(await it.l1.status(first.hash)).toMatchObject({ kind: 'unknown' })
    expect(await it.l1.status(second.hash)).toMatchObject({ kind: 'included' })
  })

  test('is not sent without what travels with it, and says which blob is missing', async () => {
    const it = await ready()
    const { bytes } = await signed(it, it.fee)
    await expect(it.l1.broadcast(bytes)).rejects.toThrow(LostBlobError)
    await expect(it.l1.broadcast(bytes)).rejects.toThrow(hash)
  })

  test('is not signed for a fee that offers nothing for it', async () => {
    const it = await ready()
    if (it.fee.kind !== 'evm') throw new TypeError('another chain’s fee')
    const { blobs: _none, ...fee } = it.fee
    await expect(signed(it, fee)).rejects.toThrow('offers nothing for its blobs')
  })

  test('is refused where a proof is another one’s, and its nonce stays free', async () => {
    const [, ...others] = zeroSidecar.cellProofs
    kept.set(hash, { ...zeroSidecar, cellProofs: [generatorOfCurve, ...others] })
    const it = await ready()
    const { bytes } = await signed(it, it.fee)
    expect(await it.l1.broadcast(bytes)).toMatchObject({ kind: 'refused', why: 'invalid' })
    expect((await it.l1.nonce(account)).pending).toBe(it.nonce)
  })
})
