import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { ChainUnavailableError } from '../../../lib/adapters/chains/errors.ts'
import { onePlace } from '../../../lib/adapters/chains/one-place.ts'
import { type FakeRpcNode, fakeRpcNode } from './fake-rpc-node.ts'

const chainId = { method: 'eth_chainId', params: [], read: String }
const unknown = { method: 'eth_unknown', params: [], read: String }

let node: FakeRpcNode
beforeAll(async () => {
  node = await fakeRpcNode()
})
afterAll(async () => node.stop())
beforeEach(() => {
  node.trouble = 'none'
})

const place = (options: { readonly timeoutMs?: number; readonly cutOff?: AbortSignal } = {}) =>
  onePlace({ chain: 'l1', url: `${node.url}/v1/secret-key`, ...options })

test('a node is named by its host alone, or as one says', () => {
  expect(place().place).toBe(new URL(node.url).host)
  expect(onePlace({ chain: 'l1', url: node.url, place: 'the second' }).place).toBe('the second')
})

test('its answers are its own, errors too', async () => {
  const [known, other] = await place().rpc.answers([chainId, unknown])
  expect(known).toEqual({ kind: 'result', value: '0x1' })
  expect(other).toMatchObject({ kind: 'error', error: { code: -32_601 } })
})

test('where an error can only be trouble it is that of the chain, without the key in the address', async () => {
  const failure = await place()
    .rpc.values([unknown])
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ChainUnavailableError)
  expect(String(failure)).toContain('l1 did not answer eth_unknown')
  expect(String(failure)).not.toContain('secret-key')
})

test.each(['html', 'broken', 'too-many', 'limit'] as const)(
  'trouble of its own is told without the key: %s',
  async (trouble) => {
    node.trouble = trouble
    const failure = await place()
      .rpc.answers([chainId])
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ChainUnavailableError)
    expect(String(failure)).not.toContain('secret-key')
  },
)

test('one that hangs is left in time, or as soon as somebody says so', async () => {
  node.trouble = 'hangs'
  const startedAt = Date.now()
  await expect(place({ timeoutMs: 100 }).rpc.answers([chainId])).rejects.toThrow('timeout')
  const cutOff = AbortSignal.timeout(100)
  await expect(place({ cutOff }).rpc.answers([chainId])).rejects.toThrow(ChainUnavailableError)
  expect(Date.now() - startedAt).toBeLessThan(2_000)
})
