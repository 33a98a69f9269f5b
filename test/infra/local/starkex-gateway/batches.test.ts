import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { aBook, aPosition, bookStart, btcAsset, riskyConfig } from './a-book.ts'

const positions = new Map([
  [30n, aPosition(-1_100n, [[btcAsset, 1_000n]])],
  [40n, aPosition(5_000n, [[btcAsset, -600n]])],
  [50n, aPosition(7n)],
])

const batches = { transactions: 3, seconds: 30, gap: 2 }

const deleverage = {
  type: 'DELEVERAGE',
  deleveraged: 30n,
  deleverager: 40n,
  asset: btcAsset,
  synthetic: 500n,
  collateral: 550n,
  isDeleveragerBuying: true,
} as const

type Info = {
  readonly previous_batch_id: number
  readonly sequence_number: number
  readonly position_root: string
  readonly previous_position_root: string
  readonly time_created: string
  readonly txs_info: readonly { readonly original_tx_id: number }[]
}

async function ready(stateFile?: string) {
  const it = await aBook(positions, {
    config: riskyConfig({ batches }),
    ...(stateFile !== undefined && { stateFile }),
  })
  return {
    ...it,
    info: async (id: number) =>
      (await it.get(`/feeder_gateway/get_batch_info?batch_id=${id}`)) as Info,
    data: async (id: number) => it.get(`/availability_gateway/get_batch_data?batch_id=${id}`),
    last: async () => (await it.get('/feeder_gateway/get_last_batch_id')) as number,
  }
}

describe('batches', () => {
  test('the first one has all that was there from the start', async () => {
    const it = await ready()
    const first = await it.last()
    expect(await it.info(first)).toMatchObject({
      previous_batch_id: -1,
      sequence_number: 0,
      time_created: String(bookStart),
      txs_info: [],
    })
    expect((await it.info(first)).position_root).toMatch(/^[0-9a-f]{64}$/)
    expect(await it.data(first)).toMatchObject({
      update: {
        prev_batch_id: -1,
        orders: {},
        positions: {
          '30': {
            public_key: '0x777',
            collateral_balance: '-1100',
            assets: {
              '0x4254432d3130000000000000000000': { balance: '1000', cached_funding_index: '0' },
            },
          },
          '40': { collateral_balance: '5000' },
          '50': { public_key: '0x777', collateral_balance: '7', assets: {} },
        },
      },
    })
  })

  test('are closed when they are full, with the leaves that they changed alone', async () => {
    const it = await ready()
    const first = await it.last()
    await it.price()
    it.fund()
    expect(await it.last()).toBe(first)
    expect(it.add(deleverage)).toBe('taken')
    const second = await it.last()
    expect(second).toBeGreaterThan(first)
    const info = await it.info(second)
    expect(info).toMatchObject({ previous_batch_id: first, sequence_number: 1 })
    expect(info.previous_position_root).toBe((await it.info(first)).position_root)
    expect(info.position_root).not.toBe(info.previous_position_root)
    expect(info.txs_info).toMatchObject([
      {
        original_tx_id: 0,
        was_replaced: false,
        alt_txs: null,
        original_tx: { type: 'ORACLE_PRICES_TICK' },
      },
      { original_tx_id: 1, original_tx: { type: 'FUNDING_TICK' } },
      { original_tx_id: 2, original_tx: { type: 'DELEVERAGE', deleveraged_position_id: '30' } },
    ])
    const { update } = (await it.data(second)) as { update: { positions: object } }
    expect(Object.keys(update.positions)).toEqual(['30', '40'])
  })

  test('are closed when they are old, and have gaps between their ids', async () => {
    const it = await ready()
    const ids = [await it.last()]
    for (let at = 0; at < 5; at += 1) {
      await it.price()
      it.pass(30)
      ids.push(await it.last())
    }
    const gaps = ids.slice(1).map((id, at) => id - (ids[at] ?? 0))
    expect(gaps.every((gap) => gap >= 1 && gap <= 3)).toBe(true)
    expect(gaps.some((gap) => gap > 1)).toBe(true)
    const previous = await Promise.all(
      ids.slice(1).map(async (id) => (await it.info(id)).previous_batch_id),
    )
    expect(previous).toEqual(ids.slice(0, -1))
    // A price changes no leaf.
    const newest = await it.info(ids.at(-1) ?? 0)
    expect(newest.position_root).toBe(newest.previous_position_root)
  })

  test('that are not there are told by a code, with status 200', async () => {
    const it = await ready()
    const last = await it.last()
    const asked = await fetch(
      `${new URL(it.url).origin}/feeder_gateway/get_batch_info?batch_id=${last + 1}`,
    )
    expect(asked.status).toBe(200)
    expect(await asked.json()).toMatchObject({ code: 'StarkErrorCode.BATCH_NOT_READY' })
    expect(await it.data(last + 1)).toEqual({ update: null })
    expect(await it.info(0)).toMatchObject({ code: 'StarkErrorCode.INVALID_BATCH_ID' })
    expect(await it.data(0)).toMatchObject({ code: 'StarkErrorCode.INVALID_BATCH_ID' })
  })

  test('an aborted one is followed by another with its transactions, after the same one before', async () => {
    const it = await ready()
    const first = await it.last()
    await it.price()
    it.exchange.closeBatch()
    const second = await it.last()
    it.exchange.abortBatch()
    expect(await it.last()).toBe(first)
    expect(await it.info(second)).toMatchObject({ code: 'StarkErrorCode.BATCH_ABORTED' })
    it.pass(30)
    const third = await it.last()
    expect(third).toBeGreaterThan(second)
    expect(await it.info(third)).toMatchObject({
      previous_batch_id: first,
      txs_info: [{ original_tx_id: 0 }],
    })
  })

  test('what was replaced has no effect, and its alternatives have theirs', async () => {
    const it = await ready()
    await it.price()
    it.fund()
    expect(it.add(deleverage)).toBe('taken')
    it.exchange.replace(2, [])
    expect(it.position(30n)).toEqual(positions.get(30n))
    expect((await it.info(await it.last())).txs_info[2]).toMatchObject({
      original_tx_id: 2,
      was_replaced: true,
      alt_txs: [],
      original_tx: { type: 'DELEVERAGE' },
    })
  })

  test('are all there again after the next start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'starkeep-gateway-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'state.jsonl')
    const first = await ready(file)
    await first.price()
    first.fund()
    first.add(deleverage)
    const last = await first.last()
    const before = [await first.info(last), await first.data(last)]
    await first.price()
    const state = first.exchange.state()
    await first.stop()
    const second = await ready(file)
    expect(second.exchange.state()).toEqual(state)
    expect(await second.last()).toBe(last)
    expect([await second.info(last), await second.data(last)]).toEqual(before)
    expect(second.exchange.firstUnused()).toBe(4)
  })
})
