import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { CoreConfig } from '../../../infra/contracts/core/core-config.ts'
import { starknetChain, type StarknetChainOptions } from '../../../lib/adapters/chains/starknet.ts'
import {
  starknetPerpetual,
  type StarknetPerpetualOptions,
} from '../../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import type { StarknetFee } from '../../../lib/domain/fee.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { type Timestamp, timestamp } from '../../../lib/domain/time.ts'
import type { Call } from '../../../lib/domain/transaction.ts'
import type { Engine } from '../../../lib/ports.ts'
import { starkKey, wallClock } from './keys.ts'
import { refusals } from './starknet-refusals.ts'
import {
  actionOf,
  ample,
  btc,
  eth,
  oracles,
  pricesIn,
  reportOf,
  sol,
  suiteConfig,
  type Told,
} from './starknet-world.ts'

/** A running Starknet node, with a core on it that was set up by the suite's config. */
export type StarknetNode = {
  readonly url: string
  /** As `starknet_chainId` answers. */
  readonly chainId: `0x${string}`
  readonly core: `0x${string}`
  /** The core's governor and only operator; funded. Its account contract takes Cairo 1 calldata. */
  readonly operator: NodeAccount
  /** Funded, without any role. */
  readonly stranger: NodeAccount
  /** How its core calls an asset that it does not have: this differs by generation. `ASSET_NOT_EXISTS` unless given. */
  readonly unknownAsset?: 'SYNTHETIC_NOT_EXISTS'
  /** Builds a block of what was accepted, where the node does not do so by itself. */
  makeBlock(): Promise<void>
  stop(): Promise<void>
}

type NodeAccount = { readonly address: `0x${string}`; readonly privateKey: `0x${string}` }

/** Starts a node and deploys a core with the given config, whose `governor` and only operator is `operator`. */
type StartStarknetNode = (config: (operator: bigint) => CoreConfig) => Promise<StarknetNode>

/** What every Starknet node must do with our adapters, and they with it. Each node is started once, and its tests follow one another. */
export function starknetSuite(name: string, startNode: StartStarknetNode): void {
  describe(name, () => {
    let node: StarknetNode
    beforeAll(async () => {
      node = await startNode(suiteConfig)
    }, 120_000)
    afterAll(async () => node.stop())

    const openChain = (other: Partial<StarknetChainOptions> = {}) => {
      const { operator, stranger } = node
      return starknetChain({
        name: 'starknet',
        rpcUrls: [node.url],
        chainId: node.chainId,
        blockSeconds: 1,
        finalityBlocks: 1,
        keys: {
          [operator.address]: starkKey(operator.privateKey),
          [stranger.address]: starkKey(stranger.privateKey),
        },
        clock: wallClock,
        ...other,
      })
    }
    const openEngine = (other: Partial<StarknetPerpetualOptions> = {}) =>
      starknetPerpetual({
        name: 'core',
        chain: 'starknet',
        account: node.operator.address,
        address: node.core,
        chainId: node.chainId,
        listings: [btc, eth, sol],
        generation: 'detect',
        rpc: openChain().rpc,
        clock: wallClock,
        curve: starkCurve,
        ...other,
      })

    /** Included, or fails. */
    async function included(hash: `0x${string}`) {
      await node.makeBlock()
      const status = await openChain().status(hash)
      if (status.kind !== 'included') throw new Error(`it is ${status.kind}`)
      return status
    }

    /** Signs at the account's next nonce and sends. */
    async function send(calls: readonly Call[], fee: StarknetFee) {
      const chain = openChain()
      const { pending } = await chain.nonce(node.operator.address)
      const signed = await chain.sign(node.operator.address, { calls, nonce: pending, fee })
      expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'accepted' })
      return included(signed.hash)
    }

    async function govern(entrypoint: string, calldata: readonly `0x${string}`[] = []) {
      const status = await send([{ kind: 'starknet', to: node.core, entrypoint, calldata }], ample)
      expect(status).toMatchObject({ outcome: 'succeeded' })
    }

    async function now(): Promise<Timestamp> {
      return (await openChain().head()).time
    }

    async function pushes(engine: Engine, updates: readonly Told[]): Promise<readonly Call[]> {
      const action = await actionOf(engine, updates, await now())
      return engine.encode(action, (await engine.state()).sequence)
    }

    test('is a node of its chain', async () => {
      const chain = openChain()
      const id = { method: 'starknet_chainId', params: [], read: String }
      expect(await chain.rpc.values([id])).toEqual([node.chainId])
      const head = await chain.head()
      expect(await chain.block(head.number)).toEqual(head)
      expect(await chain.block(head.number + 1_000_000)).toBeUndefined()
    })

    test('is asked at the start whether chain, accounts and keys are what they should be', async () => {
      expect(await openChain().check()).toEqual([])
      const [elsewhere, ...rest] = await openChain({ chainId: '0x534e5f4d41494e' }).check()
      expect(rest).toEqual([])
      expect(elsewhere).toContain('the network file says SN_MAIN')
      const { operator, stranger } = node
      const swapped = { [operator.address]: starkKey(stranger.privateKey) }
      const [wrong, ...others] = await openChain({ keys: swapped }).check()
      expect(others).toEqual([])
      expect(wrong).toContain(`account 0x${BigInt(operator.address).toString(16)} has the key`)
      const nowhere = { '0x123': starkKey(stranger.privateKey) }
      expect(await openChain({ keys: nowhere }).check()).toEqual([
        'there is no account at 0x123; deploy it first, or say under deploy how',
      ])
    })

    test('a core that was told nothing has no prices, and wants two reports', async () => {
      const state = await openEngine().state()
      const quorum = { 'BTC-USD': 2, 'ETH-USD': 2, 'SOL-USD': 2 }
      expect(state).toMatchObject({ paused: false, prices: {}, quorum })
      expect(state.block).toEqual(await openChain().head())
    })

    test('a price goes from simulated to included, and repeating it is success', async () => {
      const chain = openChain()
      const engine = openEngine()
      const { address } = node.operator
      const before = {
        sequence: (await engine.state()).sequence,
        balance: await chain.balance(address),
        time: await now(),
      }
      const calls = await pushes(engine, [{ listing: btc, prices: ['60000', '60002', '60001.5'] }])
      const simulated = await chain.simulate(address, calls)
      if (simulated.kind !== 'ok') throw new Error(simulated.reason)
      const nonce = await chain.nonce(address)
      expect(nonce.latest).toBe(nonce.pending)
      const transaction = { calls, nonce: nonce.pending, fee: simulated.fee }
      const signed = await chain.sign(address, transaction)
      expect(await chain.sign(address, transaction)).toEqual(signed)
      expect(await chain.status(signed.hash)).toEqual({ kind: 'unknown' })
      expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'accepted' })
      expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'known' })
      const status = await included(signed.hash)
      expect(status).toMatchObject({ outcome: 'succeeded', reason: undefined, final: false })
      expect(await chain.block(status.block.number)).toEqual(status.block)
      expect(before.balance - (await chain.balance(address))).toBe(status.feePaid)
      expect(await chain.broadcast(signed.bytes)).toEqual({ kind: 'known' })
      const next = nonce.pending + 1
      expect(await chain.nonce(address)).toEqual({ latest: next, pending: next })
      expect((await engine.state()).sequence).toBe((before.sequence ?? 0n) + 1n)
      const { prices } = await engine.state()
      expect(prices['BTC-USD']?.price.toString()).toBe('60001.5')
      // By the clock of the contract, which is that of the block as it was begun; nodes may date a block by its end.
      const publishedAt = prices['BTC-USD']?.publishedAt ?? 0
      expect(publishedAt >= before.time && publishedAt <= status.block.time).toBe(true)
    })

    test('several markets go in one transaction, each with the next operator nonce', async () => {
      const chain = openChain()
      const engine = openEngine()
      const before = (await engine.state()).sequence ?? 0n
      const calls = await pushes(engine, [
        { listing: btc, prices: ['61000', '61001'] },
        { listing: eth, prices: ['2500', '2500', '2500'] },
        { listing: sol, prices: ['150.5', '150.75', '150.25'] },
      ])
      const simulated = await chain.simulate(node.operator.address, calls)
      if (simulated.kind !== 'ok' || simulated.fee.kind !== 'starknet') throw new Error('no fee')
      const status = await send(calls, simulated.fee)
      expect(status.outcome).toBe('succeeded')
      expect((await engine.state()).sequence).toBe(before + 3n)
      const { prices, block } = await engine.state()
      expect(block).toEqual(status.block)
      expect(pricesIn(prices)).toEqual({
        'BTC-USD': '61000.5',
        'ETH-USD': '2500',
        'SOL-USD': '150.5',
      })
    })

    test.each(refusals)('a push with $what is refused: $reason', async (refusal) => {
      const engine = openEngine(refusal.options)
      const at = timestamp((await now()) + (refusal.afterMs ?? 0))
      const updates = [{ listing: sol, prices: refusal.prices ?? ['150', '150', '150'] }]
      const action = await actionOf(engine, updates, at)
      const sequence = (await engine.state()).sequence ?? 0n
      const [call] = engine.encode(action, sequence)
      if (call?.kind !== 'starknet') throw new Error('no call')
      const calldata = [...call.calldata]
      refusal.spoil?.(calldata)
      const spoilt = { ...call, calldata }
      const account = refusal.by === 'stranger' ? node.stranger : node.operator
      const expected = refusal.reason
        .replace('{nonce}', sequence.toString())
        .replace('ASSET_NOT_EXISTS', node.unknownAsset ?? 'ASSET_NOT_EXISTS')
      expect(await openChain().simulate(account.address, [spoilt])).toEqual({
        kind: 'reverted',
        reason: expected.replace('{wrong}', (sequence + 9n).toString()),
      })
    })

    test('a reverted transaction costs the account a nonce and a fee, and the operator nothing', async () => {
      const chain = openChain()
      const engine = openEngine()
      const { address } = node.operator
      const nonce = await chain.nonce(address)
      const sequence = (await engine.state()).sequence
      const prices = (await engine.state()).prices
      const good = await pushes(engine, [{ listing: eth, prices: ['2600', '2600'] }])
      const twice = await send([...good, ...good], ample)
      expect(twice).toMatchObject({
        outcome: 'reverted',
        reason: `INVALID_NONCE: current!=received ${(sequence ?? 0n) + 1n}!=${sequence}`,
      })
      expect(twice.feePaid > 0n).toBe(true)
      const next = nonce.pending + 1
      expect(await chain.nonce(address)).toEqual({ latest: next, pending: next })
      expect((await engine.state()).sequence).toBe(sequence)
      expect((await engine.state()).prices).toEqual(prices)
    })

    test('a transaction of no calls uses a nonce, and does nothing else', async () => {
      const chain = openChain()
      const sequence = (await openEngine().state()).sequence
      const simulated = await chain.simulate(node.operator.address, [])
      if (simulated.kind !== 'ok' || simulated.fee.kind !== 'starknet') throw new Error('no fee')
      expect(await send([], simulated.fee)).toMatchObject({ outcome: 'succeeded' })
      expect((await openEngine().state()).sequence).toBe(sequence)
    })

    test('what the node refuses to take says why', async () => {
      const chain = openChain()
      const calls = await pushes(openEngine(), [{ listing: eth, prices: ['2600', '2600'] }])
      const { address } = node.operator
      const { pending } = await chain.nonce(address)
      const sent = async (nonce: number, fee: StarknetFee) =>
        chain.broadcast((await chain.sign(address, { calls, nonce, fee })).bytes)
      expect(await sent(pending - 1, ample)).toMatchObject(refused('nonce-too-low'))
      expect(await sent(pending + 500, ample)).toMatchObject(refused('nonce-too-high'))
      const cheap = { ...ample, l2Gas: { ...ample.l2Gas, maxPricePerUnit: 1n } }
      expect(await sent(pending, cheap)).toMatchObject(refused('underpriced'))
      const dear = { ...ample, l2Gas: { ...ample.l2Gas, maxPricePerUnit: 10n ** 20n } }
      expect(await sent(pending, dear)).toMatchObject(refused('funds'))
      const signed = await chain.sign(address, { calls, nonce: pending, fee: ample })
      const forged = signed.bytes.replace(/"signature":\["0x[0-9a-f]+"/, '"signature":["0x5"')
      expect(await chain.broadcast(forged)).toMatchObject(refused('invalid'))
      expect(await chain.status(signed.hash)).toEqual({ kind: 'unknown' })
    })

    test('a report is verified by who signed what, under the names on the chain', async () => {
      const engine = openEngine()
      const [oracle] = oracles
      const report = await reportOf(engine, { listing: sol, price: '150', at: await now() }, oracle)
      expect(await engine.verifyAll([report])).toEqual([true])
      const dearer = { ...report, price: new Decimal('150.01') }
      const later = { ...report, observedAt: timestamp(report.observedAt + 1_000) }
      const elsewhere = { ...report, feed: eth.market }
      const unlisted = { ...report, feed: parseMarket('DOGE-USD') }
      const wrong = [dearer, later, elsewhere, unlisted]
      expect(await engine.verifyAll(wrong)).toEqual([false, false, false, false])
      const strange = { node: 'stranger', stark: starkKey('0x777'), evm: undefined }
      expect(await engine.signAll([report], strange)).toEqual([undefined])
      expect(await engine.signAll([report], { ...strange, stark: undefined })).toEqual([undefined])
    })

    test('a core that is as the network file says passes the check', async () => {
      expect(await openEngine().check(oracles)).toEqual([])
      expect(await openEngine({ quorum: 3 }).check(oracles)).toEqual([])
    })

    test('the check names each thing that is otherwise', async () => {
      const strange = { node: 'south', stark: starkKey('0x777'), evm: undefined }
      const doge = { market: parseMarket('DOGE-USD'), assetId: '0x444f4745', resolutionFactor: 1n }
      const engine = openEngine({
        account: node.stranger.address,
        listings: [{ ...btc, resolutionFactor: 10n }, doge as typeof btc],
        generation: 'A',
        quorum: 4,
      })
      const keyless = { node: 'far', stark: undefined, evm: undefined }
      expect(await engine.check([...oracles, strange, keyless])).toEqual([
        expect.stringMatching(/^core: its generation is [CD], the network file says A$/),
        `core: account ${node.stranger.address} is not an operator of it`,
        'core: node far has no STARK key to sign with',
        'core: BTC-USD (asset BTC-6) has resolution factor 1000000, the network file says 10',
        'core: BTC-USD (asset BTC-6) needs 4 reports, and only 3 keys may sign them',
        `core: BTC-USD (asset BTC-6) is not to be signed by south: its key ${strange.stark.publicKey} is not registered`,
        'core: DOGE-USD (asset DOGE) does not exist',
      ])
    })

    test('the check says where there is no contract, or another one', async () => {
      expect(await openEngine({ address: '0x1234' }).check([])).toEqual([
        'core: there is no contract at 0x1234',
      ])
      const { address } = node.stranger
      expect(await openEngine({ address }).check([])).toEqual([
        `core: the contract at ${address} takes no price ticks`,
      ])
    })

    test('a paused core says so, and takes no price', async () => {
      const engine = openEngine()
      const calls = await pushes(engine, [{ listing: sol, prices: ['150', '150'] }])
      await govern('pause')
      expect((await engine.state()).paused).toBe(true)
      const paused = { kind: 'reverted', reason: 'PAUSED' }
      expect(await openChain().simulate(node.operator.address, calls)).toEqual(paused)
      await govern('unpause')
      expect((await engine.state()).paused).toBe(false)
    })

    test('an oracle that was removed signs no more, and a deactivated market wants no reports', async () => {
      const [oracle] = oracles
      await govern('remove_oracle_from_asset', [sol.assetId, oracle.stark.publicKey])
      await govern('deactivate_synthetic', [sol.assetId])
      const engine = openEngine()
      const report = reportOf(engine, { listing: sol, price: '150', at: await now() }, oracle)
      await expect(report).rejects.toThrow('north has no signature')
      expect(await engine.check(oracles)).toEqual([
        'core: SOL-USD (asset SOL-3) is deactivated',
        `core: SOL-USD (asset SOL-3) is not to be signed by north: its key ${oracle.stark.publicKey} is not registered`,
      ])
      const state = await engine.state()
      expect(Object.keys(state.quorum)).toEqual(['BTC-USD', 'ETH-USD'])
      expect(Object.keys(state.prices)).toEqual(['BTC-USD', 'ETH-USD', 'SOL-USD'])
    })
  })
}

function refused(why: string) {
  return { kind: 'refused', why }
}
