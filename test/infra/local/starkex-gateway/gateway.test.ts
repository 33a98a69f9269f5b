import { describe, expect, onTestFinished, test } from 'vitest'

import { startStarkexGateway } from '../../../../infra/local/starkex-gateway/start-starkex-gateway.ts'
import { oraclePricesTick, type TickPrice } from '../../../../lib/domain/oracle-prices-tick.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import { goldenPrices } from '../../../domain/golden-tick.ts'

/** Of the documented tick: its newest signature. */
const goldenSeconds = 4_265_854_110

const hex = (value: bigint): `0x${string}` => `0x${value.toString(16)}`

/** An exchange whose operator knows exactly the signers of the documented tick. */
const config = {
  collateralResolution: '1000000',
  assets: goldenPrices.map(({ assetId, resolution, signed }) => ({
    assetId: hex(assetId),
    resolution: String(resolution),
    quorum: signed.length,
    signers: signed.map(({ key }) => hex(key)),
    signedAssetIds: [...new Set(signed.map(({ externalAssetId }) => hex(externalAssetId)))],
  })),
  // Its times are random: years lie between them.
  priceValiditySeconds: 2_000_000_000,
}

async function aGateway(change: Partial<Parameters<typeof startStarkexGateway>[0]> = {}) {
  const gateway = await startStarkexGateway({
    config,
    now: () => goldenSeconds * 1000,
    ...change,
  })
  onTestFinished(async () => gateway.stop())
  const ask = async (path: string, body?: string) => {
    const answer = await fetch(
      `${gateway.url}${path}`,
      body === undefined ? {} : { method: 'POST', body },
    )
    return { status: answer.status, text: await answer.text() }
  }
  return {
    ...gateway,
    ask,
    add: async (id: number, tx: string) => {
      const { status, text } = await ask('/add_transaction', `{"tx_id":${id},"tx":${tx}}`)
      return { status, ...(JSON.parse(text) as { code: string; message?: string; tx_id?: number }) }
    },
  }
}

const golden = oraclePricesTick(goldenPrices, timestamp(0))

const nothingAt = (seconds: number) => oraclePricesTick([], timestamp(seconds * 1000))

/** The documented tick with one thing about its second asset changed. */
function tickWith(change: (price: TickPrice) => TickPrice): string {
  const [btc, eth] = goldenPrices
  if (!btc || !eth) throw new Error('it has two assets')
  return oraclePricesTick([btc, change(eth)], timestamp(0))
}

function firstSignedWith(change: Partial<TickPrice['signed'][number]>) {
  return (price: TickPrice): TickPrice => ({
    ...price,
    signed: price.signed.map((one, at) => (at === 0 ? { ...one, ...change } : one)),
  })
}

describe('the gateway takes', () => {
  test('the tick of StarkEx’s own documents, and tells the id', async () => {
    const { add, ask, exchange } = await aGateway()
    expect((await ask('/get_first_unused_tx_id')).text).toBe('0')
    expect(await add(0, golden)).toEqual({ status: 200, code: 'TRANSACTION_RECEIVED', tx_id: 0 })
    expect((await ask('/get_first_unused_tx_id')).text).toBe('1')
    expect(exchange.prices()).toEqual({
      '0x0': '4345629098988793194',
      '0x1': '14829673561266596382',
    })
  })

  test('the same again, and nothing else for its id', async () => {
    const { add, ask } = await aGateway()
    await add(0, golden)
    expect(await add(0, golden)).toMatchObject({ code: 'TRANSACTION_RECEIVED' })
    const other = nothingAt(goldenSeconds)
    expect(await add(0, other)).toMatchObject({ status: 500, code: 'INVALID_TRANSACTION_ID' })
    expect((await ask('/get_first_unused_tx_id')).text).toBe('1')
  })

  test('a tick without prices', async () => {
    const { add } = await aGateway()
    const nothing = nothingAt(goldenSeconds)
    expect(await add(0, nothing)).toMatchObject({ code: 'TRANSACTION_RECEIVED' })
  })

  test('any price between the two middle ones', async () => {
    const { add } = await aGateway()
    const low = 9_290_656_578_034_177_000n
    const between = tickWith((price) => ({ ...price, price: low + 10n ** 18n }))
    expect(await add(0, between)).toMatchObject({ code: 'TRANSACTION_RECEIVED' })
  })
})

describe('the gateway refuses', () => {
  test.for([
    ['a signature that is not right', 'INVALID_SIGNATURE', firstSignedWith({ r: 1n })],
    ['one on another price', 'INVALID_SIGNATURE', firstSignedWith({ wire: 1n })],
    [
      'one at another time',
      'INVALID_SIGNATURE',
      firstSignedWith({ at: timestamp(4_265_854_109_000) }),
    ],
    ['a stranger’s key', 'INVALID_ASSET_ORACLE_PRICE', firstSignedWith({ key: 1n })],
    [
      'another asset’s name',
      'INVALID_ASSET_ORACLE_PRICE',
      firstSignedWith({ externalAssetId: 5n }),
    ],
    [
      'too few',
      'MISSING_SIGNED_ORACLE_PRICE',
      (price: TickPrice) => ({ ...price, signed: price.signed.slice(0, 1) }),
    ],
    [
      'an asset that it has not',
      'MISSING_SYNTHETIC_ASSET_ID',
      (price: TickPrice) => ({ ...price, assetId: 7n }),
    ],
    [
      'a price above the upper',
      'INVALID_ASSET_ORACLE_PRICE',
      (price: TickPrice) => ({ ...price, price: price.price + 1n }),
    ],
  ] as const)('%s', async ([, code, change]) => {
    const { add, ask } = await aGateway()
    expect(await add(0, tickWith(change))).toMatchObject({ status: 500, code })
    expect((await ask('/get_first_unused_tx_id')).text).toBe('0')
  })

  test.for([
    ['no price', 'OUT_OF_RANGE_PRICE', '14829673561266596382', '0'],
    ['a price that does not fit', 'OUT_OF_RANGE_PRICE', '14829673561266596382', `${2n ** 64n}`],
    [
      'a signed price that does not fit',
      'OUT_OF_RANGE_EXTERNAL_PRICE',
      '216314955048675504460053108771',
      `${2n ** 120n}`,
    ],
  ] as const)('%s', async ([, code, price, other]) => {
    const { add } = await aGateway()
    const tick = golden.replace(`"${price}"`, `"${other}"`)
    expect(await add(0, tick)).toMatchObject({ status: 500, code })
  })

  test('a price rounded down', async () => {
    const { add } = await aGateway()
    const [btc] = goldenPrices
    if (!btc) throw new Error('it has two assets')
    const floor = oraclePricesTick(
      [{ ...btc, price: btc.price - 1n }],
      timestamp(goldenSeconds * 1000),
    )
    expect(await add(0, floor)).toMatchObject({ code: 'INVALID_ASSET_ORACLE_PRICE' })
  })

  test('a time before the last tick’s, and takes the same one', async () => {
    const { add } = await aGateway()
    await add(0, nothingAt(goldenSeconds))
    expect(await add(1, nothingAt(goldenSeconds - 1))).toMatchObject({
      code: 'SYSTEM_TIME_DECREASING',
    })
    expect(await add(1, nothingAt(goldenSeconds))).toMatchObject({ code: 'TRANSACTION_RECEIVED' })
  })

  test('a time that is far from the real one, either way', async () => {
    const { add } = await aGateway()
    const code = 'INVALID_TICK_TIMESTAMP_DISTANCE_FROM_BLOCKCHAIN_TIME'
    for (const [off, refused] of [
      [-301, true],
      [301, true],
      [-300, false],
    ] as const) {
      const tick = nothingAt(goldenSeconds + off)
      expect(await add(0, tick)).toMatchObject({ code: refused ? code : 'TRANSACTION_RECEIVED' })
    }
  })

  test('signatures older than prices may be, and newer than the tick', async () => {
    const { add } = await aGateway({ config: { ...config, priceValiditySeconds: 1_000 } })
    const code = 'MISSING_ORACLE_PRICE_SIGNED_IN_TIME_RANGE'
    await add(0, nothingAt(goldenSeconds))
    expect(await add(1, golden)).toMatchObject({ code })
    const { add: addFirst } = await aGateway()
    const early = golden.replace(/"4265854110"\}$/, '"4265854109"}')
    expect(await addFirst(0, early)).toMatchObject({ code })
  })

  test('an id that is not the next one', async () => {
    const { add } = await aGateway()
    expect(await add(1, golden)).toMatchObject({ code: 'INVALID_TRANSACTION_ID' })
  })

  test.for([
    ['no JSON', '{', 'MALFORMED_REQUEST'],
    [
      'a number where text belongs',
      golden.replace('"price":"434', '"price":434').replace('3194"', '3194'),
      'SCHEMA_VALIDATION_ERROR',
    ],
    ['hex in upper case', golden.replace('0x2ae', '0x2AE'), 'SCHEMA_VALIDATION_ERROR'],
    ['a key too many', golden.replace('{"type"', '{"more":1,"type"'), 'SCHEMA_VALIDATION_ERROR'],
    [
      'the plural of a key',
      golden.replaceAll('timestamped_signature', 'timestamped_signatures'),
      'SCHEMA_VALIDATION_ERROR',
    ],
    ['another kind', '{"type":"MULTI_TRANSACTION","txs":[]}', 'SCHEMA_VALIDATION_ERROR'],
  ])('%s', async ([, tx, code]) => {
    const { add } = await aGateway()
    expect(await add(0, tx ?? '')).toMatchObject({ code })
  })
})

describe('a gateway that holds what is too early', () => {
  test('goes on where the gap is filled', async () => {
    const { add, ask } = await aGateway({ config: { ...config, gaps: 'held' } })
    const tick = nothingAt(goldenSeconds)
    expect(await add(1, tick)).toMatchObject({ code: 'TRANSACTION_RECEIVED' })
    expect((await ask('/get_first_unused_tx_id')).text).toBe('0')
    await add(0, tick)
    expect((await ask('/get_first_unused_tx_id')).text).toBe('2')
  })
})
