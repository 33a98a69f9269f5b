import * as fc from 'fast-check'
import { hashTypedData, recoverTypedDataAddress } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import { usualMarketRules } from '../../../../infra/contracts/evm-engine/evm-engine-config.ts'
import { evmChain } from '../../../../lib/adapters/chains/evm.ts'
import { decodeEngineRevert } from '../../../../lib/adapters/engines/evm-engine/decode-revert.ts'
import {
  evmEngine,
  NotAnEngineError,
} from '../../../../lib/adapters/engines/evm-engine/evm-engine.ts'
import { UnfitReportError } from '../../../../lib/adapters/engines/evm-engine/push-prices.ts'
import type { Rpc } from '../../../../lib/adapters/rpc.ts'
import { Decimal } from '../../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import { priceFromWire } from '../../../../lib/domain/price-message.ts'
import type { Report, SignedReport } from '../../../../lib/domain/report.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import type { Engine as EnginePort, OracleKeys } from '../../../../lib/ports.ts'
import { guardian, signers, stranger } from '../../../infra/contracts/evm-engine/actors.ts'
import { aMarket, type Engine, startEngine } from '../../../infra/contracts/evm-engine/engine.ts'
import { domainOf, feedOf, types } from '../../../infra/contracts/evm-engine/typed-data.ts'
import { anvilSecret, evmKey, wallClock } from '../../chains/keys.ts'

const btc = parseMarket('BTC-USD')
const eth = parseMarket('ETH-USD')
const sol = parseMarket('SOL-USD')
const sender = evmKey(anvilSecret)

let contract: Engine
let back: () => Promise<void>
beforeAll(async () => {
  contract = await startEngine({
    markets: {
      [btc]: usualMarketRules,
      [eth]: aMarket({ status: 'reduce-only', quorum: 2 }),
      [sol]: aMarket({ quorum: 6 }),
    },
  })
  await contract.warp(1_000)
})
afterAll(async () => contract.node.stop())
beforeEach(async () => {
  await back?.()
  back = await contract.save()
})

function chain() {
  return evmChain({
    name: 'l1',
    rpcUrls: [contract.node.url],
    chainId: 31_337,
    blockSeconds: 1,
    finalityBlocks: 1,
    keys: [sender],
    clock: wallClock,
    decodeRevert: decodeEngineRevert,
  })
}

function open(bent: Partial<Parameters<typeof evmEngine>[0]> = {}): EnginePort {
  return evmEngine({
    name: 'evm',
    chain: 'l1',
    account: sender.address,
    address: contract.address,
    rpc: chain().rpc,
    chainId: 31_337,
    markets: [btc],
    ...bent,
  })
}

function keysOf(node: string, signer: (typeof signers)[number] = stranger): OracleKeys {
  const sign = async (hash: `0x${string}`) => signer.sign({ hash })
  return { node, stark: undefined, evm: { address: signer.address, sign } }
}

function aReport(bent: Partial<Report> = {}): Report {
  const now = Number(contract.now()) * 1_000
  return {
    feed: btc,
    round: 7,
    price: new Decimal('64123.123456789012345678'),
    // Within a second: what is signed is the second itself.
    observedAt: timestamp(now + 999),
    oldestInputAt: timestamp(now - 1_500),
    sources: 9,
    configHash: `0x${'ab'.repeat(32)}`,
    ...bent,
  }
}

async function signed(
  engine: EnginePort,
  report: Report,
  signer: (typeof signers)[number] = signers[0],
): Promise<SignedReport> {
  const signature = await signOne(engine, report, keysOf('n', signer))
  if (!signature) throw new Error('it was not signed')
  return { ...report, node: `node-${signer.address}`, signatures: { evm: signature } }
}

async function signOne(engine: EnginePort, report: Report, keys: OracleKeys) {
  const [signature] = await engine.signAll([report], keys)
  return signature
}

async function verifyOne(engine: EnginePort, report: SignedReport) {
  const [verdict] = await engine.verifyAll([report])
  return verdict
}

async function push(engine: EnginePort, reports: readonly SignedReport[], market = btc) {
  const [{ round } = { round: 0 }] = reports
  const update = { market, price: new Decimal(1), reports }
  const calls = engine.encode(
    { kind: 'push-prices', engine: 'evm', round, updates: [update] },
    undefined,
  )
  const simulated = await chain().simulate(sender.address, calls)
  if (simulated.kind === 'reverted') return simulated.reason
  const { pending } = await chain().nonce(sender.address)
  const tx = { calls, nonce: pending, fee: simulated.fee }
  const { bytes, hash } = await chain().sign(sender.address, tx)
  await chain().broadcast(bytes)
  // Anvil answers before the block can be seen.
  await vi.waitUntil(async () => (await chain().status(hash)).kind === 'included', 5_000)
  return 'pushed'
}

describe('the check', () => {
  test('finds nothing where all is so', async () => {
    const nodes = signers.map((signer, at) => keysOf(`n${at}`, signer))
    expect(await open().check(nodes)).toEqual([])
    expect(await open({ quorum: 5 }).check([])).toEqual([])
  })

  test('tells every difference in a sentence', async () => {
    const markets = [btc, eth, sol, parseMarket('DOGE-USD')]
    const nodes = [
      keysOf('a', signers[0]),
      keysOf('b', stranger),
      { node: 'c', stark: undefined, evm: undefined },
    ]
    expect(await open({ markets }).check(nodes)).toEqual([
      'evm: ETH-USD is closed to new positions',
      'evm: a price of SOL-USD needs 6 reports, and the contract has 5 signers',
      'evm: the contract does not list DOGE-USD',
      `evm: ${stranger.address} of node b is not a signer`,
      'evm: node c has no EVM key to sign with',
    ])
    expect(await open({ quorum: 9 }).check([])).toEqual([
      'evm: a price of BTC-USD needs 9 reports, and the contract has 5 signers',
    ])
  })

  test('notices another chain, no contract, and another contract', async () => {
    expect(await open({ chainId: 1 }).check([])).toEqual([
      'evm: the node is on chain 31337, the network file says 1',
    ])
    expect(await open({ address: stranger.address }).check([])).toEqual([
      `evm: there is no contract at ${stranger.address}`,
    ])
    expect(await open({ address: contract.collateral }).check([])).toEqual([
      `evm: the contract at ${contract.collateral} does not answer as a PerpEngine`,
    ])
  })

  test('notices a contract that verifies for another domain', async () => {
    const { rpc } = chain()
    const other = `0x${'99'.repeat(32)}`
    const bent = {
      ...rpc,
      answers: async (requests: never) => {
        const answers = (await rpc.answers(requests)) as readonly unknown[]
        return answers.with(2, { kind: 'result', value: other })
      },
    } as unknown as Rpc
    const [sentence] = await open({ rpc: bent }).check([])
    const ours = String(await contract.ask('domainSeparator'))
    expect(sentence).toBe(
      `evm: the contract verifies signatures for the domain ${other}, ours is ${ours}`,
    )
  })
})

describe('the state', () => {
  test('is of the newest block, and has no price before the first', async () => {
    expect(await open({ markets: [btc, eth, parseMarket('DOGE-USD')] }).state()).toEqual({
      block: await chain().head(),
      paused: false,
      quorum: { 'BTC-USD': 3, 'ETH-USD': 2 },
      prices: {},
      fundingIndexes: { 'BTC-USD': 0n, 'ETH-USD': 0n },
    })
  })

  test('asks for more reports where the network file does, never for fewer', async () => {
    expect((await open({ quorum: 4 }).state()).quorum).toEqual({ 'BTC-USD': 4 })
    expect((await open({ quorum: 2 }).state()).quorum).toEqual({ 'BTC-USD': 3 })
  })

  test('tells of a pause', async () => {
    await contract.act(guardian.address, 'pause')
    expect((await open().state()).paused).toBe(true)
  })

  test('of something else is an error that says so', async () => {
    await expect(open({ address: contract.collateral }).state()).rejects.toThrow(
      'did not answer eth_call',
    )
    await expect(open({ address: stranger.address }).state()).rejects.toThrow(NotAnEngineError)
  })
})

describe('a signature', () => {
  test('is of the typed data, with the price at 18 decimals and whole seconds', async () => {
    const signature = await signOne(open(), aReport(), keysOf('n', signers[1]))
    expect(signature?.signer).toBe(signers[1].address.toLowerCase())
    const message = {
      feedId: feedOf('BTC-USD'),
      roundId: 7n,
      observedAt: contract.now(),
      oldestInputAt: contract.now() - 2n,
      price: 64123123456789012345678n,
      decimals: 18,
      sources: 9,
      configHash: `0x${'ab'.repeat(32)}`,
    } as const
    const typed = {
      domain: domainOf(contract.domain),
      types,
      primaryType: 'Report',
      message,
    } as const
    const [bytes = '0x'] = signature?.signature ?? []
    expect(await recoverTypedDataAddress({ ...typed, signature: bytes })).toBe(signers[1].address)
    const { feedId, roundId, decimals: _, ...fields } = message
    const report = { ...fields, v: 0, r: feedId, s: feedId }
    expect(await contract.ask('reportDigest', feedId, roundId, report)).toBe(hashTypedData(typed))
  })

  test('is given only for listed feeds, by nodes with a key', async () => {
    const engine = open()
    expect(await signOne(engine, aReport({ feed: sol }), keysOf('n'))).toBeUndefined()
    expect(
      await signOne(engine, aReport(), { node: 'n', stark: undefined, evm: undefined }),
    ).toBeUndefined()
  })

  test('is by the key that follows as soon as that is a signer, and by the present one before', async () => {
    const engine = open()
    const present = keysOf('n', signers[0])
    const unknown = { ...present, next: keysOf('n', stranger) }
    expect((await signOne(engine, aReport(), unknown))?.signer).toBe(
      signers[0].address.toLowerCase(),
    )
    const known = { ...present, next: keysOf('n', signers[1]) }
    expect((await signOne(engine, aReport(), known))?.signer).toBe(signers[1].address.toLowerCase())
    const old = { ...keysOf('n', stranger), next: keysOf('n', signers[1]) }
    expect(await engine.check([old])).toEqual([])
  })

  test('is verified, however the signer’s address is written', async () => {
    const engine = open()
    const report = await signed(engine, aReport())
    expect(await verifyOne(engine, report)).toBe(true)
    const { evm } = report.signatures
    if (!evm) throw new Error('it was not signed')
    const written = { evm: { ...evm, signer: signers[0].address } }
    expect(await verifyOne(engine, { ...report, signatures: written })).toBe(true)
  })

  test('is worth nothing on anything that was changed', async () => {
    const engine = open({ markets: [btc, eth] })
    const report = await signed(engine, aReport())
    const bent: readonly Partial<SignedReport>[] = [
      { feed: eth },
      { feed: sol },
      { round: 8 },
      { price: report.price.plus('1e-18') },
      { price: new Decimal('1e-19') },
      { price: new Decimal(-1) },
      { observedAt: timestamp(report.observedAt + 1) },
      { oldestInputAt: timestamp(report.oldestInputAt - 1_000) },
      { sources: 8 },
      { sources: 70_000 },
      { sources: -1 },
      { round: -1 },
      { round: 1.5 },
      { configHash: '0xab' },
      { signatures: {} },
    ]
    for (const change of bent) expect(await verifyOne(engine, { ...report, ...change })).toBe(false)
  })

  test('is worth nothing in another form, for another domain, or by another signer', async () => {
    const engine = open()
    const report = await signed(engine, aReport())
    const { signer, signature } = report.signatures['evm'] ?? { signer: '0x', signature: [] }
    const [bytes = '0x'] = signature
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const high = (order - BigInt(`0x${bytes.slice(66, 130)}`)).toString(16).padStart(64, '0')
    const forms: readonly (readonly `0x${string}`[])[] = [
      [],
      [bytes, bytes],
      ['0x'],
      [`${bytes}00`],
      [`${bytes.slice(0, 130) as '0x'}00`],
      [`${bytes.slice(0, 66) as '0x'}${high}${bytes.endsWith('1b') ? '1c' : '1b'}`],
      [`0x${'00'.repeat(64)}1b`],
      [`0x${'ff'.repeat(32)}${'11'.repeat(32)}1b`],
    ]
    for (const form of forms) {
      const signatures = { evm: { signer, signature: form } }
      expect(await verifyOne(engine, { ...report, signatures })).toBe(false)
    }
    const claimed = { evm: { signer: signers[1].address, signature } }
    expect(await verifyOne(engine, { ...report, signatures: claimed })).toBe(false)
    expect(await verifyOne(engine, await signed(engine, aReport(), stranger))).toBe(false)
    const elsewhere = open({ address: stranger.address })
    expect(await verifyOne(engine, await signed(elsewhere, aReport()))).toBe(false)
  })

  test('on a price that the contract has no room for is worth nothing', async () => {
    const engine = open()
    const most = priceFromWire(2n ** 112n - 1n)
    expect(await verifyOne(engine, await signed(engine, aReport({ price: most })))).toBe(true)
    const more = priceFromWire(2n ** 112n)
    expect(await verifyOne(engine, await signed(engine, aReport({ price: more })))).toBe(false)
  })

  test('of a signer that was removed counts until the state is read again', async () => {
    const engine = open()
    const report = await signed(engine, aReport())
    expect(await verifyOne(engine, report)).toBe(true)
    await contract.act(guardian.address, 'removeSigner', signers[0].address)
    await engine.state()
    expect(await verifyOne(engine, report)).toBe(false)
  })
})

describe('a push', () => {
  test('lands whatever the order of its reports, and the state has its exact price', async () => {
    const anyPrice = fc.bigInt(1n, 10n ** 26n)
    let round = 0
    const engine = open()
    const law = fc.asyncProperty(
      fc.tuple(anyPrice, anyPrice, anyPrice),
      fc.shuffledSubarray([0, 1, 2], { minLength: 3, maxLength: 3 }),
      async (prices, shuffle) => {
        round += 1
        await contract.warp(1)
        const reports = await Promise.all(
          prices.map(async (price, at) =>
            signed(
              engine,
              aReport({ round, price: priceFromWire(price) }),
              signers[at as 0 | 1 | 2],
            ),
          ),
        )
        const shuffled = shuffle.flatMap((at) => reports[at] ?? [])
        expect(await push(engine, shuffled)).toBe('pushed')
        const [, middle = 0n] = prices.toSorted((a, b) => (a < b ? -1 : 1))
        const stored = (await engine.state()).prices['BTC-USD']
        expect(stored?.price.toFixed(18)).toBe(priceFromWire(middle).toFixed(18))
        expect(stored?.publishedAt).toBe(Number(contract.now()) * 1_000)
      },
    )
    await fc.assert(law, { numRuns: 12 })
  })

  test('that the contract refuses says why, in words', async () => {
    const engine = open()
    const by = async (bent: Partial<Report>) =>
      Promise.all(signers.slice(0, 3).map(async (signer) => signed(engine, aReport(bent), signer)))
    expect(await push(engine, (await by({})).slice(1))).toBe('NotEnoughReports(BTC-USD, 2, 3)')
    expect(await push(engine, await by({}))).toBe('pushed')
    expect(await push(engine, await by({}))).toBe('RoundNotNewer(BTC-USD, 7, 7)')
    const published = contract.now()
    expect(await push(engine, await by({ round: 8 }))).toBe(
      `ReportNotNewer(BTC-USD, ${published}, ${published})`,
    )
  })

  test('of several markets is one call to the contract', async () => {
    const engine = open({ markets: [btc, eth] })
    const reports = await Promise.all(
      [btc, eth].map(async (feed) => signed(engine, aReport({ feed }))),
    )
    const updates = reports.map((report) => ({
      market: report.feed,
      price: report.price,
      reports: [report],
    }))
    const calls = engine.encode(
      { kind: 'push-prices', engine: 'evm', round: 7, updates },
      undefined,
    )
    expect(calls).toMatchObject([{ kind: 'evm', to: contract.address }])
  })

  test('of reports that do not belong together, or are not signed for it, is not made', async () => {
    const engine = open()
    const report = await signed(engine, aReport())
    const attempt = (bent: Partial<SignedReport>) => () =>
      engine.encode(
        {
          kind: 'push-prices',
          engine: 'evm',
          round: 7,
          updates: [{ market: btc, price: report.price, reports: [{ ...report, ...bent }] }],
        },
        undefined,
      )
    expect(attempt({})).not.toThrow()
    expect(attempt({ round: 8 })).toThrow('it is not of round 7')
    expect(attempt({ feed: eth })).toThrow('it is not of BTC-USD')
    expect(attempt({ signatures: {} })).toThrow(UnfitReportError)
    expect(() =>
      engine.encode({ kind: 'push-prices', engine: 'evm', round: 7, updates: [] }, undefined),
    ).toThrow('it has no prices')
  })

  test('needs no sequence of the engine’s own', async () => {
    expect((await open().state()).sequence).toBeUndefined()
  })
})
