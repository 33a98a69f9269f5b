import { describe, expect, onTestFinished, test } from 'vitest'

import { ChainUnavailableError } from '../../../lib/adapters/chains/errors.ts'
import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Clock } from '../../../lib/ports.ts'
import { type FakeRpcNode, fakeRpcNode } from './fake-rpc-node.ts'
import { wallClock } from './keys.ts'

const account = '0x00000000000000000000000000000000000000aa'
const bytes = '0x02f8'
const blockSeconds = 12

/** The wall clock, and as much later as a test says. */
function movableClock(): Clock & { pass(ms: number): void } {
  let later = 0
  return {
    now: () => timestamp(wallClock.now() + later),
    sleep: async (ms) => wallClock.sleep(ms),
    pass(ms) {
      later += ms
    },
  }
}

/** A chain of these nodes. Heights are compared anew at each `head()`. */
function chainOf(
  all: readonly FakeRpcNode[],
  { timeoutMs = 400, cutOff }: { readonly timeoutMs?: number; readonly cutOff?: AbortSignal } = {},
) {
  const clock = movableClock()
  const chain = evmChain({
    name: 'l1',
    rpcUrls: all.map(({ url }) => url),
    chainId: 1,
    blockSeconds,
    finalityBlocks: 64,
    keys: [],
    clock,
    timeoutMs,
    cutOff,
  })
  return Object.assign(chain, { clock })
}

async function nodes<const Starts extends readonly Parameters<typeof fakeRpcNode>[0][]>(
  ...starts: Starts
): Promise<{ [K in keyof Starts]: FakeRpcNode }> {
  const made = await Promise.all(starts.map(async (start) => fakeRpcNode(start)))
  onTestFinished(async () => {
    await Promise.all(made.map(async (node) => node.stop()))
  })
  return made as { [K in keyof Starts]: FakeRpcNode }
}

const timesAsked = ({ asked }: FakeRpcNode, method: string) =>
  asked.filter((one) => one === method).length
const long = 'eth_getBalance'

describe('the head', () => {
  test('is the height that most nodes have reached', async () => {
    const all = await nodes({ height: 100 }, { height: 103 }, { height: 102 })
    expect(await chainOf(all).head()).toMatchObject({ number: 102 })
  })

  test('of two nodes is the lower one', async () => {
    const all = await nodes({ height: 101 }, { height: 100 })
    expect(await chainOf(all).head()).toMatchObject({ number: 100 })
  })

  test('of two nodes is that of the one that still sees blocks', async () => {
    const now = Math.floor(Date.now() / 1000)
    const all = await nodes({ height: 90, seconds: now - 120 }, { height: 100 })
    const chain = chainOf(all)
    expect(await chain.head()).toMatchObject({ number: 100 })
    expect(chain.nodes()[0]).toMatchObject({ state: 'quarantined', lagBlocks: 10 })
  })

  test('is not the invention of one node, which is then left alone', async () => {
    const [liar, ...honest] = await nodes({ height: 9_000_000 }, { height: 100 }, { height: 100 })
    const chain = chainOf([liar, ...honest])
    expect(await chain.head()).toMatchObject({ number: 100 })
    expect(chain.nodes()[0]).toMatchObject({ state: 'quarantined', height: 9_000_000 })
    liar.asked.length = 0
    for (let looks = 0; looks < 3; looks += 1) await chain.balance(account)
    expect(liar.asked).toEqual([])
  })

  test('of two nodes is not the invention of one', async () => {
    const all = await nodes({ height: 100 }, { height: 9_000_000 })
    const chain = chainOf(all)
    expect(await chain.head()).toMatchObject({ number: 100 })
    expect(await chain.balance(account)).toBe(100n)
  })

  test('does not go back where the nodes that have it fall silent', async () => {
    const [one, two, late] = await nodes({ height: 100 }, { height: 100 }, { height: 98 })
    const now = Math.floor(Date.now() / 1000)
    late.seconds = now - 24
    const chain = chainOf([one, two, late])
    expect(await chain.head()).toMatchObject({ number: 100 })
    one.trouble = 'broken'
    two.trouble = 'broken'
    expect(await chain.head()).toMatchObject({ number: 100 })
    await expect(chain.balance(account)).rejects.toThrow(/behind \(2 blocks\)/)
    late.height = 100
    late.seconds = now
    await chain.head()
    expect(await chain.balance(account)).toBe(100n)
  })

  test('goes back where most nodes went back', async () => {
    const all = await nodes({ height: 100 }, { height: 100 }, { height: 100 })
    const chain = chainOf(all)
    await chain.head()
    for (const node of all.slice(0, 2))
      Object.assign(node, { height: 97, seconds: node.seconds - 36 })
    expect(await chain.head()).toMatchObject({ number: 97 })
  })

  test('is told however old it is', async () => {
    const hourAgo = Math.floor(Date.now() / 1000) - 3_600
    const all = await nodes({ seconds: hourAgo }, { seconds: hourAgo })
    expect(await chainOf(all).head()).toMatchObject({ number: 100, time: hourAgo * 1000 })
  })

  test('is unknown where nobody answers, and the reasons name hosts, never paths', async () => {
    const [one, two] = await nodes({}, {})
    one.trouble = 'broken'
    two.trouble = 'html'
    const keyed = { ...two, url: `${two.url}/v3/secret` }
    const head = chainOf([one, keyed]).head()
    await expect(head).rejects.toThrow(/503.*not JSON/)
    await expect(head).rejects.not.toThrow(/secret/)
  })
})

describe('what decides', () => {
  test('is not asked of a node that lacks the agreed block', async () => {
    const [late, ...others] = await nodes({ height: 99 }, { height: 100 }, { height: 100 })
    const chain = chainOf([late, ...others])
    expect(await chain.balance(account)).toBe(100n)
    expect(chain.nodes()[0]).toMatchObject({ state: 'behind', lagBlocks: 1 })
    late.height = 101
    for (const node of others) node.height = 101
    await chain.head()
    expect(chain.nodes()[0]).toMatchObject({ state: 'healthy', lagBlocks: 0 })
  })

  test('is asked of the first of equally good nodes', async () => {
    const [first, second] = await nodes({}, {})
    const chain = chainOf([first, second])
    for (let looks = 0; looks < 5; looks += 1) await chain.balance(account)
    expect([timesAsked(first, long), timesAsked(second, long)]).toEqual([5, 0])
  })

  test('is asked of the fast one of two', async () => {
    const [slow, fast] = await nodes({}, {})
    slow.trouble = { slowMs: 250 }
    const chain = chainOf([slow, fast])
    await chain.balance(account)
    expect([timesAsked(slow, long), timesAsked(fast, long)]).toEqual([0, 1])
    expect(chain.nodes()[0]?.latencyMs).toBeGreaterThanOrEqual(200)
  })

  test.each(['hangs', 'html', 'too-many', 'limit', 'broken'] as const)(
    'is answered by another node within the same call where one %s',
    async (trouble) => {
      const [bad, good] = await nodes({}, {})
      const chain = chainOf([bad, good])
      await chain.head()
      bad.trouble = trouble
      expect(await chain.balance(account)).toBe(100n)
      expect(chain.nodes()[0]).toMatchObject({ state: 'quarantined', faults: 1 })
    },
  )

  test('is answered where one node is not even there', async () => {
    const [gone, good] = await nodes({}, {})
    const chain = chainOf([{ ...gone, url: 'http://127.0.0.1:9/key' }, good])
    expect(await chain.head()).toMatchObject({ number: 100 })
    expect(await chain.balance(account)).toBe(100n)
    expect(chain.nodes().map(({ node }) => node)).toEqual(['127.0.0.1:9', new URL(good.url).host])
  })

  test('is asked of a node in quarantine where nobody else answers', async () => {
    const [one, two] = await nodes({}, {})
    const chain = chainOf([one, two])
    await chain.head()
    one.trouble = 'broken'
    await chain.balance(account)
    one.trouble = 'none'
    two.trouble = 'broken'
    expect(await chain.balance(account)).toBe(100n)
    expect(chain.nodes()[0]?.state).toBe('healthy')
  })

  test('is never asked of a node of another chain, which is told at the start', async () => {
    const [stranger, ours] = await nodes({ height: 100 }, { height: 100 })
    stranger.chainId = 5
    const chain = chainOf([stranger, ours])
    expect(await chain.check()).toEqual([
      `the node ${new URL(stranger.url).host} is on chain 5, the network file says 1; name a node of that chain`,
    ])
    await chain.balance(account)
    ours.trouble = 'broken'
    await expect(chain.balance(account)).rejects.toThrow(/wrong-chain/)
    await expect(chain.head()).rejects.toThrow(ChainUnavailableError)
    expect(timesAsked(stranger, long)).toBe(0)
    stranger.chainId = 1
    chain.clock.pass(70_000)
    expect(await chain.balance(account)).toBe(100n)
  })

  test('asks which chain it is once, and heights only as often as they change', async () => {
    const [one, two] = await nodes({}, {})
    const chain = chainOf([one, two])
    await Promise.all([chain.balance(account), chain.balance(account), chain.nonce(account)])
    await chain.balance(account)
    expect(timesAsked(two, 'eth_chainId')).toBe(1)
    expect(timesAsked(two, 'eth_getBlockByNumber')).toBe(1)
    chain.clock.pass(5_000)
    await chain.balance(account)
    expect(timesAsked(two, 'eth_chainId')).toBe(1)
    expect(timesAsked(two, 'eth_getBlockByNumber')).toBe(2)
  })

  test('leaves a node that comes and goes alone for longer each time, up to a minute', async () => {
    const [flapping, steady] = await nodes({}, {})
    const chain = chainOf([flapping, steady])
    const lengths: number[] = []
    for (let times = 0; times < 8; times += 1) {
      flapping.trouble = 'broken'
      await chain.head()
      const { until } = chain.nodes()[0] ?? {}
      lengths.push((until ?? 0) - chain.clock.now())
      chain.clock.pass(75_000 - 70_000 * Number(times < 6))
      flapping.trouble = 'none'
      while (chain.nodes()[0]?.until !== undefined) chain.clock.pass(1_000)
      await chain.head()
      expect(chain.nodes()[0]?.state).toBe('healthy')
    }
    expect(lengths[0]).toBeLessThan(1_300)
    expect(lengths[3]).toBeGreaterThan(4_000)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(72_000)
  })
})

describe('a nonce', () => {
  test('of the past is not believed, and counts against the node', async () => {
    const [one, two] = await nodes({ latestNonce: 7 }, { latestNonce: 7 })
    const chain = chainOf([one, two])
    expect(await chain.nonce(account)).toEqual({ latest: 7, pending: 7 })
    // A fleet behind one address: the head of one machine, the nonce of another.
    Object.assign(one, { height: 98, seconds: one.seconds - 24, latestNonce: 5, pendingNonce: 5 })
    expect(await chain.nonce(account)).toEqual({ latest: 7, pending: 7 })
    const [lagging] = chain.nodes()
    expect(lagging).toMatchObject({ state: 'quarantined', faults: 1 })
    expect(lagging?.lagScore).toBeGreaterThan(0)
    two.trouble = 'broken'
    await expect(chain.nonce(account)).rejects.toThrow(ChainUnavailableError)
  })

  test('that is lower at the same height is a lie of the one that says it', async () => {
    const all = await nodes({ latestNonce: 7 }, { latestNonce: 7 }, { latestNonce: 7 })
    const chain = chainOf(all)
    await chain.nonce(account)
    all[0].latestNonce = 3
    expect(await chain.nonce(account)).toEqual({ latest: 7, pending: 7 })
    expect(chain.nodes()[0]?.state).toBe('quarantined')
  })

  test('of two nodes is the higher one where one takes it back', async () => {
    const all = await nodes({ latestNonce: 7 }, { latestNonce: 7 })
    const chain = chainOf(all)
    await chain.nonce(account)
    all[0].latestNonce = 3
    all[0].height += 1
    expect((await chain.nonce(account)).latest).toBe(7)
  })

  test('falls where most nodes take it back: the chain reorganised', async () => {
    const all = await nodes({ latestNonce: 7 }, { latestNonce: 7 }, { latestNonce: 7 })
    const chain = chainOf(all)
    await chain.nonce(account)
    for (const node of all.slice(0, 2)) Object.assign(node, { latestNonce: 6, pendingNonce: 6 })
    expect(await chain.nonce(account)).toEqual({ latest: 6, pending: 6 })
    expect(await chain.nonce(account)).toEqual({ latest: 6, pending: 6 })
  })

  test('of a single node is what it says, but not from the past', async () => {
    const [node] = await nodes({ latestNonce: 7 })
    const chain = chainOf([node])
    await chain.nonce(account)
    Object.assign(node, { height: 98, seconds: node.seconds - 24, latestNonce: 5 })
    await expect(chain.nonce(account)).rejects.toThrow(/from 2 blocks ago/)
    // The chain was begun anew.
    Object.assign(node, { height: 3, seconds: node.seconds + 60, latestNonce: 1, pendingNonce: 1 })
    await chain.head()
    expect(await chain.nonce(account)).toEqual({ latest: 1, pending: 1 })
  })

  test('is kept for each account alone', async () => {
    const [node] = await nodes({ latestNonce: 7 })
    const chain = chainOf([node])
    await chain.nonce(account)
    node.latestNonce = 2
    expect((await chain.nonce('0x00000000000000000000000000000000000000bb')).latest).toBe(2)
  })
})

describe('a transaction', () => {
  const tooLow = { refuses: 'nonce too low' }

  test('goes to every node in good standing', async () => {
    const all = await nodes({}, {}, { height: 99 })
    const chain = chainOf(all)
    expect(await chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    expect(all.map((node) => timesAsked(node, 'eth_sendRawTransaction'))).toEqual([1, 1, 1])
  })

  test('that one node takes is taken, whatever the others say', async () => {
    const all = await nodes({}, {}, {})
    all[0].onSend = tooLow
    all[1].onSend = { refuses: 'insufficient funds' }
    expect(await chainOf(all).broadcast(bytes)).toEqual({ kind: 'accepted' })
    all[2].onSend = 'known'
    expect(await chainOf(all).broadcast(bytes)).toEqual({ kind: 'known' })
  })

  test('that all refuse is refused for the reason of most, and of the mildest consequence', async () => {
    const all = await nodes({}, {}, {})
    for (const node of all) node.onSend = { refuses: 'replacement transaction underpriced' }
    all[0].onSend = tooLow
    expect(await chainOf(all).broadcast(bytes)).toMatchObject({ why: 'underpriced' })
    all[1].onSend = { refuses: 'insufficient funds for gas' }
    expect(await chainOf(all).broadcast(bytes)).toMatchObject({ why: 'nonce-too-low' })
  })

  test('that one node refuses is not refused while another one may have it', async () => {
    const all = await nodes({}, {})
    const chain = chainOf(all)
    await chain.head()
    all[0].onSend = { refuses: 'insufficient funds' }
    all[1].trouble = 'hangs'
    await expect(chain.broadcast(bytes)).rejects.toThrow(ChainUnavailableError)
    // It is in quarantine now, and not asked.
    expect(await chain.broadcast(bytes)).toMatchObject({ kind: 'refused', why: 'funds' })
  })

  test('that one node refuses and another has no time for is refused', async () => {
    const all = await nodes({}, {})
    const chain = chainOf(all)
    await chain.head()
    all[0].onSend = { refuses: 'insufficient funds' }
    all[1].trouble = 'too-many'
    expect(await chain.broadcast(bytes)).toMatchObject({ kind: 'refused', why: 'funds' })
  })

  test('that is taken does not wait for a node that hangs', async () => {
    const all = await nodes({}, {})
    const chain = chainOf(all, { timeoutMs: 60_000 })
    await chain.head()
    all[1].trouble = 'hangs'
    expect(await chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
    expect(chain.nodes()[1]?.why).toContain('slower than the others')
  })
})

/** Two nodes, of which the first, the better one, has said so; the time is moved by hand from here on. */
async function toldBy(retryAfter: string) {
  const all = await nodes({}, {})
  const chain = chainOf(all)
  await chain.head()
  all[0].trouble = { retryAfter }
  expect(await chain.balance(account)).toBe(100n)
  all[0].trouble = 'none'
  all[0].asked.length = 0
  return { chain, all }
}

describe('a node that asks to be left alone', () => {
  test.for(['in seconds', 'with a date'])(
    'is not asked before that, and others serve: %s',
    async (how) => {
      const date = new Date(Date.now() + 31_000).toUTCString()
      const { chain, all } = await toldBy(how === 'in seconds' ? '30' : date)
      expect(chain.nodes()[0]).toMatchObject({
        state: 'quarantined',
        why: 'rate-limited: status 429',
      })
      for (let second = 0; second < 28; second += 4) {
        await chain.head()
        expect(await chain.balance(account)).toBe(100n)
        expect(await chain.broadcast(bytes)).toEqual({ kind: 'accepted' })
        chain.clock.pass(4_000)
      }
      expect(all[0].asked).toEqual([])
      chain.clock.pass(5_000)
      await chain.head()
      expect(timesAsked(all[0], 'eth_getBlockByNumber')).toBe(1)
      expect(chain.nodes()[0]).toMatchObject({ state: 'healthy', until: undefined })
    },
  )

  test('for a day is asked again after a minute', async () => {
    const { chain, all } = await toldBy('86400')
    chain.clock.pass(58_000)
    await chain.head()
    expect(all[0].asked).toEqual([])
    chain.clock.pass(3_000)
    await chain.head()
    expect(timesAsked(all[0], 'eth_getBlockByNumber')).toBe(1)
  })

  test('in words that nobody can read is one that failed to answer', async () => {
    const { chain, all } = await toldBy('soon')
    chain.clock.pass(1_300)
    await chain.head()
    expect(timesAsked(all[0], 'eth_getBlockByNumber')).toBe(1)
  })

  test('is left alone too where there is no other', async () => {
    const [only] = await nodes({})
    const chain = chainOf([only])
    await chain.head()
    only.trouble = { retryAfter: '20' }
    await expect(chain.balance(account)).rejects.toThrow('status 429')
    only.trouble = 'none'
    only.asked.length = 0
    for (const asked of [chain.head(), chain.balance(account), chain.broadcast(bytes)])
      await expect(asked).rejects.toThrow(/asked to be left alone until/)
    expect(only.asked).toEqual([])
    chain.clock.pass(20_500)
    expect(await chain.balance(account)).toBe(100n)
  })
})

test('nothing waits for nodes that hang once all questions are cut off', async () => {
  const all = await nodes({}, {})
  const cut = new AbortController()
  const chain = chainOf(all, { timeoutMs: 60_000, cutOff: cut.signal })
  await chain.head()
  for (const node of all) node.trouble = 'hangs'
  const asked = [chain.head(), chain.balance(account), chain.broadcast(bytes)]
  const ends = Promise.allSettled(asked)
  setTimeout(() => cut.abort(new Error('stopped by a test')), 100)
  for (const end of await ends) {
    const reason: unknown = end.status === 'rejected' ? end.reason : undefined
    expect(reason).toBeInstanceOf(ChainUnavailableError)
    expect(String(reason)).toContain('stopped by a test')
  }
  await expect(chain.head()).rejects.toThrow(ChainUnavailableError)
})

test('what is shown of a node never holds its URL', async () => {
  const [one] = await nodes({})
  const keyed = [`${one.url}/v3/secret`, `${one.url}/v3/other`].map((url) => ({ ...one, url }))
  const chain = chainOf(keyed)
  await chain.head()
  const host = new URL(one.url).host
  expect(chain.nodes().map(({ node }) => node)).toEqual([host, `${host} #2`])
  expect(JSON.stringify(chain.nodes())).not.toContain('secret')
})
