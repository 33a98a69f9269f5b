import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { startStarkexGateway } from '../../../../infra/local/starkex-gateway/start-starkex-gateway.ts'
import { writeStarkexTransaction } from '../../../../lib/domain/starkex/write-transaction.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import {
  actionOf,
  gatewayConfig,
  openStarkex,
} from '../../../adapters/engines/starkex/a-starkex.ts'

const start = 1_764_000_000
const [btc, eth, sol] = [0x4254432d3130000000000000000000n, 0x4554482d3900000000000000000000n, 3n]

/** A gateway that was told 100 USD for both assets, at its first second. */
async function aGateway(stateFile?: string) {
  let seconds = start
  const gateway = await startStarkexGateway({
    config: gatewayConfig(),
    now: () => seconds * 1000,
    ...(stateFile !== undefined && { stateFile }),
  })
  onTestFinished(async () => gateway.stop().catch(() => undefined))
  const clock = { now: () => timestamp(seconds * 1000), sleep: async () => Promise.resolve() }
  const { engine } = openStarkex({ url: gateway.url, clock })
  function add(tx: string): string {
    try {
      gateway.exchange.add(`{"tx_id":${gateway.exchange.firstUnused()},"tx":${tx}}`)
      return 'taken'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  return {
    ...gateway,
    add,
    async price() {
      const action = await actionOf(engine, { price: '100', at: clock.now() })
      const [call] = engine.encode(action, undefined)
      return add(call?.kind === 'starkex' ? call.transaction : '')
    },
    pass: (by: number) => {
      seconds += by
    },
    tick: (indices: readonly (readonly [bigint, bigint])[], at = seconds) =>
      add(
        writeStarkexTransaction({
          type: 'FUNDING_TICK',
          at: timestamp(at * 1000),
          ticks: indices.map(([assetId, fundingIndex]) => ({ assetId, fundingIndex })),
        }),
      ),
  }
}

const zeros = [
  [btc, 0n],
  [eth, 0n],
] as const

// 1,120 · 42,949,673 (100 USD of BTC) · 60 s / 2^32, rounded down: what an index may move in a minute.
const most = 672n

const moved = (by: bigint) => [[btc, by] as const, [eth, 0n] as const]

test('indices move with the time and the price, either way, and no faster', async () => {
  const it = await aGateway()
  expect(await it.price()).toBe('taken')
  expect(it.tick(zeros)).toBe('taken')
  it.pass(60)
  expect(it.tick(moved(most + 1n))).toBe('INVALID_FUNDING_TICK_RATE')
  expect(it.tick(moved(-most - 1n))).toBe('INVALID_FUNDING_TICK_RATE')
  expect(it.tick(moved(-most))).toBe('taken')
  it.pass(60)
  expect(it.tick(moved(0n))).toBe('taken')
  expect(it.exchange.state()).toMatchObject({
    systemTime: BigInt(start + 120),
    fundingTime: BigInt(start + 120),
  })
})

test('what had an index before stays in, and needs a price', async () => {
  const it = await aGateway()
  expect(it.tick([[btc, 0n]])).toBe('taken')
  it.pass(1)
  expect(it.tick([[btc, 0n]])).toBe('MISSING_ORACLE_PRICE')
  await it.price()
  expect(it.tick([[eth, 0n]])).toBe('MISSING_GLOBAL_FUNDING_INDEX')
  expect(it.tick(zeros)).toBe('taken')
})

test('its time goes on, and is near the real one', async () => {
  const it = await aGateway()
  await it.price()
  expect(it.tick(zeros, start - 1)).toBe('SYSTEM_TIME_DECREASING')
  expect(it.tick(zeros, start + 301)).toBe('INVALID_TICK_TIMESTAMP_DISTANCE_FROM_BLOCKCHAIN_TIME')
  expect(it.tick(zeros)).toBe('taken')
  expect(it.tick(zeros)).toBe('INVALID_FUNDING_TICK_TIMESTAMP')
  it.pass(1)
  expect(it.tick(zeros)).toBe('taken')
})

test('an asset that it has not is refused, and so is an index of 65 bits', async () => {
  const it = await aGateway()
  expect(it.tick([[sol, 0n]])).toBe('MISSING_SYNTHETIC_ASSET_ID')
  const text =
    '{"type":"FUNDING_TICK","global_funding_indices":{"indices":{"0x1":"0"},"timestamp":"1"}}'
  expect(it.add(text.replace('"0"', '0'))).toBe('SCHEMA_VALIDATION_ERROR')
  const large = text.replace('0x1', '0x4254432d3130000000000000000000').replace('"1"', `"${start}"`)
  expect(it.add(large.replace('"0"', `"${2n ** 63n}"`))).toBe('OUT_OF_RANGE_FUNDING_INDEX')
})

test('all of it is there again after the next start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'starkeep-gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'state.jsonl')
  const first = await aGateway(file)
  await first.price()
  first.tick(zeros)
  const state = first.exchange.state()
  await first.stop()
  const second = await aGateway(file)
  expect(second.exchange.state()).toEqual(state)
  expect(second.exchange.firstUnused()).toBe(2)
  await second.stop()
  expect((await aGateway(file)).exchange.state()).toEqual(state)
})
