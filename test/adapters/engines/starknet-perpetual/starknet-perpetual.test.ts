import { createHash } from 'node:crypto'

import { getPublicKey, Signature, verify } from '@scure/starknet'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { UnfitUpdateError } from '../../../../lib/adapters/engines/starknet-perpetual/errors.ts'
import {
  messageOf,
  signatureNumbers,
} from '../../../../lib/adapters/engines/starknet-perpetual/price-signature.ts'
import {
  starknetPerpetual,
  type StarknetPerpetualOptions,
} from '../../../../lib/adapters/engines/starknet-perpetual/starknet-perpetual.ts'
import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { Decimal } from '../../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import { priceFromWire } from '../../../../lib/domain/price-message.ts'
import type { Report, ReportSignature, SignedReport } from '../../../../lib/domain/report.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import type { Engine, OracleKeys } from '../../../../lib/ports.ts'
import { starkKey } from '../../chains/keys.ts'
import { type RegistryEvent, registeredRpc } from './registered-rpc.ts'

/** The order of the STARK curve. */
const order = 0x800000000000010ffffffffffffffffb781126dcae7b2321e66a241adc64d2fn

const btc = parseMarket('BTC-USD')
const pengu = parseMarket('PENGU-USD')
const unpadded = parseMarket('UNPADDED-USD')

const dydx = '0x1895a6a77ae14e7987b9cb51329a5adfb17bd8e7c638f92d6892d76e51cebcf'
const stork = [
  ['0xcc85afe4ca87f9628370c432c447e569a01dc96d160015c8039959db8521c4', '0x53746f726b'],
  ['0x1f191d23b8825dcc3dba839b6a7155ea07ad0b42af76394097786aca0d9975c', '0x53746b6169'],
  ['0x41dbe627aeab66504b837b3abd88ae2f58ba6d98ee7bbd7f226c4684d9e6225', '0x5374437277'],
] as const
const ours = '0x5d05989e9302dcebc74e241001e3e3ac3f4402ccf2f8e6f74b034b07ad6a904'

/** Assets by ids of one byte, so that nothing but the names can make the messages right. */
const added: readonly RegistryEvent[] = [
  {
    name: 'OracleAdded',
    asset: '0x1',
    key: dydx,
    names: ['0x42544355534400000000000000000000', '0x6459645800'],
  },
  ...stork.map(([key, oracle]): RegistryEvent => ({
    name: 'OracleAdded',
    asset: '0x2',
    key,
    names: ['0x50454e47555553444d41524b00000000', oracle],
  })),
  {
    name: 'OracleAdded',
    asset: '0x3',
    key: ours,
    names: ['0x41535345545f4e414d45', '0x4f52434c31'],
  },
]

function open({
  events = added,
  now = () => 0,
  other = {},
}: {
  events?: readonly RegistryEvent[]
  now?: () => number
  other?: Partial<StarknetPerpetualOptions>
} = {}) {
  let current = events
  const rpc = registeredRpc(() => current)
  const engine = starknetPerpetual({
    name: 'core',
    chain: 'starknet',
    account: '0xa',
    address: '0xc0',
    chainId: '0x5',
    listings: [
      { market: btc, assetId: '0x1', resolutionFactor: 10n ** 10n },
      { market: pengu, assetId: '0x2', resolutionFactor: 10n ** 9n },
      { market: unpadded, assetId: '0x3', resolutionFactor: 10n ** 9n },
    ],
    generation: 'D',
    rpc,
    clock: { now: () => timestamp(now()), sleep: async () => {} },
    curve: starkCurve,
    ...other,
  })
  return {
    engine,
    rpc,
    happen: (more: RegistryEvent) => {
      current = [...current, more]
    },
  }
}

function reportOf(feed: Report['feed'], price: string, seconds: number): Report {
  const observedAt = timestamp(seconds * 1000)
  return {
    feed,
    round: 1,
    price: new Decimal(price),
    observedAt,
    oldestInputAt: observedAt,
    sources: 1,
    configHash: '0x00',
  }
}

type Hex = `0x${string}`

function signedBy(signer: Hex, [r, s]: readonly [Hex, Hex], report: Report): SignedReport {
  return { ...report, node: signer, signatures: { core: { signer, signature: [r, s] } } }
}

// dYdX, starkex-lib: oracle-price.test.ts.
const dydxReport = reportOf(btc, '11512.34', 1_577_836_800)
const dydxSignature = [
  '0x20b64c5ead744a9a39bb20cee8193e15958d2f5bc065a3a31a8245d800907ae',
  '0x43e5681d7fd1e0720cc578e3d076ea29dbfe902f30445da8aa74bd112aa710',
] as const

// starknet-perpetual, test_price_tick_golden: a real tick of Stork's.
const penguReport = reportOf(pengu, '0.02395364184', 1_737_451_956)
const storkSignatures = [
  [
    '0x6c4beab13946105513c157ca8498735af2c3ff0f75efe6e1d1747efcff8339f',
    '0x94619200c9b03a647f6f29df52d2291e866b43e57dc1a8200deb5219c87b14',
  ],
  [
    '0x23120d436ab1e115f883fd495206b80c9a9928f94df89c2bb63eb1997cc13d5',
    '0x21469ce0da02bf1a5897077b238f536f78427f946dafde2b79884cf10131e74',
  ],
  [
    '0x3aed46d0aff9d904faf5f76c2fb9f43c858e6f9e9c9bf99ca9fd4c1baa907b2',
    '0x58523be606a55c57aedd5e030a349a478a22132b84d6f77e1e348a4991f5c80',
  ],
] as const
const penguReports = stork.map(([key], index) =>
  signedBy(key, storkSignatures[index] ?? storkSignatures[0], penguReport),
)

async function signOne(engine: Engine, report: Report, keys: OracleKeys) {
  const [signature] = await engine.signAll([report], keys)
  return signature
}

async function verifyOne(engine: Engine, report: SignedReport) {
  const [verdict] = await engine.verifyAll([report])
  return verdict
}

describe('signing a report', () => {
  test('gives the published signature of dYdX’s oracle', async () => {
    const keys = { node: 'north', stark: starkKey(dydxSecret), evm: undefined }
    expect(await signOne(open().engine, dydxReport, keys)).toMatchObject({
      signer: dydx,
      signature: dydxSignature,
    })
  })

  test('goes over to the key that follows, for each asset as soon as it is registered there', async () => {
    let ms = 0
    const { engine, happen } = open({ now: () => ms })
    const follower = starkKey('0x505249564154455f4b45595f31')
    const keys = {
      node: 'north',
      stark: starkKey(dydxSecret),
      evm: undefined,
      next: { stark: follower, evm: undefined },
    }
    const reports = [dydxReport, reportOf(unpadded, '100000', 1_700_000_000)]
    const signers = async () =>
      (await engine.signAll(reports, keys)).map((one) => one?.signer ?? 'nobody')
    // The one has a name for the first feed only, the other for the second.
    expect(await signers()).toEqual([dydx, ours])
    happen({
      name: 'OracleAdded',
      asset: '0x1',
      key: ours,
      names: ['0x42544355534400000000000000000000', '0x6459645800'],
    })
    ms += 61_000
    expect(await signers()).toEqual([ours, ours])
    const [signature] = await engine.signAll([dydxReport], keys)
    if (!signature) throw new Error('it was not signed')
    const signed = { ...dydxReport, node: 'north', signatures: { core: signature } }
    expect(await verifyOne(engine, signed)).toBe(true)
  })

  test('takes the names as they are registered, padded or not', async () => {
    const keys = { node: 'north', stark: starkKey('0x505249564154455f4b45595f31'), evm: undefined }
    const report = reportOf(unpadded, '100000', 1_700_000_000)
    expect(await signOne(open().engine, report, keys)).toMatchObject({
      signer: ours,
      signature: [
        '0x52d6e636236d7b63ab0b77d837642dfca38f75a769cefda4325a7f481265c2c',
        '0x61cd10e3845d76bac2359395b8ebb8ae19a111fdf9a45afa405dc3c995d4c58',
      ],
    })
  })

  test('is not done for others’ feeds, without a key, or where the price would be stored as 0', async () => {
    const { engine } = open()
    const stark = starkKey('0x505249564154455f4b45595f31')
    const keys = { node: 'north', stark, evm: undefined }
    const price = reportOf(unpadded, '100000', 1_700_000_000)
    const sign = async (report: Report, by = keys) => signOne(engine, report, by)
    expect(await sign({ ...price, feed: parseMarket('DOGE-USD') })).toBeUndefined()
    expect(await sign({ ...price, feed: pengu })).toBeUndefined()
    expect(await signOne(engine, price, { ...keys, stark: undefined })).toBeUndefined()
    // 1e21 / 2^28 = 3725290298461.914…: the first price of this asset that is stored as 1 is the next whole one.
    expect(await sign({ ...price, price: priceFromWire(3_725_290_298_461n) })).toBeUndefined()
    expect(await sign({ ...price, price: priceFromWire(3_725_290_298_462n) })).toBeDefined()
  })
})

const dydxSecret = '0x178047d3869489c055d7ea54c014ffb834a069c9595186abe04ea4d1223a03f'

/** With the seal that dYdX's oracle would add: its signature on the price is the published one. */
async function sealed(report: Report): Promise<SignedReport> {
  const keys = { node: 'north', stark: starkKey(dydxSecret), evm: undefined }
  const signature = await signOne(open().engine, report, keys)
  if (!signature) throw new Error('it was not signed')
  return { ...report, node: dydx, signatures: { core: signature } }
}

test('what Stork’s oracles signed is right by the messages that we make', () => {
  const assetName = 0x50454e47555553444d41524b00000000n
  const claims = penguReports.map((report, index) => {
    const numbers = signatureNumbers(report.signatures['core'] ?? { signer: '0x', signature: [] })
    const names = { assetName, oracleName: BigInt(stork[index]?.[1] ?? 0) }
    const [hash = 0n] = starkCurve.pedersen([messageOf(names, penguReport)])
    return { key: 0n, r: 0n, s: 0n, ...numbers, hash }
  })
  expect(starkCurve.verify(claims)).toEqual([true, true, true])
})

describe('a seal', () => {
  test('is a signature on the chain, the contract, the round and the first signature', async () => {
    const { signatures } = await sealed(dydxReport)
    const { seal = [] } = signatures['core'] ?? {}
    const [r, s] = dydxSignature
    const said = `["starkeep report","1","0x5","0xc0","0x1","BTC-USD","18","1","11512340000000000000000","1577836800","1577836800","1","0x00","${r}","${s}"]`
    const digest = BigInt(`0x${createHash('sha256').update(said).digest('hex')}`)
    const hash = (digest / 32n).toString(16)
    const signature = new Signature(BigInt(seal[0] ?? 0), BigInt(seal[1] ?? 0))
    expect(verify(signature, hash.padStart(64, '0'), getPublicKey(dydxSecret.slice(2)))).toBe(true)
    expect(BigInt(seal[1] ?? 0)).toBeLessThan(order / 2n)
  })

  test('makes a report right for one chain, contract and asset alone', async () => {
    const report = await sealed(dydxReport)
    const { engine } = open()
    expect(await verifyOne(engine, report)).toBe(true)
    const elsewhere: readonly Partial<StarknetPerpetualOptions>[] = [
      { chainId: '0x6' },
      { address: '0xc1' },
      // The same key and names are registered for it, as for the other.
      { listings: [{ market: btc, assetId: '0x4', resolutionFactor: 10n ** 10n }] },
      { listings: [{ market: pengu, assetId: '0x1', resolutionFactor: 10n ** 10n }] },
    ]
    for (const other of elsewhere) {
      const events = [...added, { ...(added[0] as RegistryEvent), asset: '0x4' as const }]
      const feed = other.listings?.[0]?.market ?? btc
      expect(await verifyOne(open({ events, other }).engine, { ...report, feed })).toBe(false)
    }
  })
})

describe('verifying a report', () => {
  test('takes no mirror image of either signature, though the contract takes one of them', async () => {
    const right = await sealed(dydxReport)
    const { signature = [], seal } = right.signatures['core'] ?? {}
    const [r = '0x0', s = '0x0'] = signature
    const [sealR = '0x0', sealS = '0x0'] = seal ?? []
    const { engine } = open()
    const takes = (change: Partial<ReportSignature>) =>
      verifyOne(engine, {
        ...right,
        signatures: { core: { signer: dydx, signature, seal, ...change } },
      })
    expect(await takes({})).toBe(true)
    expect(await takes({ signature: [r, mirror(s)] })).toBe(false)
    expect(await takes({ seal: [sealR, mirror(sealS)] })).toBe(false)
    expect(await takes({ signature: [r, mirror(s)], seal: [sealR, mirror(sealS)] })).toBe(false)
    expect(await takes({ signature: [`0x0${r.slice(2)}`, s] })).toBe(false)
    expect(await takes({ seal: [`0x0${sealR.slice(2)}`, sealS] })).toBe(false)
    expect(await takes({ seal: undefined })).toBe(false)
  })

  test('refuses any other price, time, round, signer or words', async () => {
    const { engine } = open()
    const [r, s] = dydxSignature
    const right = await sealed(dydxReport)
    const { seal } = right.signatures['core'] ?? {}
    const by = (signer: string, ...words: readonly string[]): SignedReport => ({
      ...right,
      signatures: { core: { signer: signer as Hex, signature: words as readonly Hex[], seal } },
    })
    expect(await verifyOne(engine, by(dydx, r, s))).toBe(true)
    const wrong: readonly SignedReport[] = [
      { ...right, price: new Decimal('11512.35') },
      { ...right, price: new Decimal('1e-19') },
      { ...right, price: new Decimal(0) },
      { ...right, price: new Decimal('1e30') },
      { ...right, observedAt: timestamp(dydxReport.observedAt + 1_000) },
      { ...right, oldestInputAt: timestamp(dydxReport.observedAt - 1_000) },
      { ...right, round: 2 },
      { ...right, sources: 2 },
      { ...right, configHash: '0x01' },
      { ...right, feed: pengu },
      { ...right, signatures: {} },
      { ...right, signatures: { other: { signer: dydx, signature: dydxSignature, seal } } },
      by(dydx, s, r),
      by(dydx, r),
      by(dydx, r, s, '0x1'),
      by(dydx),
      by(dydx, '0x0', s),
      by(dydx, r, '0x0'),
      by(dydx, '0x0', '0x0'),
      by(dydx, r, `0x${(order + BigInt(s)).toString(16)}`),
      by(dydx, `0x8${'0'.repeat(62)}`, s),
      by(ours, r, s),
      by('0x5', r, s),
      by('0x', r, s),
      by('me', r, s),
      by(dydx.toUpperCase(), r, s),
      by(dydx, 'r', 's'),
      by(dydx, r, '12'),
    ]
    for (const report of wrong) expect(await verifyOne(engine, report)).toBe(false)
  })

  test('is by the registry as it is now: read again for an unknown key, and after an hour', async () => {
    let now = 0
    const { engine, rpc, happen } = open({ events: added.slice(1), now: () => now })
    const report = await sealed(dydxReport)
    expect(await verifyOne(engine, report)).toBe(false)
    const pages = rpc.asked
    expect(pages).toBe(2)
    happen(added[0] as RegistryEvent)
    expect(await verifyOne(engine, report)).toBe(false)
    expect(rpc.asked).toBe(pages)
    now = 60_000
    expect(await verifyOne(engine, report)).toBe(true)
    happen({ name: 'OracleRemoved', asset: '0x1', key: dydx })
    expect(await verifyOne(engine, report)).toBe(true)
    now += 60 * 60_000
    expect(await verifyOne(engine, report)).toBe(false)
  })
})

function mirror(word: Hex): Hex {
  return `0x${(order - BigInt(word)).toString(16)}`
}

function unpaddedAt(price: string): Report {
  return reportOf(unpadded, price, 1_700_000_000)
}

describe('a batch', () => {
  const keys = { node: 'north', stark: starkKey('0x505249564154455f4b45595f31'), evm: undefined }

  test('has each report’s signature in its place, and none where there is none', async () => {
    const { engine } = open()
    const unlisted = { ...unpaddedAt('1'), feed: parseMarket('DOGE-USD') }
    const dust = { ...unpaddedAt('1'), price: priceFromWire(3_725_290_298_461n) }
    const reports = [
      unlisted,
      unpaddedAt('100000'),
      dust,
      unpaddedAt('100001'),
      unpaddedAt('100002'),
      unlisted,
    ]
    const signed = await engine.signAll(reports, keys)
    expect(signed.map((one) => one?.signer)).toEqual([
      undefined,
      ours,
      undefined,
      ours,
      ours,
      undefined,
    ])
    for (const [index, report] of reports.entries())
      expect(await signOne(engine, report, keys)).toEqual(signed[index])
    expect(await engine.signAll([], keys)).toEqual([])
  })

  test('has each report’s verdict in its place, whoever signed the others', async () => {
    const { engine } = open()
    const right = await sealed(dydxReport)
    const next = await sealed({ ...dydxReport, round: 2 })
    const wrong = [
      { ...right, price: new Decimal('11512.35') },
      { ...right, signatures: {} },
      { ...right, price: new Decimal('1e30') },
      ...penguReports,
    ]
    const mixed = [...wrong, right, next, ...wrong, right]
    expect(await engine.verifyAll(mixed)).toEqual(mixed.map((one) => !wrong.includes(one)))
    expect(await engine.verifyAll([])).toEqual([])
  })
})

describe('encoding a push', () => {
  const update = { market: pengu, price: penguReport.price, reports: penguReports.toReversed() }
  const action = { kind: 'push-prices', engine: 'core', round: 1 } as const

  test('gives the call of the golden tick, signers ascending whatever order they came in', () => {
    const price = '0x5519b5d8f33c00'
    expect(open().engine.encode({ ...action, updates: [update] }, 7n)).toEqual([
      {
        kind: 'starknet',
        to: '0xc0',
        entrypoint: 'price_tick',
        calldata: ['0x7', '0x2', price, '0x3'].concat(
          stork.flatMap(([key], index) =>
            ['0x2', storkSignatures[index]?.[0], storkSignatures[index]?.[1]]
              .map(String)
              .concat([key, '0x678f69b4', price]),
          ),
        ),
      },
    ])
  })

  test('counts the operator nonce up from one market to the next', () => {
    const updates = [update, update, update]
    const nonces = open()
      .engine.encode({ ...action, updates }, 41n)
      .map((call) => (call.kind === 'starknet' ? call.calldata[0] : undefined))
    expect(nonces).toEqual(['0x29', '0x2a', '0x2b'])
  })

  test('gives a price that the contract takes as the median, whatever the reports', () => {
    const wires = fc.array(fc.bigInt(10n ** 14n, 10n ** 24n), { minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(wires, (prices) => {
        const reports = prices.map((wire, index) => ({
          ...signedBy(`0x${(index + 16).toString(16)}`, ['0x1', '0x2'], penguReport),
          price: priceFromWire(wire),
        }))
        const sorted = prices.toSorted((a, b) => (a < b ? -1 : 1))
        const low = sorted[(sorted.length - 1) >> 1] ?? 0n
        const high = sorted[sorted.length >> 1] ?? 0n
        const price = priceFromWire((low + high) / 2n)
        const updates = [{ market: pengu, price, reports }]
        const [call] = open().engine.encode({ ...action, updates }, 0n)
        if (call?.kind !== 'starknet') throw new Error('no call')
        const told = BigInt(call.calldata[2] ?? 0)
        // assets.cairo: at least half are not above it, and at least half not below.
        expect(2 * prices.filter((wire) => wire <= told).length >= prices.length).toBe(true)
        expect(2 * prices.filter((wire) => wire >= told).length >= prices.length).toBe(true)
      }),
    )
  })

  test.each([
    ['another price than the median', { ...update, price: new Decimal('0.03') }, 'not the reports'],
    ['no reports', { ...update, reports: [] }, 'no reports'],
    ['a market that is not listed', { ...update, market: parseMarket('DOGE-USD') }, 'not listed'],
    ['one signer twice', { ...update, reports: [...penguReports, ...penguReports] }, 'two reports'],
    [
      'a report without a signature for it',
      { ...update, reports: penguReports.map((report) => ({ ...report, signatures: {} })) },
      'has no signature',
    ],
    ['a price that would be stored as 0', cheap('0.000001'), 'stored as 0'],
    ['a price beyond what is stored', cheap('1000000000000'), 'stored price'],
  ])('refuses %s', (_, spoilt, why) => {
    const encode = () => open().engine.encode({ ...action, updates: [spoilt] }, 0n)
    expect(encode).toThrow(UnfitUpdateError)
    expect(encode).toThrow(why)
  })

  test('refuses to guess the operator nonce', () => {
    const { engine } = open()
    const pushes = { ...action, updates: [update] }
    expect(() => engine.encode(pushes, undefined)).toThrow('operator nonce is not known')
  })

  function cheap(text: string) {
    const price = new Decimal(text)
    return { market: pengu, price, reports: penguReports.map((report) => ({ ...report, price })) }
  }
})
