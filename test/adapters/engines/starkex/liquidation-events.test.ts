import { describe, expect, test } from 'vitest'

import { batchBlock, beforeBatches } from '../../../../lib/adapters/engines/starkex/batch-blocks.ts'
import type { StarkexExchange } from '../../../../lib/adapters/engines/starkex/exchange.ts'
import { starkexLiquidationEvents } from '../../../../lib/adapters/engines/starkex/liquidation-events.ts'
import type { BatchInfo, BatchTransaction } from '../../../../lib/adapters/starkex-feeder.ts'
import { writeStarkexTransaction } from '../../../../lib/domain/starkex/write-transaction.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import { anOrder, btcAsset, ethAsset } from '../../../infra/local/starkex-gateway/a-book.ts'
import { btc } from './a-starkex.ts'

/** BTC alone is in the network file. */
const exchange: Pick<StarkexExchange, 'engine' | 'listings'> = {
  engine: 'perps',
  listings: new Map([
    [
      btc,
      {
        market: btc,
        assetId: '0x4254432d3130000000000000000000',
        resolutionFactor: 10n ** 10n,
        assetName: 1n,
      },
    ],
  ]),
}

const one = 1n << 32n

/** Half a minute for each. */
const at = (second: number) => timestamp((1_764_000_000 + second) * 1_000)

function ticked(second: number, prices: readonly (readonly [bigint, bigint])[]): unknown {
  const told = prices.map(([assetId, price]) => ({ assetId, price, signed: [] }))
  return JSON.parse(
    writeStarkexTransaction({ type: 'ORACLE_PRICES_TICK', at: at(second), prices: told }),
  ) as unknown
}

/** 1,000 of a long that is worth `price` each, for 960 and a fee of 10. */
function liquidated(change: Partial<ReturnType<typeof anOrder>> = {}, collateral = 960n): unknown {
  return JSON.parse(
    writeStarkexTransaction({
      type: 'LIQUIDATE',
      liquidated: 30n,
      order: { ...anOrder(change), r: 1n, s: 2n },
      actualCollateral: collateral,
      actualSynthetic: 1_000n,
      actualFee: 10n,
    }),
  ) as unknown
}

function deleveraged(isDeleveragerBuying: boolean): unknown {
  return JSON.parse(
    writeStarkexTransaction({
      type: 'DELEVERAGE',
      deleveraged: 31n,
      deleverager: 41n,
      asset: btcAsset,
      synthetic: 500n,
      collateral: 550n,
      isDeleveragerBuying,
    }),
  ) as unknown
}

type Handed = { readonly transaction: unknown; readonly alternatives?: readonly unknown[] }

/** Batches 10, 12, 14, … of these transactions, numbered from 100 on, each a minute after the other. */
function batchesOf(...all: readonly (readonly Handed[])[]) {
  let next = 100
  const infos = new Map<number, BatchInfo>()
  for (const [place, handed] of all.entries()) {
    const id = 10 + 2 * place
    infos.set(id, {
      previousId: place === 0 ? 4 : id - 2,
      sequence: place,
      positionRoot: `0${place}`,
      orderRoot: `0${place}`,
      createdAt: at(60 * (place + 1)),
      transactions: handed.map(({ transaction, alternatives }): BatchTransaction => ({
        id: next++,
        transaction,
        alternatives,
      })),
    })
  }
  return infos
}

async function readAll(infos: ReadonlyMap<number, BatchInfo>, from = 10, after?: number) {
  const asked: number[] = []
  const feeder = {
    async info(id: number) {
      asked.push(id)
      const batch = infos.get(id)
      return Promise.resolve(
        batch ? ({ kind: 'batch', batch } as const) : ({ kind: 'none', code: 'NONE' } as const),
      )
    },
  }
  const blockOf = (id: number) => {
    const info = infos.get(id)
    return info ? batchBlock(id, info) : { ...beforeBatches, number: from }
  }
  const last = Math.max(...infos.keys())
  const events = starkexLiquidationEvents(exchange, feeder, from)
  const found = await events(blockOf(after ?? -1), blockOf(last))
  if (found.kind === 'gone') throw new Error('its batches are there')
  return { ...found, asked }
}

const alone = (...transactions: readonly unknown[]): readonly Handed[] =>
  transactions.map((transaction) => ({ transaction }))

describe('what the batches of a StarkEx exchange tell of liquidations', () => {
  test('is what was paid, by the mark of the moment what the account lost by it, and who had how much of that', async () => {
    const infos = batchesOf(alone(ticked(5, [[btcAsset, one]]), liquidated()))
    const { events, insuranceFund, batch, through } = await readAll(infos)
    expect(events).toEqual([
      {
        kind: 'liquidated',
        block: { ...batchBlock(10, infos.get(10) as BatchInfo), time: at(60) },
        batch: 10,
        transaction: '0x65',
        place: 0,
        at: at(5),
        account: '30',
        liquidator: '20',
        asset: '0x4254432d3130000000000000000000',
        market: 'BTC-USD',
        base: -1_000n,
        cash: 960n,
        price: one,
        penalty: 40n,
        exchangeFee: 10n,
        reward: 30n,
        cover: 0n,
      },
    ])
    expect(insuranceFund).toBeUndefined()
    expect(batch).toEqual({ id: 10, nextTransaction: 102 })
    expect(through.number).toBe(11)
  })

  test('of a short is the other way round, and a market that is not in the network file has no name', async () => {
    const short = liquidated(
      { isBuying: false, syntheticAsset: ethAsset, collateral: 1_040n },
      1_040n,
    )
    const { events } = await readAll(batchesOf(alone(ticked(5, [[ethAsset, one]]), short)))
    expect(events).toMatchObject([
      { base: 1_000n, cash: -1_040n, penalty: 40n, reward: 30n, market: undefined },
    ])
  })

  test('rounds what it is worth by the mark down, for longs and for shorts', async () => {
    // 1,000 at a third is 333.33.
    const third = one / 3n
    const long = await readAll(batchesOf(alone(ticked(5, [[btcAsset, third]]), liquidated())))
    expect(long.events).toMatchObject([{ penalty: 333n - 960n }])
    const short = liquidated({ isBuying: false })
    const other = await readAll(batchesOf(alone(ticked(5, [[btcAsset, third]]), short)))
    expect(other.events).toMatchObject([{ penalty: -334n + 960n }])
  })

  test('of a deleverage is what the other side lost by the mark', async () => {
    const infos = batchesOf(
      alone(ticked(5, [[btcAsset, one]]), deleveraged(true), deleveraged(false)),
    )
    expect((await readAll(infos)).events).toMatchObject([
      {
        kind: 'deleveraged',
        account: '31',
        counterparty: '41',
        base: -500n,
        cash: 550n,
        loss: 50n,
      },
      { base: 500n, cash: -550n, loss: -50n },
    ])
  })
})

const tick = (price: bigint, second = 5) => ticked(second, [[btcAsset, price]])

describe('the mark', () => {
  test('is that of the last tick before it, and not of a later one', async () => {
    const infos = batchesOf(alone(tick(one), tick(2n * one, 9), liquidated(), tick(3n * one, 12)))
    expect((await readAll(infos)).events).toMatchObject([{ price: 2n * one, at: at(9) }])
  })

  test('is carried from an earlier batch where later ticks do not name it, with the time of those', async () => {
    const infos = batchesOf(
      alone(tick(one)),
      alone(ticked(70, [[ethAsset, one]])),
      alone(liquidated()),
    )
    const { events, asked } = await readAll(infos, 10, 12)
    expect(events).toMatchObject([{ price: one, at: at(70), penalty: 40n }])
    expect(asked).toContain(10)
  })

  test('is asked of no earlier batch where the batch itself says it', async () => {
    const infos = batchesOf(alone(tick(one)), alone(), alone(tick(2n * one, 130), liquidated()))
    const { events, asked } = await readAll(infos, 10, 12)
    expect(events).toMatchObject([{ price: 2n * one }])
    expect(asked).not.toContain(10)
  })

  test('is unknown where no batch that is read says it, and penalty and reward with it', async () => {
    const infos = batchesOf(alone(tick(one)), alone(liquidated()))
    const [event] = (await readAll(infos, 12)).events
    expect(event).toMatchObject({ price: undefined, penalty: undefined, reward: undefined })
    // What was paid is known, also to the exchange.
    expect(event).toMatchObject({ cash: 960n, exchangeFee: 10n, block: { time: at(120) } })
    expect(event).not.toHaveProperty('at')
  })

  test('is unknown after a tick that is not as gateways write it, until the next one that is', async () => {
    const strange = { type: 'ORACLE_PRICES_TICK', prices: 'of another release' }
    const infos = batchesOf(
      alone(tick(one)),
      alone(strange, liquidated(), tick(2n * one, 100), liquidated()),
    )
    const { events } = await readAll(infos, 10, 10)
    expect(events.map((event) => event.kind === 'liquidated' && event.price)).toEqual([
      undefined,
      2n * one,
    ])
  })

  test('is not that of a tick that was replaced', async () => {
    const infos = batchesOf([
      { transaction: tick(one) },
      { transaction: tick(2n * one, 9), alternatives: [] },
      { transaction: liquidated() },
    ])
    expect((await readAll(infos)).events).toMatchObject([{ price: one, at: at(5) }])
  })
})

describe('what was executed', () => {
  test('is what came in the place of a transaction, each part of it under its id', async () => {
    const parts = { type: 'MULTI_TRANSACTION', txs: [liquidated(), deleveraged(true)] }
    const infos = batchesOf([
      { transaction: liquidated(), alternatives: [] },
      { transaction: liquidated(), alternatives: [liquidated({}, 970n)] },
      { transaction: parts },
    ])
    const { events, batch } = await readAll(infos)
    expect(events.map(({ transaction, place, cash }) => [transaction, place, cash])).toEqual([
      ['0x65', 0, 970n],
      ['0x66', 0, 960n],
      ['0x66', 1, 550n],
    ])
    expect(batch?.nextTransaction).toBe(103)
  })

  test('must be readable where a position is closed, or the books would lack it', async () => {
    const infos = batchesOf(alone({ type: 'LIQUIDATE', of: 'another release' }))
    await expect(readAll(infos)).rejects.toThrow(
      'perps: transaction 100 of batch 10 closes a position, but is not as gateways write it and cannot be booked',
    )
  })
})
