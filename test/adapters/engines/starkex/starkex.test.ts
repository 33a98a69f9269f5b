import { describe, expect, test } from 'vitest'

import { starkexEngine } from '../../../../lib/adapters/engines/starkex/starkex.ts'
import { UnfitUpdateError } from '../../../../lib/adapters/engines/starknet-perpetual/errors.ts'
import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import type { PriceUpdate } from '../../../../lib/domain/action.ts'
import { Decimal } from '../../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import { medianWire, priceFromWire } from '../../../../lib/domain/price-message.ts'
import type { SignedReport } from '../../../../lib/domain/report.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import { goldenPrices } from '../../../domain/golden-tick.ts'
import { starkKey } from '../../chains/keys.ts'
import { btc, eth, openStarkex, oracleNodes, reportsOf, updateOf } from './a-starkex.ts'

const at = timestamp(1_764_000_000_000)
const hex = (value: bigint): `0x${string}` => `0x${value.toString(16)}`
const unasked = { url: 'http://127.0.0.1:1' }

/** What the tick of a call says. */
function tickIn([call]: readonly { readonly kind: string; readonly transaction?: string }[]) {
  return JSON.parse(call?.transaction ?? '') as {
    readonly oracle_prices: Readonly<
      Record<string, { readonly price: string; readonly signed_prices: object }>
    >
    readonly timestamp: string
  }
}

describe('the documented tick', () => {
  const markets = ['BTC-USD', 'ETH-USD'].map(parseMarket)
  const engine = starkexEngine({
    name: 'golden',
    chain: { name: 'starkex', head: async () => Promise.reject(new Error('not asked')) },
    account: 'golden',
    listings: goldenPrices.map(({ assetId, resolution, signed }, index) => ({
      market: markets[index] ?? btc,
      assetId: hex(assetId),
      resolutionFactor: resolution,
      assetName: (signed[0]?.externalAssetId ?? 0n) >> 40n,
    })),
    collateral: 10n ** 6n,
    signers: new Map(
      goldenPrices.flatMap(({ signed }) => signed.map(({ key }) => [key, 0x4d616b6572n] as const)),
    ),
    quorum: 1,
    clock: { now: () => timestamp(0), sleep: async () => Promise.resolve() },
    curve: starkCurve,
    maxFundingRate: undefined,
    feeder: undefined,
    followsTransactions: false,
    batchesFrom: 0,
    liquidation: undefined,
    told: async () => Promise.resolve({ prices: {}, funding: {}, time: undefined }),
  })
  const updates = goldenPrices.map(({ signed }, index): PriceUpdate => {
    const market = markets[index] ?? btc
    const reports = signed.map((one, node): SignedReport => ({
      feed: market,
      round: 1,
      price: priceFromWire(one.wire),
      observedAt: one.at,
      oldestInputAt: one.at,
      sources: 1,
      configHash: '0x00',
      node: `n${node}`,
      signatures: { golden: { signer: hex(one.key), signature: [hex(one.r), hex(one.s)] } },
    }))
    return { market, price: priceFromWire(medianWire(signed.map(({ wire }) => wire))), reports }
  })

  test('comes out of reports with its prices, signers, ids and times, at its newest signature', () => {
    const calls = engine.encode(
      { kind: 'push-prices', engine: 'golden', round: 1, updates },
      undefined,
    )
    const { oracle_prices: prices, timestamp: time } = tickIn(calls)
    expect(time).toBe('4265854110')
    expect(prices['0x0']).toEqual({
      price: '4345629098988793194',
      signed_prices: {
        '0x2ae10445c08f66270cd8d3a71cdac5630a541b1f7d13e47ec1d0373ce3e8fd3': {
          external_asset_id: '0x425443555344000000000000000000004d616b6572',
          price: '10117956201985462554675959028152',
          timestamped_signature: {
            signature: {
              r: '0x6f301f84b4622bcd472a0f375469ce1118d0ce45cb8f9f089ce403981ce5154',
              s: '0xd17a6912b8dd4110ff9f643422448f3a9e725a07be3108aeeccf4a9e9dbdd0',
            },
            timestamp: '3618339112',
          },
        },
      },
    })
    expect(Object.keys(prices['0x1']?.signed_prices ?? {})).toEqual([
      '0x35007be34c2c3d47d2216cb3e13f61d65f4c3c76bb4c57bf1afbe7388bc3238',
      '0x4722c15415ba4ab0a1b3a516be64b94846e9257d25e619c6014f8af08acf90c',
    ])
  })
})

describe('the engine', () => {
  test('signs and verifies what its exchange will, and nothing that was changed', async () => {
    const { engine } = openStarkex(unasked)
    const [report] = await reportsOf(engine, { market: btc, prices: ['97000.5'], at })
    if (!report) throw new Error('there is one')
    const changed = [
      { ...report, price: new Decimal('97000.6') },
      { ...report, observedAt: timestamp(at + 1_000) },
      { ...report, feed: eth },
      { ...report, round: 2 },
      { ...report, signatures: {} },
    ]
    expect(await engine.verifyAll([report, ...changed])).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })

  test('signs with no key that is not a signer, and no price that it could not store', async () => {
    const { engine } = openStarkex(unasked)
    const report = { ...(await reportsOf(engine, { market: btc, prices: ['1'], at }))[0] }
    const one = { ...report, price: new Decimal('0.000000000000000001') } as SignedReport
    const keys = oracleNodes[0] ?? { node: '', stark: undefined, evm: undefined }
    expect(await engine.signAll([one], keys)).toEqual([undefined])
    const stranger = { node: 'x', stark: starkKey('0x404'), evm: undefined }
    expect(await engine.signAll([report as SignedReport], stranger)).toEqual([undefined])
    expect(
      await engine.signAll([report as SignedReport], { ...stranger, stark: undefined }),
    ).toEqual([undefined])
  })

  test('writes the median of the three, and of two a price between them', async () => {
    const { engine } = openStarkex(unasked)
    const three = await updateOf(engine, { market: btc, prices: ['100', '102', '101'], at })
    const two = await updateOf(engine, { market: eth, prices: ['10', '11'], at })
    const action = {
      kind: 'push-prices',
      engine: 'perps',
      round: 1,
      updates: [three, two],
    } as const
    const { oracle_prices: prices } = tickIn(engine.encode(action, undefined))
    // 101 and 10.5 USD · 1e6 · 2^32 / 1e10 and 1e9, rounded half up by hand.
    expect(prices['0x4254432d3130000000000000000000']?.price).toBe('43379170')
    expect(prices['0x4554482d3900000000000000000000']?.price).toBe('45097157')
  })

  test.for([
    ['too few reports', (one: PriceUpdate) => ({ ...one, reports: one.reports.slice(1) })],
    ['another price than the median', (one: PriceUpdate) => ({ ...one, price: new Decimal(99) })],
    [
      'two reports of one key',
      (one: PriceUpdate) => ({ ...one, reports: [...one.reports, ...one.reports] }),
    ],
    [
      'a market that it has not',
      (one: PriceUpdate) => ({ ...one, market: parseMarket('SOL-USD') }),
    ],
  ] as const)('writes nothing with %s', async ([, change]) => {
    const { engine } = openStarkex(unasked)
    const update = await updateOf(engine, { market: btc, prices: ['100', '100'], at })
    const action = {
      kind: 'push-prices',
      engine: 'perps',
      round: 1,
      updates: [change(update)],
    } as const
    expect(() => engine.encode(action, undefined)).toThrow(UnfitUpdateError)
  })

  test('says what of the network file cannot be right', async () => {
    const { engine } = openStarkex(unasked)
    expect(await engine.check(oracleNodes)).toEqual([])
    const stranger = { node: 'x', stark: starkKey('0x404'), evm: undefined }
    const { publicKey } = stranger.stark
    expect(await engine.check([stranger, { ...stranger, node: 'y', stark: undefined }])).toEqual([
      `perps: ${publicKey} of node x is not a signer`,
      'perps: node y has no STARK key to sign with',
    ])
  })

  test('says what cannot be done where its batches are not told, or not the newest of them', async () => {
    const liquidation = {
      collateralAsset: 1n,
      segmentedBy: 'balance',
      risk: { 'BTC-USD': [], 'SOL-USD': [] },
      position: undefined,
      key: undefined,
    } as const
    const feeder = {
      lastBatchId: async () => Promise.resolve(undefined),
      info: async () => Promise.reject(new Error('not asked')),
      data: async () => Promise.reject(new Error('not asked')),
    }
    expect(await openStarkex({ ...unasked, liquidation }).engine.check([])).toEqual([
      'perps: nobody can be liquidated there, since its chain says nothing of its batches',
      'perps: liquidation.risk names SOL-USD, which it does not list',
    ])
    expect(await openStarkex({ ...unasked, feeder }).engine.check([])).toEqual([
      'perps: its feeder does not tell its newest batch, so that transactions cannot be followed; set batches.tellsNewest to false',
    ])
  })
})
