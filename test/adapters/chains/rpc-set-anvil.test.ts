import { afterAll, beforeAll, expect, test } from 'vitest'

import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import type { Call } from '../../../lib/domain/transaction.ts'
import { anvil } from './anvil.ts'
import { anvilSecret, evmKey, wallClock } from './keys.ts'

const key = evmKey(anvilSecret)
const account = key.address
const quiet: Call = { kind: 'evm', to: '0x00000000000000000000000000000000000c0de1', data: '0x' }

let nodes: readonly Awaited<ReturnType<typeof anvil>>[]
beforeAll(async () => {
  nodes = await Promise.all([anvil(['--no-mining']), anvil(['--no-mining'])])
})
afterAll(async () => {
  await Promise.all(nodes.map(async (node) => node.stop()))
})

/** One node follows the other as far as heights and this account go: both make a block of what was sent to both. */
async function mine(some = nodes): Promise<void> {
  for (const node of some) await node.rpc('evm_mine')
}

test('a transaction lands while one of two real nodes hangs, and neither nonce nor head goes back when it is there again', async () => {
  const chain = evmChain({
    name: 'local',
    rpcUrls: nodes.map(({ url }) => url),
    chainId: 31_337,
    blockSeconds: 1,
    finalityBlocks: 1,
    keys: [key],
    clock: wallClock,
    timeoutMs: 2_000,
  })

  async function send(): Promise<`0x${string}`> {
    const simulated = await chain.simulate(account, [quiet])
    if (simulated.kind !== 'ok') throw new Error(simulated.reason)
    const { pending } = await chain.nonce(account)
    const signed = await chain.sign(account, { calls: [quiet], nonce: pending, fee: simulated.fee })
    expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'accepted' })
    return signed.hash
  }

  const first = await send()
  await mine()
  await chain.head()
  expect(await chain.status(first)).toMatchObject({ kind: 'included', outcome: 'succeeded' })
  expect(await chain.nonce(account)).toEqual({ latest: 1, pending: 1 })

  const [hanging, other] = nodes
  if (!hanging || !other) throw new Error('there are not two nodes')
  await hanging.pause()
  const second = await send()
  await mine([other])
  expect(await chain.head()).toMatchObject({ number: 2 })
  expect(await chain.status(second)).toMatchObject({ kind: 'included' })
  expect(await chain.nonce(account)).toEqual({ latest: 2, pending: 2 })
  expect(chain.nodes()[0]?.state).toBe('quarantined')

  hanging.resume()
  await expect
    .poll(
      async () => {
        expect(await chain.head()).toMatchObject({ number: 2 })
        expect((await chain.nonce(account)).latest).toBe(2)
        return chain.nodes().map(({ state }) => state)
      },
      { timeout: 15_000, interval: 200 },
    )
    .toEqual(['behind', 'healthy'])
  await mine([hanging])
  await chain.head()
  expect(chain.nodes().map(({ state }) => state)).toEqual(['healthy', 'healthy'])
})
