import { describe, expect, test } from 'vitest'

import type { SettleFunding } from '../../../lib/domain/action.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { nothingOwed } from '../../../lib/domain/funding/late-epoch.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { btc, eth, gatewayConfig } from '../../adapters/engines/starkex/a-starkex.ts'
import { type LaneOnStarkex, laneOnStarkex } from './lane-on-starkex.ts'

const zero = new Decimal(0)

async function ready() {
  const config = gatewayConfig({ batches: { transactions: 100, seconds: 86_400, gap: 1 } })
  const it = await laneOnStarkex({ config }, { timeoutMs: 5_000 })
  await it.add(1)
  await advanceLane(it.process())
  return it
}

/** An epoch in which both indexes move by one. */
async function settleFunding(it: LaneOnStarkex, epoch: number): Promise<string> {
  const id = `settle-funding:perps:epoch-${epoch}`
  const { funding } = await it.told()
  const action: SettleFunding = {
    kind: 'settle-funding',
    engine: 'perps',
    round: epoch,
    at: it.clock.now(),
    attempt: 1,
    whole: true,
    updates: [btc, eth].map((market) => {
      const before = funding[market]?.index
      return {
        market,
        epochRate: zero,
        rate: zero,
        owed: nothingOwed,
        lastSample: zero,
        before: before ?? 0n,
        after: before === undefined ? 0n : before + 1n,
      }
    }),
  }
  await it.store.intents.add({
    id,
    lane: 'starkex/perps-main',
    action,
    createdAt: it.clock.now(),
    deadline: timestamp(it.clock.now() + 60_000),
    state: { kind: 'waiting' },
  })
  await advanceLane(it.process())
  return id
}

const kindOf = async (it: LaneOnStarkex, id: string) => (await it.store.intents.get(id))?.state.kind

/** Another batch makes the one before it count. */
async function prove(it: LaneOnStarkex): Promise<void> {
  it.gateway.exchange.closeBatch()
  it.clock.pass(30_000)
  await it.add(99)
  await advanceLane(it.process())
  it.gateway.exchange.closeBatch()
  await advanceLane(it.process())
}

describe('work on a StarkEx exchange whose batches are followed', () => {
  test('is done with a batch that counts, and not with the gateway’s word', async () => {
    const it = await ready()
    const id = await settleFunding(it, 1)
    expect(await kindOf(it, id)).toBe('included')
    it.gateway.exchange.closeBatch()
    // Longer than its deadline, which concerns what was not sent.
    it.clock.pass(120_000)
    await advanceLane(it.process())
    expect(await kindOf(it, id)).toBe('included')
    it.gateway.exchange.closeBatch()
    await advanceLane(it.process())
    expect(await kindOf(it, id)).toBe('settled')
    expect((await it.lane())?.unproven).toBeUndefined()
  })

  test('failed where it was replaced, and what it told is not known any more', async () => {
    const it = await ready()
    const first = await settleFunding(it, 1)
    it.clock.pass(60_000)
    const at = (await it.told()).funding[btc]?.at
    const second = await settleFunding(it, 2)
    expect((await it.told()).funding[btc]?.index).toBe(1n)
    it.gateway.exchange.replace(2, [])
    await prove(it)
    expect(await kindOf(it, first)).toBe('settled')
    expect((await it.store.intents.get(second))?.state).toMatchObject({
      kind: 'failed',
      reason: expectedWords(
        `transaction 2 (${second}) was taken, but replaced by nothing in batch`,
        it,
      ),
    })
    expect((await it.told()).funding[btc]).toEqual({ index: 0n, at })
    expect(it.notices.some((one) => one.kind === 'trouble' && one.message.includes(second))).toBe(
      true,
    )
  })

  test('prices are settled at once, and told again where they were replaced', async () => {
    const it = await ready()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled' })
    it.gateway.exchange.replace(0, [])
    it.gateway.exchange.closeBatch()
    it.clock.pass(10_000)
    await settleFunding(it, 1)
    it.gateway.exchange.closeBatch()
    await advanceLane(it.process())
    expect((await it.told()).prices).toEqual({})
    expect(it.notices.filter((one) => one.kind === 'trouble')).toMatchObject([
      {
        message: expectedWords(
          'transaction 0 (push-prices:perps:round-1) was taken, but replaced by nothing in batch',
          it,
        ),
      },
    ])
  })

  test('nothing of that keeps anybody from sending where the feeder does not answer', async () => {
    const it = await ready()
    const id = await settleFunding(it, 1)
    const world = it.process()
    const silent = { ...world.chain, fates: async () => Promise.reject(new Error('no answer')) }
    it.clock.pass(10_000)
    await it.add(2)
    await advanceLane({ ...world, chain: silent })
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled' })
    expect(await kindOf(it, id)).toBe('included')
  })
})

/** The first batch that the gateway closes has the lowest id. */
function expectedWords(words: string, { gateway }: LaneOnStarkex): string {
  const transaction = Number(/transaction (\d+)/.exec(words)?.[1])
  for (let id = 0; id <= gateway.exchange.lastBatchId(); id += 1) {
    try {
      const info = gateway.exchange.batchInfo(id) as { txs_info: { original_tx_id: number }[] }
      if (info.txs_info.some((one) => one.original_tx_id === transaction)) return `${words} ${id}`
    } catch {
      // A gap.
    }
  }
  return words
}
